"""Defects drawn into cut-outs of normal objects: more to learn from than scenes can be rendered.

Where on the object is the same in all views, how it looks there is drawn for each anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import grid_sample, interpolate

from model.judge.cutouts import Squares, cut_out
from model.scenes import Views

RADIUS = (0.1, 0.28)  # of a cut-out's side
NOISE = 6  # nodes along the field that makes a spot's edge uneven
WITHIN = (0.2, 0.8)  # of a box's edges: where on an object a defect may be
SEEN = 0.04  # difference of a colour that counts as changed


@dataclass(frozen=True)
class DefectiveObject:
    """crops (V, 3, s, s) in 0..1 and where they have changed, (V, s, s) in 0..1."""

    crops: Tensor
    changed: Tensor


@dataclass
class DefectMaker:
    """Makes one or two normal objects of a scene odd, as long as fewer than half of all are.

    odd (N,): the truth. changed: by the object's number, as DefectiveObject has it, after the call.
    """

    views: Views
    boxes: Tensor
    silhouettes: Tensor
    odd: Tensor
    rng: np.random.Generator
    changed: dict[int, Tensor] = field(default_factory=dict)

    def __call__(self, crops: Tensor, where: Squares) -> Tensor:
        """Cut-outs (N, V, 3, s, s) of the scene to such ones."""
        normal = (self.odd == 0).nonzero()[:, 0].tolist()
        room = (len(self.odd) - 1) // 2 - int((self.odd > 0).sum())
        count = min(int(self.rng.integers(1, 3)), max(room, 0))
        outlines = cut_out(self.silhouettes, where, crops.shape[-1])[:, :, 0]
        crops = crops.clone()
        for number in self.rng.permutation(normal)[:count].tolist():
            spots = self._spots(number, where)
            made = with_defect(crops[number], outlines[number], spots, self.rng)
            crops[number], self.changed[number] = made.crops, made.changed
        return crops

    def _spots(self, number: int, where: Squares) -> Tensor:
        """(V, 2) of a point within the object's box: -1..1 of its cut-outs."""
        low, high = self.boxes[number]
        point = low + torch.from_numpy(self.rng.uniform(*WITHIN, 3)).to(low) * (high - low)
        pose, matrix = self.views.world_to_camera[0], self.views.intrinsics[0]
        local = pose[:, :3, :3] @ point + pose[:, :3, 3]
        pixels = torch.einsum("vij,vj->vi", matrix, local)
        shares = pixels[:, :2] / pixels[:, 2:] / self.views.images.shape[-1]
        square = where.values[number]
        return (shares - square[:, :2]) / square[:, 2:] * 2


@dataclass(frozen=True)
class Spot:
    """Where a defect is in V cut-outs of s x s pixels.

    grid (s, s, 2): the pixels, -1..1. offset (V, s, s, 2): from the defect's middle, over its
    radius; away: its length. mask (V, s, s): 1 within its uneven edge. radius: in the grid's unit.
    """

    grid: Tensor
    offset: Tensor
    away: Tensor
    mask: Tensor
    radius: float


def with_defect(
    crops: Tensor, outline: Tensor, spots: Tensor, rng: np.random.Generator
) -> DefectiveObject:
    """One object's cut-outs (V, 3, s, s) with a made-up defect.

    outline (V, s, s): its silhouette, 0..1. spots (V, 2): where the defect is, x and y in -1..1 of
    the cut-out.
    """
    views, size = len(crops), crops.shape[-1]
    radius = 2 * float(rng.uniform(*RADIUS))
    steps = (torch.arange(size) + 0.5) / size * 2 - 1
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    grid = torch.stack([x, y], dim=-1)
    offset = (grid - spots[:, None, None]) / radius
    away = offset.norm(dim=-1)
    uneven = 1 + 0.5 * _smooth(views, size, rng)[:, 0]
    spot = Spot(grid, offset, away, ((uneven - away) * 6).clamp(0, 1), radius)
    way = WAYS[int(rng.integers(len(WAYS)))]
    made = way(crops, spot, rng)
    inside = outline[:, None].clamp(0, 1)
    if way in BEYOND:
        inside = torch.ones_like(inside)
    mixed = crops + (made - crops) * inside
    changed = ((mixed - crops).abs().amax(dim=1) > SEEN).float()
    return DefectiveObject(mixed, changed)


