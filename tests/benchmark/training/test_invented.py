"""Scenes made up for boxes: they are seen as they stand, and stand as objects can."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from benchmark.training.finder.invented import RADIUS, invented_scene, invented_shape
from datagen.geometry.boxes import pairwise_iou

SIZE = 64


@pytest.mark.parametrize("number", range(6))
def test_every_box_is_as_large_as_its_outline_in_every_view(number: int) -> None:
    scene = invented_scene(SIZE, 0, number)
    assert scene.silhouettes.shape[1:] == (1, SIZE // 2, SIZE // 2)
    for view, (pose, matrix) in enumerate(
        zip(scene.world_to_camera, scene.intrinsics, strict=True)
    ):
        own = torch.cat([_corners(box) for box in scene.boxes])
        local = own @ pose[:3, :3].T + pose[:3, 3]
        pixels = (local @ matrix.T)[:, :2] / local[:, 2:] / 2
        y, x = torch.where(scene.silhouettes[view, 0] > 0)
        assert x.min() + 1 >= pixels[:, 0].min() and x.max() <= pixels[:, 0].max() + 1
        assert y.min() + 1 >= pixels[:, 1].min() and y.max() <= pixels[:, 1].max() + 1


@pytest.mark.parametrize("number", range(6))
def test_objects_stand_on_the_ground_apart_from_each_other(number: int) -> None:
    boxes = invented_scene(SIZE, 0, number).boxes.double().numpy()
    assert np.allclose(boxes[:, 0, 2], 0, atol=1e-6)
    assert (boxes[:, 1] > boxes[:, 0]).all()
    overlap = pairwise_iou(boxes, boxes) - np.eye(len(boxes))
    assert overlap.max() < 0.9


def test_a_scene_is_its_seed_and_number_alone() -> None:
    first, again, other = (invented_scene(SIZE, 3, number) for number in (5, 5, 6))
    assert torch.equal(first.silhouettes, again.silhouettes)
    assert torch.equal(first.boxes, again.boxes)
    assert not torch.equal(first.silhouettes, other.silhouettes)


def test_shapes_have_the_size_of_the_generators() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        points = np.concatenate(invented_shape(rng))
        assert np.isfinite(points).all()
        assert np.linalg.norm(points, axis=1).max() == pytest.approx(RADIUS)


def _corners(box: torch.Tensor) -> torch.Tensor:
    return torch.stack(torch.meshgrid(*box.T, indexing="ij"), dim=-1).view(-1, 3)
