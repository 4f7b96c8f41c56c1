"""A second, finer look at each box found: its faces set right, and how well it fits.

The grid is as large as the box, so that small objects are seen as finely as large ones; the score
is the overlap that the box promises, as in IoU-Net (Jiang et al. 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, binary_cross_entropy_with_logits

from model.finder.birds_eye import Block
from model.finder.config import FinderConfig
from model.finder.volume import MEASURES, measured

AROUND = 1.8  # side of the grid over the longer edge of the box on the ground
ABOVE = 1.6  # its height over the box's
SMALLEST = 0.01  # metres
MOST_MOVED = 0.6  # longer edges of the box on the ground
MOST_RESIZED = 1.0  # of the logarithm of an edge
STEADY = 0.1  # keeps the many numbers of a profile from outshouting the rest


@dataclass(frozen=True)
class CloserBoxes:
    """boxes (K, 2, 3): world, metres, on the ground. fit (K,): logits of their overlap, 0..1."""

    boxes: Tensor
    fit: Tensor


class CloserLook(nn.Module):
    """(K, c, cells, cells) of grids round boxes to the faces and the fit of each."""

    def __init__(self, config: FinderConfig) -> None:
        super().__init__()
        width = config.close_width
        self.config = config
        self.blocks = nn.ModuleList(
            [
                Block(MEASURES * config.close_slices, width),
                Block(width, width),
                Block(width, 2 * width),
            ]
        )
        last = nn.Linear(2 * width, 6)
        nn.init.normal_(last.weight, std=0.01)
        nn.init.zeros_(last.bias)
        cells = (config.close_cells // 8) ** 2
        profiles = 2 * (2 * config.close_cells + config.close_slices)
        self.out = nn.Sequential(
            nn.Linear(2 * width * cells + profiles, 2 * width), nn.ReLU(), last
        )
        self.straight = nn.Linear(profiles, 6)
        nn.init.zeros_(self.straight.weight)

    def forward(
        self,
        boxes: Tensor,
        silhouettes: Tensor,
        intrinsics: Tensor,
        world_to_camera: Tensor,
        image: int,
    ) -> CloserBoxes:
        """The boxes (K, 2, 3) of one scene set right; the rest as silhouette_volume has it."""
        points = _grid(boxes, self.config)
        told = measured(silhouettes, intrinsics, world_to_camera, image, points.flatten(0, -2))
        volume = told.view(MEASURES, *points.shape[:-1])
        x = volume.transpose(0, 1).flatten(1, 2)
        for block in self.blocks:
            x = avg_pool2d(block(x), 2)
        profiles = STEADY * (_profiles(volume[0]) - 0.5)
        said = self.out(torch.cat([x.flatten(1), profiles], dim=1)) + self.straight(profiles)
        return CloserBoxes(_moved(boxes, said[:, :5]), said[:, 5])


def closer_loss(found: CloserBoxes, wanted: Tensor, near: Tensor) -> Tensor:
    """Of K boxes: 1 - IoU with wanted (K, 2, 3) where near (K,) bool, and how well the fit is told.

    Where not near, a box should promise nothing. A scalar.
    """
    overlap = paired_iou(found.boxes, wanted)
    size = (wanted[:, 1] - wanted[:, 0]).clamp(min=SMALLEST)
    off = ((found.boxes - wanted).abs() / size[:, None]).flatten(1).mean(dim=1)
    faces = ((1 - overlap + off) * near).sum() / near.sum().clamp(min=1)
    target = overlap.detach() * near
    return faces + binary_cross_entropy_with_logits(found.fit, target)


def paired_iou(first: Tensor, second: Tensor) -> Tensor:
    """(K,) intersection over union of the volumes of boxes (K, 2, 3) each."""
    low = torch.maximum(first[:, 0], second[:, 0])
    high = torch.minimum(first[:, 1], second[:, 1])
    both = (high - low).clamp(min=0).prod(dim=1)
    each = [(box[:, 1] - box[:, 0]).clamp(min=0).prod(dim=1) for box in (first, second)]
    return both / (each[0] + each[1] - both).clamp(min=1e-12)


def distinct(boxes: Tensor, sure: Tensor, apart: float) -> Tensor:
    """Numbers of the boxes (K, 2, 3) that no surer one (K,) overlaps by more than `apart`."""
    kept: list[int] = []
    for number in sure.argsort(descending=True, stable=True).tolist():
        others = boxes[kept]
        if not kept or paired_iou(boxes[number].expand_as(others), others).max() <= apart:
            kept.append(number)
    return torch.tensor(kept, dtype=torch.long)


def _grid(boxes: Tensor, config: FinderConfig) -> Tensor:
    """Points (K, slices, cells, cells, 3) round boxes, y then x, world, metres."""
    size = (boxes[:, 1] - boxes[:, 0]).clamp(min=SMALLEST)
    side, height = AROUND * size[:, :2].amax(dim=1), ABOVE * size[:, 2]
    across = (torch.arange(config.close_cells).to(boxes) + 0.5) / config.close_cells - 0.5
    up = (torch.arange(config.close_slices).to(boxes) + 0.5) / config.close_slices
    z, y, x = torch.meshgrid(up, across, across, indexing="ij")
    steps = torch.stack([x, y, z], dim=-1)
    scale = torch.stack([side, side, height], dim=1)
    middle = torch.cat([boxes[:, :, :2].mean(dim=1), torch.zeros_like(size[:, :1])], dim=1)
    return middle[:, None, None, None] + steps * scale[:, None, None, None]


def _profiles(hull: Tensor) -> Tensor:
    """Most and mean of (K, slices, cells, cells) along each axis, which show where it ends."""
    told = [
        measure(hull, dim=axes)
        for axes in ((1, 2), (1, 3), (2, 3))
        for measure in (torch.amax, torch.mean)
    ]
    return torch.cat(told, dim=1)


def _moved(boxes: Tensor, said: Tensor) -> Tensor:
    """Boxes moved along x and y and resized by said (K, 5), within MOST_MOVED and MOST_RESIZED."""
    size = (boxes[:, 1] - boxes[:, 0]).clamp(min=SMALLEST)
    size = torch.cat([size[:, :2], boxes[:, 1, 2:].clamp(min=SMALLEST)], dim=1)
    moved = MOST_MOVED * said[:, :2].tanh() * size[:, :2].amax(dim=1, keepdim=True)
    middle = boxes[:, :, :2].mean(dim=1) + moved
    size = size * (MOST_RESIZED * said[:, 2:].tanh()).exp()
    low = torch.cat([middle - size[:, :2] / 2, torch.zeros_like(middle[:, :1])], dim=1)
    return torch.stack([low, torch.cat([middle + size[:, :2] / 2, size[:, 2:]], dim=1)], dim=1)
