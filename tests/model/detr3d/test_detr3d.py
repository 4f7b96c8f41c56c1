"""DETR3D: its anchors, whom it matches, what denoising queries know, and where it looks."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from model.detr3d.anchors import as_anchors, as_boxes, ground_anchors, in_widths
from model.detr3d.config import NANO, PAPER, QueryConfig
from model.detr3d.decoder import Said
from model.detr3d.loss import Pairs, copies_as_pairs, match, set_loss
from model.detr3d.network import Detr3d
from model.detr3d.noising import may_listen, noised
from tests.support.baselines import TINY_DETR3D, with_more_room
from tests.support.detectors import BOXES, TINY, some_targets, some_views, world_frame

pytestmark = pytest.mark.usefixtures("one_thread")

FRAME = world_frame((32, 32, 12), 0.04)
LOSS = NANO.set_loss


def test_an_anchor_is_a_box_and_back() -> None:
    anchors = as_anchors(BOXES[None], FRAME)
    assert torch.allclose(as_boxes(anchors, FRAME), BOXES[None], atol=1e-6)
    outside = BOXES[None] + torch.tensor([9.0, 0.0, 0.0])
    moved = as_boxes(as_anchors(outside, FRAME), FRAME)
    assert torch.isfinite(moved).all() and (moved.mean(2)[..., 0] < 0.64).all()
    widths = in_widths(BOXES[None], FRAME)[0]
    assert torch.allclose(widths[:, 3:] * 1.28, BOXES[:, 1] - BOXES[:, 0])


def test_queries_start_evenly_on_the_ground() -> None:
    boxes = as_boxes(ground_anchors(QueryConfig("ground", 4, 6))[None], FRAME)[0]
    middle = boxes.mean(dim=1)
    assert middle.shape == (24, 3) and len(middle.unique(dim=0)) == 24
    assert torch.allclose(middle.mean(0)[:2], torch.zeros(2), atol=1e-6)
    assert (middle[:, 2] < 0.12).all()
    assert PAPER.queries.rows * PAPER.queries.columns == 900


def said_of(boxes: torch.Tensor, odd: list[float]) -> Said:
    logits = torch.tensor([[value, -value] for value in odd], dtype=torch.float32)
    return Said(logits[None], boxes[None])


def test_every_object_is_given_the_query_that_costs_least() -> None:
    """Query 0 is near object 2, 3 near 0; 1 and 2 both at object 1, of which 2 has its class."""
    targets = some_targets(1, 2, TINY)
    boxes = torch.stack([BOXES[2] + 0.02, BOXES[1], BOXES[1], BOXES[0] - 0.01])
    pairs = match(said_of(boxes, [-2, 2, -2, 2]), targets, FRAME, LOSS)
    assert dict(zip(pairs.object.tolist(), pairs.query.tolist(), strict=True)) == {0: 3, 1: 2, 2: 0}
    fewer = match(said_of(boxes[:2], [-2, 2]), targets, FRAME, LOSS)
    assert len(fewer.query) == 2
    padded = match(said_of(boxes, [-2, 2, -2, 2]), with_more_room(targets, 3), FRAME, LOSS)
    assert sorted(padded.object.tolist()) == [0, 1, 2]


def test_the_best_sum_is_taken_not_the_best_pair() -> None:
    """Both objects are nearest to query 0; the one that loses less goes to query 1."""
    targets = replace(some_targets(1, 2, TINY), present=torch.tensor([[False, True, True]]))
    step = torch.tensor([0.0, 0.3, 0.0])
    boxes = torch.stack([BOXES[1] * 0.5 + BOXES[2] * 0.5, BOXES[1] + step])
    pairs = match(said_of(boxes, [0, 0]), targets, FRAME, LOSS)
    assert dict(zip(pairs.object.tolist(), pairs.query.tolist(), strict=True)) == {1: 1, 2: 0}


def test_true_answers_have_no_loss() -> None:
    targets, pairs = (
        some_targets(1, 2, TINY),
        Pairs(*torch.tensor([[0, 0, 0], [0, 1, 2], [0, 1, 2]])),
    )
    logits = torch.tensor([[[20.0, -20.0], [-20.0, 20.0], [-20.0, 20.0], [-20.0, -20.0]]])
    said = Said(logits, torch.cat([BOXES, BOXES[:1]])[None])
    real = torch.ones((1, 4), dtype=torch.bool)
    assert sum(set_loss(said, pairs, real, targets, FRAME, LOSS).values()) < 1e-5
    wrong = set_loss(said, pairs, real, replace(targets, labels=1 - targets.labels), FRAME, LOSS)
    assert wrong["classification"] > 1 and wrong["distance"] == wrong["overlap"] == 0


def test_copies_are_near_their_objects_and_know_no_label() -> None:
    targets = with_more_room(some_targets(2, 2, TINY), 1)
    copies = noised(targets, LOSS, torch.Generator().manual_seed(0))
    other = replace(targets, labels=1 - targets.labels)
    again = noised(other, LOSS, torch.Generator().manual_seed(0))
    assert torch.equal(copies.boxes, again.boxes)
    pairs = copies_as_pairs(copies.present, 4)
    assert len(pairs.query) == 2 * LOSS.noised * 3
    mine = copies.boxes[pairs.scene, pairs.query]
    true = targets.boxes[pairs.scene, pairs.object]
    edges = true[:, 1] - true[:, 0]
    assert ((mine - true).mean(1).abs() <= LOSS.moved * edges + 1e-6).all()
    assert ((mine[:, 1] - mine[:, 0]) / edges).log().abs().max() <= LOSS.resized + 1e-5
    assert (mine != true).any(dim=(1, 2)).all()


def test_queries_hear_no_copy() -> None:
    present = torch.tensor([[True, True, False, True, True, False]])
    heard = may_listen(3, 2, present)[0]
    assert heard[:3, :3].all() and not heard[:3, 3:].any() and not heard[3:, :3].any()
    assert heard[3, 4] and not heard[3, 5] and not heard[3, 6] and heard[5, 5]


def test_what_queries_say_does_not_depend_on_copies() -> None:
    torch.manual_seed(0)
    model, views = Detr3d(TINY_DETR3D), some_views(1, 2, 32)
    terms = model.loss(views, some_targets(1, 2, TINY), torch.Generator().manual_seed(0))
    again = model.loss(views, some_targets(1, 2, TINY), torch.Generator().manual_seed(1))
    for key in ("classification", "distance", "overlap"):
        assert torch.allclose(terms[key], again[key], rtol=1e-5)
    assert not torch.allclose(terms["denoising"], again["denoising"], rtol=1e-5)
    plain = Detr3d(replace(TINY_DETR3D, set_loss=PAPER.set_loss))
    assert "denoising" not in plain.loss(
        views, some_targets(1, 2, TINY), torch.Generator().manual_seed(0)
    )


def test_every_layer_has_a_loss_and_learns_its_start_where_asked() -> None:
    learnt = replace(TINY_DETR3D, queries=QueryConfig("learnt", 3, 3), set_loss=PAPER.set_loss)
    torch.manual_seed(0)
    model = Detr3d(learnt).train()
    model.loss(some_views(1, 2, 32), some_targets(1, 2, TINY), torch.Generator())["loss"].backward()
    for name, weight in model.named_parameters():
        assert weight.grad is not None and weight.grad.abs().sum() > 0, name
    assert "start" in dict(model.named_parameters())
