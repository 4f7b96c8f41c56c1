"""Other scenes from the same pictures: turned, mirrored and tinted, for small training sets."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

TINT, BRIGHTNESS = (0.9, 1.1), (0.75, 1.25)


def augmented(item: dict[str, Tensor], rng: np.random.Generator) -> dict[str, Tensor]:
    """An item of SceneSet with its world turned, perhaps mirrored, and its images tinted.

    All views of a scene change alike, so that its geometry and its labels stay true.
    """
    turns, mirrored, colours = int(rng.integers(4)), bool(rng.integers(2)), rng.permutation(3)
    item = turned(item, turns)
    if mirrored:
        item = mirror(item)
    gains = rng.uniform(*TINT, 3) * rng.uniform(*BRIGHTNESS)
    return item | {"images": _tinted(item["images"], colours.tolist(), gains.tolist())}


def turned(item: dict[str, Tensor], turns: int) -> dict[str, Tensor]:
    """The world turned by quarter turns about z, so that boxes keep their axes."""
    cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[turns % 4]
    world = torch.eye(4)
    world[:2, :2] = torch.tensor([[cos, -sin], [sin, cos]])
    return _in_world(item, world)


def mirror(item: dict[str, Tensor]) -> dict[str, Tensor]:
    """The world mirrored at x = 0: images flipped left to right, cameras on the other side."""
    flip = torch.diag(torch.tensor([-1.0, 1.0, 1.0, 1.0]))
    item = _in_world(item, flip)
    flipped = {key: item[key].flip(-1) for key in ("images", "masks", "features") if key in item}
    matrix = item["intrinsics"].clone()
    matrix[..., 0, 2] = item["images"].shape[-1] - matrix[..., 0, 2]
    poses = flip @ item["world_to_camera"]
    return item | flipped | {"intrinsics": matrix, "world_to_camera": poses}


def _in_world(item: dict[str, Tensor], world: Tensor) -> dict[str, Tensor]:
    """Cameras and boxes as a world moved by `world` (4, 4), orthogonal, has them."""
    corners = item["boxes"] @ world[:3, :3].T
    boxes = torch.stack([corners.amin(dim=1), corners.amax(dim=1)], dim=1)
    return item | {"boxes": boxes, "world_to_camera": item["world_to_camera"] @ world.T}


def _tinted(images: Tensor, colours: list[int], gains: list[float]) -> Tensor:
    """uint8 (V, 3, H, W) with its channels in another order and scaled."""
    levels = torch.arange(256.0)
    tables = [(levels * gain).round().clamp(0, 255).to(torch.uint8) for gain in gains]
    planes = [
        table[images[:, colour].long()] for colour, table in zip(colours, tables, strict=True)
    ]
    return torch.stack(planes, dim=1)
