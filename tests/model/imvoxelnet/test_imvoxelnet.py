"""ImVoxelNet: which voxels are taught what, and where its boxes stand."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from model.backprojection import voxel_centres
from model.baseline import NORMAL, ODD
from model.imvoxelnet.head import EDGE, Dense, Head
from model.imvoxelnet.loss import assign, dense_loss
from model.imvoxelnet.network import ImVoxelNet
from tests.support.baselines import TINY_IMVOXELNET
from tests.support.detectors import BOXES, TINY, some_targets, some_views, world_frame

pytestmark = pytest.mark.usefixtures("one_thread")

FRAME = world_frame((20, 20, 8), 0.05)
POINTS = voxel_centres(FRAME).flatten(1, 3)[0]


def inside(box: torch.Tensor) -> torch.Tensor:
    """Which voxels' middles are in a box."""
    return ((box[1] - POINTS) * (POINTS - box[0])).amin(dim=-1) > 0


def test_voxels_in_a_box_and_near_its_middle_are_taught_it() -> None:
    found = assign(POINTS, BOXES, FRAME.voxel[0], nearest=18)
    for number, box in enumerate(BOXES):
        mine = POINTS[found.index == number]
        assert 0 < len(mine) <= 18
        assert ((mine > box[0]) & (mine < box[1])).all()
        others = POINTS[inside(box) & (found.index != number)]
        far, near = ((other - box.mean(0)).norm(dim=-1) for other in (mine, others))
        assert far.max() <= near.min() + 1e-6
    assert (found.centreness[found.index < 0] == 0).all()


def test_centreness_is_one_in_the_middle_and_falls_to_the_faces() -> None:
    box = torch.tensor([[[0.0, 0.0, 0.0], [0.4, 0.4, 0.4]]])
    points = torch.tensor([[0.2, 0.2, 0.2], [0.3, 0.2, 0.2], [0.39, 0.2, 0.2], [0.41, 0.2, 0.2]])
    found = assign(points, box, torch.tensor(0.05), nearest=18)
    assert torch.allclose(found.centreness[:2], torch.tensor([1.0, (0.1 / 0.3) ** 0.5]))
    assert found.centreness[2] < 0.2 and found.index.tolist() == [0, 0, 0, -1]


def test_a_box_thinner_than_a_voxel_is_taught_too() -> None:
    thin = torch.tensor([[[-0.2, -0.2, 0.0], [0.2, 0.2, 0.01]]])
    found = assign(POINTS, thin, FRAME.voxel[0], nearest=9)
    assert (found.index == 0).sum() == 9
    assert (assign(POINTS, thin[:0], FRAME.voxel[0], 9).index == -1).all()


def test_a_voxel_in_two_boxes_is_taught_the_smaller() -> None:
    boxes = torch.tensor(
        [[[-0.3, -0.3, 0.0], [0.3, 0.3, 0.4]], [[-0.1, -0.1, 0.1], [0.1, 0.1, 0.3]]]
    )
    found = assign(POINTS, boxes, FRAME.voxel[0], nearest=1000)
    inner = inside(boxes[1])
    assert (found.index[inner] == 1).all() and (found.index == 0).sum() > 0


def test_an_untaught_head_says_a_cube_round_every_voxel() -> None:
    head = Head(8)
    torch.nn.init.zeros_(head.boxes.weight)
    dense = head(torch.randn(1, 8, 8, 20, 20), FRAME)
    middle = dense.boxes.mean(dim=2)
    assert torch.allclose(middle, dense.points, atol=1e-6)
    assert torch.allclose(
        dense.boxes[..., 1, :] - dense.boxes[..., 0, :], torch.tensor(EDGE * 0.05)
    )


def test_true_answers_have_no_loss() -> None:
    targets = some_targets(1, 2, TINY)
    found = assign(POINTS, BOXES, FRAME.voxel[0], nearest=18)
    taught, index = found.index >= 0, found.index.clamp(min=0)
    classes = torch.full((len(POINTS), 2), -20.0)
    number = torch.where(targets.labels[0] > 0.5, ODD, NORMAL)[index]
    classes[taught.nonzero()[:, 0], number[taught]] = 20.0
    centreness = found.centreness.clamp(1e-6, 1 - 1e-6).logit()
    dense = Dense(POINTS[None], classes[None], centreness[None], BOXES[index][None])
    terms = dense_loss(dense, targets, FRAME.voxel, 18)
    assert terms["classification"] < 1e-6 and terms["box"].abs() < 1e-5
    other = dense_loss(dense, replace(targets, labels=1 - targets.labels), FRAME.voxel, 18)
    assert other["classification"] > 1 and other["box"] == terms["box"]


def test_one_object_has_one_score() -> None:
    """No two candidates overlap by more than the configuration lets them, whatever their class."""
    torch.manual_seed(0)
    model = ImVoxelNet(TINY_IMVOXELNET).eval()
    found = model.candidates(some_views(1, 2, TINY_IMVOXELNET.image))[0]
    low = torch.maximum(found.boxes[:, None, 0], found.boxes[None, :, 0])
    high = torch.minimum(found.boxes[:, None, 1], found.boxes[None, :, 1])
    shared = (high - low).clamp(min=0).prod(-1)
    size = (found.boxes[:, 1] - found.boxes[:, 0]).prod(-1)
    iou = shared / (size[:, None] + size[None] - shared)
    assert (iou - torch.eye(len(iou))).max() <= TINY_IMVOXELNET.head.apart + 1e-6
    assert (found.confidence.diff() <= 0).all()