Way = Callable[[Tensor, Spot, np.random.Generator], Tensor]


def _stained(crops: Tensor, spot: Spot, rng: np.random.Generator) -> Tensor:
    """Another colour."""
    gain = torch.from_numpy(rng.uniform(0.35, 1.6, 3)).float().view(3, 1, 1)
    return crops + ((crops * gain).clamp(0, 1) - crops) * spot.mask[:, None]


def _patched(crops: Tensor, spot: Spot, rng: np.random.Generator) -> Tensor:
    """What is elsewhere in the picture."""
    shift = torch.from_numpy(rng.uniform(0.2, 0.5, 2) * rng.choice([-1, 1], 2)).float()
    other = _seen_at(crops, spot.grid.expand(len(crops), *spot.grid.shape) + shift)
    return crops + (other - crops) * spot.mask[:, None]


def _warped(crops: Tensor, spot: Spot, rng: np.random.Generator) -> Tensor:
    """Bulged, pinched or pushed aside."""
    reach = torch.exp(-(spot.away**2))[..., None]
    push = torch.from_numpy(rng.uniform(0.1, 0.25, 2) * rng.choice([-1, 1], 2)).float()
    return _seen_at(crops, spot.grid - reach * push)


def _turned(crops: Tensor, spot: Spot, rng: np.random.Generator) -> Tensor:
    """Turned about the middle, as far as the edge."""
    angle = float(rng.uniform(0.4, 1.2) * rng.choice([-1, 1])) * _plateau(spot)
    x, y = spot.offset.unbind(dim=-1)
    cos, sin = angle.cos(), angle.sin()
    moved = torch.stack([cos * x - sin * y, sin * x + cos * y], dim=-1)
    return _seen_at(crops, spot.grid + (moved - spot.offset) * spot.radius)


def _grown(crops: Tensor, spot: Spot, rng: np.random.Generator) -> Tensor:
    """Larger or smaller than it was."""
    change = float(np.exp(rng.uniform(0.2, 0.45) * rng.choice([-1, 1]))) - 1
    moved = spot.offset * (_plateau(spot) * change)[..., None]
    return _seen_at(crops, spot.grid + moved * spot.radius)


def _cracked(crops: Tensor, spot: Spot, rng: np.random.Generator) -> Tensor:
    """A dark jagged line."""
    field = _smooth(len(crops), crops.shape[-1], rng)[:, 0]
    width = float(rng.uniform(0.08, 0.2))
    line = (1 - field.abs() / width).clamp(0, 1) * (spot.away < 1.6)
    return crops * (1 - float(rng.uniform(0.5, 0.9)) * line[:, None])


def _gone(crops: Tensor, spot: Spot, rng: np.random.Generator) -> Tensor:
    """What lies round the object, as if a piece were missing."""
    edge = torch.cat([crops[..., :6].flatten(2), crops[..., -6:].flatten(2)], dim=2)
    return crops + (edge.median(dim=2).values[..., None, None] - crops) * spot.mask[:, None]


WAYS: tuple[Way, ...] = (_stained, _patched, _warped, _turned, _grown, _cracked, _gone)
BEYOND: tuple[Way, ...] = (_warped, _turned, _grown)
"""Those that change the outline too."""


def _plateau(spot: Spot) -> Tensor:
    """(V, s, s) 1 near the middle, 0 beyond the edge."""
    return ((1.3 - spot.away) * 2.5).clamp(0, 1)


def _seen_at(crops: Tensor, points: Tensor) -> Tensor:
    """The crops (V, 3, s, s) at points (V, s, s, 2)."""
    return grid_sample(crops, points, padding_mode="reflection", align_corners=False)


def _smooth(count: int, size: int, rng: np.random.Generator) -> Tensor:
    """Noise (count, 1, size, size) of unit spread at NOISE x NOISE nodes."""
    nodes = torch.from_numpy(rng.normal(size=(count, 1, NOISE, NOISE)).astype(np.float32))
    return interpolate(nodes, size=(size, size), mode="bicubic", align_corners=False)
