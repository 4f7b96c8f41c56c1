"""Patches of the pretrained maps: whose they are, how solid, and how they compare."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from model import patches as module
from model.backprojection import project
from model.config import EncoderConfig
from model.cross_scene_mixing import Labelled, mix_scenes
from model.detector import OddOneOutNetwork
from model.frame import Frame
from model.losses import TrainingStep
from model.objects import ObjectPatches
from model.patch_summary import PatchSummary
from model.patches import Compared, compare, read_patches
from model.rays import Rays
from model.rendering import opacity
from model.scenes import Views
from tests.support.detectors import BOXES, TINY, some_targets, some_views

CELLS = 16
PRESENT = torch.ones((1, 3), dtype=torch.bool)
READS = replace(
    TINY,
    image=64,
    encoder=EncoderConfig("efficientnet_lite0", width=8),
    matching=replace(TINY.matching, looks=True, siblings=True, patches=True),
)


def told_apart(views: Views, boxes: torch.Tensor) -> ObjectPatches:
    """Read from maps in which every cell has a direction of its own, in empty space."""
    count = views.images.shape[1] * CELLS**2
    level = torch.eye(count).view(1, -1, CELLS, CELLS, count).permute(0, 1, 4, 2, 3)
    frame = Frame(torch.tensor([[-0.5, -0.5, 0.0]]), torch.tensor([0.1]), (10, 10, 5))
    return read_patches((level,), views, boxes, torch.zeros(1, 1, 5, 10, 10), frame)


def inside(box: torch.Tensor, side: int = 60) -> torch.Tensor:
    """Points (side^3, 3) all over a box."""
    step = (torch.arange(side) + 0.5) / side
    fraction = torch.stack(torch.meshgrid(step, step, step, indexing="ij"), dim=-1).view(-1, 3)
    return box[0] + fraction * (box[1] - box[0])


def test_an_object_has_the_cells_in_which_its_box_is_seen() -> None:
    views = some_views(1, 2, 64)
    found = told_apart(views, BOXES[None])
    for number, box in enumerate(BOXES):
        pixels, _ = project(inside(box)[None], views)
        cell = (pixels[0] / 64 * CELLS).floor().long()
        seen = {
            view * CELLS**2 + int(y) * CELLS + int(x)
            for view in range(2)
            for x, y in cell[view].unique(dim=0)
        }
        own = set(found.maps[0, number][found.there[0, number]].argmax(dim=1).tolist())
        assert own <= seen
        assert len(own) > 0.5 * len(seen)


def test_a_cell_belongs_to_the_box_in_front_alone() -> None:
    views = some_views(1, 1, 64)
    near = BOXES[:1]
    centre = -views.world_to_camera[0, 0, :3, :3].T @ views.world_to_camera[0, 0, :3, 3]
    away = near.mean(dim=1) - centre
    behind = near + 0.3 * away[:, None] * torch.tensor([1.0, 1.0, 0.0])
    alone = told_apart(views, near[None])
    both = told_apart(views, torch.stack([near[0], behind[0]])[None])
    assert torch.equal(both.maps[0, 0][both.there[0, 0]], alone.maps[0, 0][alone.there[0, 0]])
    owned = both.maps[0][both.there[0]].sum(dim=0)
    assert owned.max() == 1
    hidden = told_apart(views, behind[None]).there.sum() - both.there[0, 1].sum()
    assert hidden > 0


def test_beyond_a_number_of_cells_even_ones_are_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    views = some_views(1, 2, 64)
    every = told_apart(views, BOXES[None])
    monkeypatch.setattr(module, "MOST", 8)
    some = told_apart(views, BOXES[None])
    assert some.maps.shape[2] == 8 and some.there.all()
    for number in range(3):
        cells = every.maps[0, number][every.there[0, number]]
        chosen = some.maps[0, number].argmax(dim=1)
        assert len(chosen.unique()) == 8
        assert torch.equal(chosen, cells.argmax(dim=1)[torch.arange(8) * len(cells) // 8])


def test_opacity_is_that_of_the_way_through_the_density() -> None:
    """Beer-Lambert: density .3 per voxel of .1 m over 0 to 1 m along x."""
    frame = Frame(torch.zeros(1, 3), torch.tensor([0.1]), (10, 10, 10))
    ray = torch.tensor([[[-1.0, 0.5, 0.5]]]), torch.tensor([[[1.0, 0.0, 0.0]]])
    density = torch.full((1, 1, 10, 10, 10), 0.3)
    for near, far in ((1.0, 2.0), (1.2, 1.5), (1.4, 1.4)):
        rays = Rays(*ray, torch.tensor([[near]]), torch.tensor([[far]]))
        wanted = 1 - np.exp(-0.3 * (far - near) / 0.1)
        assert opacity(density, frame, rays, 16)[0, 0] == pytest.approx(wanted, abs=1e-5)


def drawn(counts: tuple[int, ...], channels: int = 5, seed: int = 0) -> ObjectPatches:
    generator = torch.Generator().manual_seed(seed)
    most = max(counts)
    maps = torch.randn((1, len(counts), most, channels), generator=generator)
    there = torch.arange(most) < torch.tensor(counts)[:, None]
    shares = torch.rand((2, 1, len(counts), most), generator=generator)
    return ObjectPatches(
        torch.nn.functional.normalize(maps, dim=-1), there[None], shares[0], 2 * shares[1] - 1
    )


def test_the_measures_are_those_of_their_definition() -> None:
    """Written out for one cell after another, objects of several sizes, one of them absent."""
    own = drawn((4, 6, 3, 5))
    present = torch.tensor([[True, True, True, False]])
    found = compare(own, present)
    cells = [own.maps[0, n][own.there[0, n]].double().numpy() for n in range(3)]
    for n in range(3):
        siblings = [m for m in range(3) if m != n]
        for t, cell in enumerate(cells[n]):
            best = [int((cells[m] @ cell).argmax()) for m in siblings]
            like = [cells[m][b] @ cell for m, b in zip(siblings, best, strict=True)]
            theirs = [
                np.mean([(cells[k] @ cells[m][b]).max() for k in siblings if k != m])
                for m, b in zip(siblings, best, strict=True)
            ]
            wanted = [np.mean(like), min(like), max(like), own.ground[0, n, t], np.mean(theirs)]
            measures = found.measures[0, n, t].numpy()
            assert measures[:5] == pytest.approx(1 - np.array(wanted), abs=1e-5)
            assert measures[5] == own.solid[0, n, t]
            mean = np.mean([cells[m][b] for m, b in zip(siblings, best, strict=True)], axis=0)
            assert found.apart[0, n, t].numpy() == pytest.approx(cell - mean, abs=1e-5)
    assert not found.measures[0, 3].any() and not found.apart[0, 3].any()
    assert not found.measures[~own.there].any() and not found.apart[~own.there].any()


def test_the_same_cells_in_another_order_are_not_unlike() -> None:
    own = drawn((6,))
    maps = torch.stack([own.maps[0, 0], own.maps[0, 0].flip(0), own.maps[0, 0].roll(2, 0)])[None]
    three = ObjectPatches(maps, *(v.expand(1, 3, 6) for v in (own.there, own.solid, own.ground)))
    found = compare(three, PRESENT)
    assert found.measures[..., [0, 1, 2, 4]].abs().max() < 1e-6 and found.apart.abs().max() < 1e-6


def test_of_two_objects_each_has_the_other_to_compare_with() -> None:
    found = compare(drawn((4, 4)), PRESENT[:, :2])
    assert torch.isfinite(found.measures).all()
    assert (found.measures[..., 4] - found.measures[..., 0]).abs().max() > 0.01


def test_the_worst_are_one_cell_in_so_many_and_at_least_one() -> None:
    torch.manual_seed(0)
    summary = PatchSummary(5, 4)
    own = replace(drawn((40, 3)), solid=torch.ones(1, 2, 40))
    measures = torch.zeros(1, 2, 40, 6)
    measures[0, 0, :, 0] = torch.arange(40.0)
    measures[0, 1, :3, 0] = torch.tensor([1.0, 5.0, 3.0])
    told = summary(own, Compared(measures * own.there[..., None], torch.zeros_like(own.maps)))
    assert told.shape == (1, 2, summary.channels)
    first, second, third = told[0, :, 12:].unflatten(1, (3, 5))[..., 0].T
    assert first.tolist() == pytest.approx([195.0, 30.0 * 3 / 40])
    assert second.tolist() == pytest.approx([385.0, 50.0])
    assert third.tolist() == pytest.approx([355.0, 50.0])


def reading() -> OddOneOutNetwork:
    torch.manual_seed(0)
    return OddOneOutNetwork(READS).eval()


def test_objects_in_another_order_get_their_scores_in_that_order() -> None:
    model, views = reading(), some_views(1, 2, 64)
    scene, order = model.reconstruct(views), [2, 0, 1]
    scores = model.classify(scene, BOXES[None], PRESENT)
    assert torch.allclose(
        model.classify(scene, BOXES[None, order], PRESENT), scores[:, order], atol=1e-4
    )
    objects = model.objects(scene, BOXES[None])
    own = objects.patches
    assert own is not None
    blind = model.matching(replace(objects, patches=replace(own, maps=own.maps.flip(1))), PRESENT)
    assert not torch.allclose(scores, blind, atol=1e-4)


def test_padding_changes_nothing_and_an_object_alone_has_a_score() -> None:
    model, views = reading(), some_views(1, 2, 64)
    scene = model.reconstruct(views)
    two = model.classify(scene, BOXES[None, :2], PRESENT[:, :2])
    padding = torch.zeros(1, 2, 2, 3)
    present = torch.tensor([[True, True, False, False]])
    padded = model.classify(scene, torch.cat([BOXES[None, :2], padding], dim=1), present)
    assert torch.allclose(two, padded[:, :2], atol=1e-4)
    assert torch.isfinite(model.detect(views, [BOXES[:1]])[0].scores).all()
    assert model.detect(views, [BOXES[:0]])[0].boxes.shape == (0, 2, 3)


def test_low_precision_compares_in_full() -> None:
    model, views = reading(), some_views(1, 2, 64)
    scores = model.classify(model.reconstruct(views), BOXES[None], PRESENT)
    with torch.autocast("cpu", torch.bfloat16):
        low = model.classify(model.reconstruct(views), BOXES[None], PRESENT)
    assert torch.allclose(low.float(), scores, atol=0.05)


def test_training_teaches_the_summary_and_leaves_density_alone() -> None:
    step = TrainingStep(reading()).train()
    views, targets = some_views(2, 2, 64), some_targets(2, 2, READS)
    step(views, targets, 2, torch.Generator().manual_seed(0))["classification"].backward()
    for name, weight in step.detector.matching.patches.named_parameters():
        assert weight.grad is not None and weight.grad.abs().sum() > 0, name
    assert all(weight.grad is None for weight in step.detector.density.parameters())


def test_an_object_of_another_scene_brings_its_patches() -> None:
    model, views = reading(), some_views(2, 2, 64)
    objects = model.objects(model.reconstruct(views), BOXES.expand(2, 3, 2, 3))
    labelled = Labelled(objects, torch.zeros(2, 3), torch.ones((2, 3), dtype=torch.bool))
    made = mix_scenes(labelled, 1.0, torch.Generator().manual_seed(1)).objects
    assert made.patches is not None and objects.patches is not None
    for scene in range(2):
        lender = objects.patches.maps[1 - scene]
        same = [torch.equal(made.patches.maps[scene, -1], lender[n]) for n in range(3)]
        assert sum(same) == 1
        volumes = objects.volumes[1 - scene, same.index(True)]
        assert torch.equal(made.volumes[scene, -1], volumes)
