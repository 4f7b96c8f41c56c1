"""An augmented scene is a true scene: what was seen where is still seen there."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmark.training.augment import augmented, mirror, turned
from tests.support.detectors import some_views

SIZE, COUNT = 32, 4


@pytest.fixture
def item() -> dict[str, Tensor]:
    views = some_views(1, COUNT, SIZE, 0)
    noise = torch.Generator().manual_seed(1)
    low = torch.rand((3, 1, 3), generator=noise) * 0.4 - 0.2
    edges = torch.rand((3, 1, 3), generator=noise) * 0.2 + 0.05
    return {
        "images": (views.images[0] * 255).round().to(torch.uint8),
        "masks": views.images[0, :, 0] > 0.5,
        "features": torch.randn((COUNT, 5, 8, 8), generator=noise),
        "intrinsics": views.intrinsics[0],
        "world_to_camera": views.world_to_camera[0],
        "boxes": torch.cat([low, low + edges], dim=1),
        "labels": torch.tensor([1.0, 0.0, 0.0]),
    }


def pixels(item: dict[str, Tensor]) -> Tensor:
    """(V, N, 8, 2) of the boxes' corners."""
    boxes = item["boxes"]
    corners = torch.stack(
        [
            torch.stack([boxes[:, x, 0], boxes[:, y, 1], boxes[:, z, 2]], dim=-1)
            for x, y, z in itertools.product((0, 1), repeat=3)
        ],
        dim=1,
    )
    poses = item["world_to_camera"]
    seen = torch.einsum("vij,nkj->vnki", poses[:, :3, :3], corners) + poses[:, None, None, :3, 3]
    assert (seen[..., 2] > 0).all()
    image = torch.einsum("vij,vnkj->vnki", item["intrinsics"], seen)
    return image[..., :2] / image[..., 2:]


def in_order(points: Tensor) -> list[tuple[float, float]]:
    return sorted((round(x, 2) + 0.0, round(y, 2) + 0.0) for x, y in points.tolist())


@pytest.mark.parametrize("turns", range(4))
def test_a_turned_world_looks_the_same(item: dict[str, Tensor], turns: int) -> None:
    after = turned(item, turns)
    assert torch.equal(after["images"], item["images"])
    assert turns == 0 or not torch.allclose(after["boxes"], item["boxes"])
    assert (after["boxes"][:, 1] > after["boxes"][:, 0]).all()
    for old, new in zip(pixels(item).flatten(0, 1), pixels(after).flatten(0, 1), strict=True):
        assert np.allclose(in_order(old), in_order(new), atol=0.02)


def test_a_mirrored_world_looks_mirrored(item: dict[str, Tensor]) -> None:
    after = mirror(item)
    for key in ("images", "masks", "features"):
        assert torch.equal(after[key].flip(-1), item[key])
    assert (torch.linalg.det(after["world_to_camera"][:, :3, :3]) > 0).all()
    across = torch.tensor([SIZE, 0.0])
    for old, new in zip(pixels(item).flatten(0, 1), pixels(after).flatten(0, 1), strict=True):
        flipped = across + old * torch.tensor([-1.0, 1.0])
        assert np.allclose(in_order(flipped), in_order(new), atol=0.02)


def test_drawn_changes_repeat_and_keep_labels(item: dict[str, Tensor]) -> None:
    first, again, other = (augmented(item, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert all(torch.equal(first[key], again[key]) for key in item)
    assert not torch.equal(first["images"], other["images"])
    assert torch.equal(first["labels"], item["labels"])
    assert first["images"].dtype == torch.uint8
