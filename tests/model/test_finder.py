"""The finder: volumes that are hulls, targets and peaks that undo each other, gradients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmark.scoring.matching import match
from benchmark.training.finder.samples import disturbed, turned
from model.efficientnet import CHANNELS, FrozenTrunk
from model.finder.birds_eye import BirdsEyeNetwork, centre_loss, centre_targets, peaks
from model.finder.closer_look import (
    CloserBoxes,
    CloserLook,
    closer_loss,
    distinct,
    paired_iou,
)
from model.finder.config import FinderConfig
from model.finder.finder import TAPS, Finder
from model.finder.silhouettes import silhouette_loss, silhouette_targets
from model.finder.volume import Region, region_of, silhouette_volume
from model.rays import crossing, lines_of_sight
from model.scenes import Views
from tests.support.detectors import BOXES, some_views

SIZE = 64
CONFIG = FinderConfig(image=SIZE, head=8, cells=48, cell=0.025, width=8)


def seen_boxes(views: Views, boxes: Tensor) -> Tensor:
    """(V, 1, SIZE, SIZE): 1 where a ray meets one of the boxes (N, 2, 3)."""
    count = views.images.shape[1]
    y, x = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
    pixels = (torch.stack([x, y], dim=-1).view(-1, 2) + 0.5).repeat(count, 1)[None]
    view = torch.arange(count).repeat_interleave(SIZE * SIZE)[None]
    origin, direction = lines_of_sight(views, view, pixels)
    near, far = crossing(origin[:, :, None], direction[:, :, None], boxes[:, 0], boxes[:, 1])
    return (near < far).any(dim=-1).float().view(count, 1, SIZE, SIZE)


def look_closer(look: CloserLook, views: Views, boxes: Tensor) -> CloserBoxes:
    seen = seen_boxes(views, BOXES)
    return look(boxes, seen, views.intrinsics[0], views.world_to_camera[0], SIZE)


def volume_of(views: Views, boxes: Tensor, region: Region) -> Tensor:
    silhouettes = seen_boxes(views, boxes)
    return silhouette_volume(
        silhouettes, views.intrinsics[0], views.world_to_camera[0], SIZE, region, CONFIG
    )


def test_the_volume_is_full_where_an_object_is_and_empty_where_a_view_sees_past() -> None:
    views = some_views(1, 8, SIZE)
    region = region_of(views.world_to_camera[0], CONFIG)
    least = volume_of(views, BOXES, region)[: len(CONFIG.levels)]
    steps = region.to_world(torch.arange(CONFIG.cells)[:, None] + 0.5)
    for box in BOXES:
        inner = box + torch.tensor([[0.04], [-0.04]])
        x = (steps[:, 0] > inner[0, 0]) & (steps[:, 0] < inner[1, 0])
        y = (steps[:, 1] > inner[0, 1]) & (steps[:, 1] < inner[1, 1])
        assert least[0][y][:, x].min() > 0.9
    outside = torch.stack(
        [((steps[:, None] - box[:, :2].mean(0)).abs().amax(-1) > 0.25).squeeze() for box in BOXES]
    )
    far = outside.all(dim=0)
    assert least[:, far][:, :, far].max() < 0.5


def test_the_volume_does_not_depend_on_the_order_of_the_views() -> None:
    views = some_views(1, 5, SIZE)
    region = region_of(views.world_to_camera[0], CONFIG)
    order = torch.tensor([3, 0, 4, 2, 1])
    mixed = Views(*(values[:, order] for values in vars(views).values()))
    assert torch.allclose(
        volume_of(views, BOXES, region), volume_of(mixed, BOXES, region), atol=1e-6
    )


def test_what_no_view_sees_is_nothing() -> None:
    views = some_views(1, 3, SIZE)
    wide = Region(torch.zeros(2), CONFIG.cells, 0.1)
    least, mean, share = volume_of(views, BOXES, wide).chunk(3)
    unseen = share == 0
    assert unseen.any() and not least[unseen].any() and not mean[unseen].any()


def test_the_region_lies_where_the_cameras_look() -> None:
    views = some_views(1, 6, SIZE)
    middle = region_of(views.world_to_camera[0], CONFIG).middle
    assert middle.abs().max() < 0.15
    moved = views.world_to_camera[0].clone()
    moved[:, :3, 3] -= moved[:, :3, :3] @ torch.tensor([2.0, -1.0, 0.0])
    shifted = region_of(moved, CONFIG).middle
    assert torch.allclose(shifted - middle, torch.tensor([2.0, -1.0]), atol=1e-4)


def test_peaks_of_targets_are_the_boxes() -> None:
    region = Region(torch.tensor([0.03, -0.02]), CONFIG.cells, CONFIG.cell)
    wanted = centre_targets(BOXES, region)
    said = torch.zeros(6, CONFIG.cells, CONFIG.cells)
    said[0] = torch.logit(wanted.heat.clamp(1e-4, 1 - 1e-4))
    x, y = wanted.cell.unbind(dim=1)
    said[1:, y, x] = wanted.values.T
    found = peaks(said, region, least=0.9)
    assert len(found.boxes) == len(BOXES)
    distance = torch.cdist(found.boxes.view(-1, 6), BOXES.view(-1, 6))
    assert torch.allclose(distance.amin(dim=0), torch.zeros(len(BOXES)), atol=1e-5)


def test_boxes_outside_the_region_are_no_target_and_a_scene_without_any_has_a_loss() -> None:
    region = Region(torch.zeros(2), CONFIG.cells, CONFIG.cell)
    nothing = centre_targets(BOXES + 10.0, region)
    assert len(nothing.cell) == 0 and not nothing.heat.any()
    loss = centre_loss(torch.zeros(1, 6, CONFIG.cells, CONFIG.cells), [nothing])
    assert torch.isfinite(loss) and loss > 0


@pytest.mark.parametrize("seed", range(8))
def test_a_turned_volume_belongs_to_its_turned_boxes(seed: int) -> None:
    """The heat of turned boxes is the turned heat."""
    middle = torch.tensor([0.1, 0.05])
    region = Region(middle, CONFIG.cells, CONFIG.cell)
    boxes = BOXES + torch.tensor([0.1041, 0.0537, 0.0])
    heat, moved = turned(
        centre_targets(boxes, region).heat[None], boxes, middle, np.random.default_rng(seed)
    )
    assert torch.allclose(heat[0], centre_targets(moved, region).heat, atol=1e-5)
    assert torch.allclose(
        (moved[:, 1] - moved[:, 0]).prod(-1), (boxes[:, 1] - boxes[:, 0]).prod(-1)
    )


def test_all_weights_get_a_gradient() -> None:
    finder = Finder(CONFIG)
    images = torch.rand(2, 3, SIZE, SIZE)
    maps = [
        torch.rand(2, c, SIZE // s, SIZE // s)
        for c, s in zip(CHANNELS.values(), (2, 4, 8, 16), strict=True)
    ]
    instance = torch.zeros(2, SIZE, SIZE, dtype=torch.uint8)
    instance[:, 10:30, 10:30], instance[:, 10:30, 31:50] = 1, 2
    silhouette_loss(finder.head(images, maps), silhouette_targets(instance)).backward()
    region = Region(torch.zeros(2), CONFIG.cells, CONFIG.cell)
    said = finder.birds_eye(torch.rand(1, 3 * len(CONFIG.levels), CONFIG.cells, CONFIG.cells))
    centre_loss(said, [centre_targets(BOXES, region)]).backward()
    views = some_views(1, 4, SIZE)
    closer = look_closer(finder.closer_look, views, BOXES * 1.1)
    closer_loss(closer, BOXES, torch.tensor([True, True, False])).backward()
    for name, weight in finder.named_parameters():
        assert weight.grad is not None and weight.grad.abs().sum() > 0, name


def test_borders_lie_between_neighbours_only() -> None:
    instance = torch.zeros(1, SIZE, SIZE, dtype=torch.uint8)
    instance[:, 10:30, 10:30], instance[:, 10:30, 31:50] = 1, 2
    border = silhouette_targets(instance)[0, 1]
    assert border[6:14, 15].all()
    assert not border[:, :12].any() and not border[:, 20:].any()


def test_the_network_overfits_a_scene(one_thread: None) -> None:
    torch.manual_seed(0)
    views = some_views(1, 8, SIZE)
    region = region_of(views.world_to_camera[0], CONFIG)
    volume, wanted = volume_of(views, BOXES, region), centre_targets(BOXES, region)
    network = BirdsEyeNetwork(3 * len(CONFIG.levels), 16)
    optimiser = torch.optim.AdamW(network.parameters(), 1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-2, 150)
    for _ in range(150):
        optimiser.zero_grad()
        centre_loss(network(volume[None]), [wanted]).backward()
        optimiser.step()
        schedule.step()
    found = peaks(network(volume[None])[0].detach(), region, 0.3)
    _, _, overlap = match(found.boxes.double().numpy(), BOXES.double().numpy())
    assert len(found.boxes) == len(overlap) == len(BOXES) and overlap.min() > 0.65


def test_a_closer_look_sets_boxes_right(one_thread: None) -> None:
    """And tells those that hold an object from one beside it."""
    torch.manual_seed(0)
    views, rng = some_views(1, 8, SIZE), np.random.default_rng(0)
    look = CloserLook(replace(CONFIG, close_cells=16, close_slices=6, close_width=16))
    optimiser = torch.optim.AdamW(look.parameters(), 5e-3)
    beside = BOXES[:1] + torch.tensor([0.2, -0.25, 0.0])
    near = torch.tensor([True] * len(BOXES) + [False])
    wanted = torch.cat([BOXES, beside])
    for _ in range(150):
        boxes = torch.cat([disturbed(BOXES, rng, 0.1, 0.15), beside])
        optimiser.zero_grad()
        closer_loss(look_closer(look, views, boxes), wanted, near).backward()
        optimiser.step()
    many = BOXES.repeat(10, 1, 1)
    boxes = disturbed(many, rng, 0.1, 0.15)
    with torch.no_grad():
        found = look_closer(look, views, torch.cat([boxes, beside]))
    assert paired_iou(found.boxes[:-1], many).mean() > paired_iou(boxes, many).mean() + 0.05
    assert found.fit[:-1].mean() > 0 > found.fit[-1]


def test_a_box_that_a_better_one_covers_goes() -> None:
    boxes = torch.stack([BOXES[0], BOXES[0] * 1.02, BOXES[1]])
    assert distinct(boxes, torch.tensor([0.5, 0.9, 0.7]), 0.25).tolist() == [1, 2]
    assert distinct(boxes, torch.tensor([0.5, 0.4, 0.7]), 0.999).tolist() == [2, 0, 1]
    assert distinct(boxes[:0], torch.zeros(0), 0.25).tolist() == []
    _, _, found = match(boxes[1:].double().numpy(), BOXES.double().numpy())
    assert paired_iou(boxes[1:], BOXES[:2]).tolist() == pytest.approx(found.tolist(), abs=1e-5)


def test_maps_have_the_channels_that_the_head_expects() -> None:
    maps = FrozenTrunk().maps(torch.rand(1, 3, SIZE, SIZE), TAPS)
    assert [level.shape[1] for level in maps] == list(CHANNELS.values())
    assert [SIZE // level.shape[-1] for level in maps] == [2, 4, 8, 16]


def test_a_scene_without_objects_says_why() -> None:
    torch.manual_seed(0)
    finder = Finder(CONFIG).eval()
    dark = some_views(1, 4, SIZE)
    with torch.no_grad():
        finder.head.out[-1].bias[:] = -20.0
        finder.birds_eye.out[-1].bias[0] = -50.0
    scene = finder.find(FrozenTrunk(), dark)[0]
    assert len(scene.found.boxes) == 0
    assert "no view shows anything" in scene.why_nothing()
    bright = replace(scene, silhouettes=torch.ones_like(scene.silhouettes))
    assert "do not meet in space" in bright.why_nothing()
    assert "does not look like objects" in replace(bright, hull=1.0).why_nothing()
    assert (
        "2 views are too few" in replace(bright, silhouettes=bright.silhouettes[:2]).why_nothing()
    )
