"""What the baselines have in common: overlaps, the focal loss, and what holds for each of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmark.training.baselines.networks import PRESETS, AnyConfig, make_network
from datagen.geometry.boxes import pairwise_iou
from model.baseline import Baseline, Candidates, oddness
from model.encoder_2d import make_encoder
from model.focal import PRIOR, focal_cost, focal_loss
from model.overlap import overlaps, suppress
from model.scenes import Views
from tests.support.baselines import (
    TINY_DETR3D,
    TINY_IMVOXELNET,
    box_batch,
    taught,
    with_more_room,
)
from tests.support.detectors import BOXES, TINY, some_targets, some_views

pytestmark = pytest.mark.usefixtures("one_thread")

each = pytest.mark.parametrize("config", [TINY_IMVOXELNET, TINY_DETR3D], ids=lambda c: c.kind)


def network(config: AnyConfig) -> Baseline:
    torch.manual_seed(0)
    return make_network(config).eval()


def test_overlaps_of_known_boxes() -> None:
    unit = torch.tensor([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    others = torch.stack([unit, unit + 0.5, unit * 2, unit + torch.tensor([2.0, 0.0, 0.0])])
    iou, giou = overlaps(unit, others)
    shared = 0.125 / (2 - 0.125)
    assert torch.allclose(iou, torch.tensor([1.0, shared, 1 / 8, 0.0]))
    # round them 1, 1.5^3, 8 and 3 cubic metres, of which these are in neither
    waste = torch.tensor([0.0, (3.375 - 1.875) / 3.375, 0.0, 1 / 3])
    assert torch.allclose(giou, iou - waste)
    assert np.allclose(
        overlaps(BOXES[:, None], BOXES + 0.05)[0], pairwise_iou(BOXES.numpy(), BOXES.numpy() + 0.05)
    )


def test_boxes_that_lie_apart_are_drawn_together() -> None:
    box = torch.tensor([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    away = (box + torch.tensor([3.0, 0.0, 0.0])).requires_grad_()
    overlaps(box, away)[1].backward()
    assert away.grad is not None and away.grad[0, 0] < 0


def test_the_less_confident_of_two_boxes_of_one_object_goes() -> None:
    boxes = torch.cat([BOXES, BOXES[:1] + 0.01])
    kept = suppress(boxes, torch.tensor([0.5, 0.2, 0.9, 0.6]), 0.25)
    assert kept.tolist() == [2, 3, 1]
    assert suppress(boxes, torch.tensor([0.5, 0.2, 0.9, 0.6]), 1.0).tolist() == [2, 3, 0, 1]


def test_the_focal_loss_at_known_logits() -> None:
    """At a probability of .5 it is alpha, or 1 - alpha, times .25 log 2."""
    loss = focal_loss(torch.zeros(2), torch.tensor([1.0, 0.0]))
    assert torch.allclose(loss, torch.tensor([0.25, 0.75]) * 0.25 * np.log(2))
    logits = torch.linspace(-3, 3, 7)
    as_one, as_zero = (focal_loss(logits, torch.full((7,), wanted)) for wanted in (1.0, 0.0))
    assert torch.allclose(focal_cost(logits), as_one - as_zero, atol=1e-6)
    assert torch.allclose(torch.tensor(PRIOR).sigmoid(), torch.tensor(0.01))


def test_oddness_is_the_odd_classs_share() -> None:
    logits = torch.tensor([[0.0, 0.0], [-3.0, -3.0], [2.0, -9.0], [-9.0, 2.0]])
    assert torch.allclose(oddness(logits)[:2], torch.tensor([0.5, 0.5]))
    assert oddness(logits)[2] > 0.99 > 0.01 > oddness(logits)[3]


def test_given_boxes_are_judged_by_the_candidate_that_overlaps_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = network(TINY_DETR3D)
    found = Candidates(BOXES + 0.02, torch.tensor([0.9, 0.01, 0.9]), torch.tensor([0.1, 0.8, 0.3]))
    monkeypatch.setattr(type(model), "candidates", lambda self, views: [found])
    views = some_views(1, 2, 32)
    assert torch.equal(model.judge(views, [BOXES[[1, 0, 1]]])[0], torch.tensor([0.8, 0.1, 0.8]))
    assert model.judge(views, [BOXES[:0]])[0].shape == (0,)
    kept = model.detect(views)[0]
    assert torch.equal(kept.boxes, found.boxes[[0, 2]])
    assert torch.equal(kept.scores, found.odd[[0, 2]])


@each
def test_any_number_of_views_in_any_order(config: AnyConfig) -> None:
    model = network(config)
    for count in (1, 2, 5):
        views = some_views(1, count, config.image)
        found = model.candidates(views)[0]
        assert torch.isfinite(found.boxes).all() and (found.boxes[:, 0] < found.boxes[:, 1]).all()
        for value in (found.confidence, found.odd):
            assert ((value >= 0) & (value <= 1)).all()
        turned = replace(
            views, images=views.images.flip(1), world_to_camera=views.world_to_camera.flip(1)
        )
        again = model.candidates(turned)[0]
        for name in ("boxes", "confidence", "odd"):
            assert torch.allclose(getattr(found, name), getattr(again, name), atol=1e-4)


@each
def test_scenes_of_a_batch_do_not_touch_each_other(config: AnyConfig) -> None:
    model, views = network(config), some_views(2, 2, config.image)
    together = model.candidates(views)[1]
    second = Views(*(values[1:] for values in vars(views).values()))
    alone = model.candidates(second)[0]
    assert torch.allclose(together.boxes, alone.boxes, atol=1e-5)
    assert torch.allclose(together.odd, alone.odd, atol=1e-5)


@each
def test_room_for_more_objects_changes_no_loss(config: AnyConfig) -> None:
    model = network(config).train()
    views, targets = some_views(2, 2, config.image), some_targets(2, 2, TINY)
    first = model.loss(views, targets, torch.Generator().manual_seed(0))
    again = model.loss(views, with_more_room(targets, 4), torch.Generator().manual_seed(0))
    assert first.keys() == again.keys()
    for key, value in first.items():
        assert torch.allclose(value, again[key], rtol=1e-5), key


@each
def test_the_loss_is_the_sum_of_its_terms_and_needs_no_object(config: AnyConfig) -> None:
    model = network(config).train()
    views, targets = some_views(1, 2, config.image), some_targets(1, 2, TINY)
    for present in (True, False):
        some = replace(targets, present=torch.full((1, 3), present))
        terms = model.loss(views, some, torch.Generator().manual_seed(0))
        loss = terms.pop("loss")
        assert torch.isfinite(loss) and torch.allclose(loss, sum(terms.values()))


@each
def test_gradients_reach_every_parameter(config: AnyConfig) -> None:
    model = network(config).train()
    views, targets = some_views(1, 2, config.image), some_targets(1, 2, TINY)
    model.loss(views, targets, torch.Generator().manual_seed(0))["loss"].backward()
    for name, weight in model.named_parameters():
        assert weight.grad is not None and weight.grad.abs().sum() > 0, name


@each
def test_a_world_with_its_origin_elsewhere_is_the_same(config: AnyConfig) -> None:
    """Boxes move with it: the frame stands where the cameras look, and not on the origin."""
    model, views = network(config), some_views(1, 3, config.image)
    moved, shift = torch.eye(4), torch.tensor([3.0, -5.0, 0.0])
    moved[:3, 3] = -shift
    elsewhere = replace(views, world_to_camera=views.world_to_camera @ moved)
    here, there = model.candidates(views)[0], model.candidates(elsewhere)[0]
    count = min(len(here.boxes), 10)
    assert torch.allclose(here.boxes[:count] + shift, there.boxes[:count], atol=1e-3)
    assert torch.allclose(here.odd[:count], there.odd[:count], atol=1e-3)


@pytest.mark.parametrize(
    ("config", "steps"), [(TINY_IMVOXELNET, 60), (TINY_DETR3D, 60)], ids=["imvoxelnet", "detr3d"]
)
def test_two_scenes_are_learnt(config: AnyConfig, steps: int, tmp_path: Path) -> None:
    """Their boxes overlap the true ones by half and more: frames and losses agree."""
    views, targets = box_batch(tmp_path / "out", 2, views=2)
    model = network(config)
    before = model.loss(views, targets, torch.Generator().manual_seed(0))["loss"]
    taught(model, views, targets, steps, 8e-3)
    after = model.loss(views, targets, torch.Generator().manual_seed(0))["loss"]
    assert after < 0.7 * before
    for row, found in enumerate(model.candidates(views)):
        iou, _ = overlaps(targets.boxes[row][:, None], found.boxes[None])
        assert (iou.amax(dim=1) > 0.5).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("config", "steps"), [(TINY_IMVOXELNET, 160), (TINY_DETR3D, 400)], ids=["imvoxelnet", "detr3d"]
)
def test_eight_scenes_are_learnt_by_heart(config: AnyConfig, steps: int, tmp_path: Path) -> None:
    """All 24 objects found, tightly, and labelled rightly. A minute each."""
    views, targets = box_batch(tmp_path / "out", 8)
    model = network(config)
    model.least.fill_(0.1)
    result = taught(model, views, targets, steps, 5e-3)
    assert result.found == result.right == 1.0 and result.extra == 0
    assert result.iou > 0.85


@pytest.mark.parametrize("model", PRESETS)
def test_the_sizes(model: str) -> None:
    """The paper's images, views and encoder; the small ones' encoder stays as it is."""
    paper, small, nano = (PRESETS[model][name] for name in ("paper", "small", "nano"))
    assert (paper.image, paper.views, paper.encoder.kind) == (256, 5, "resnet50_fpn")
    assert small.encoder.kind == nano.encoder.kind == "efficientnet_lite0"
    assert not paper.training.augment and small.training.augment
    made = make_network(nano)
    trunk = make_encoder(nano.encoder, 16)
    fixed = sum(weight.numel() for weight in trunk.parameters() if not weight.requires_grad)
    assert sum(w.numel() for w in made.parameters() if not w.requires_grad) == fixed > 0
