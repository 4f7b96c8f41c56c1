"""What the judge sees of a scene: cells of its objects' cut-outs in a pretrained encoder's maps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import grid_sample, interpolate, normalize

from model.efficientnet import CHANNELS, FrozenTrunk
from model.judge.config import JudgeConfig
from model.judge.cutouts import Squares, cut_out, first_met, squares
from model.rays import Rays
from model.scenes import Views

TAPS = (2, 4, 10)
FEATURES = sum(CHANNELS[tap] for tap in TAPS)
PLACES = 5  # numbers that tell where a cell looks
SEEN = 0.3  # of a silhouette, from which on a cell shows an object
AT_ONCE = 8  # cut-outs that go through the encoder together


@dataclass(frozen=True)
class Cells:
    """P cells of N objects in V views, ordered by object, view and position.

    features (P, c) of length 1. owner, view (P,): numbers. at (P,): position in the cut-out, row
    by row. places (P, PLACES): share of the silhouette; distance from the box's middle axis and
    height of the point seen, over the scene's usual size; how sure that point is; sine of the
    ray's fall.
    """

    features: Tensor
    owner: Tensor
    view: Tensor
    at: Tensor
    places: Tensor
    objects: int
    views: int


@torch.no_grad()
def read_cells(
    trunk: FrozenTrunk,
    views: Views,
    boxes: Tensor,
    silhouettes: Tensor,
    config: JudgeConfig,
    change: Callable[[Tensor, Squares], Tensor] | None = None,
) -> tuple[Cells, Squares]:
    """Of one scene's views, (1, V, ...), its boxes (N, 2, 3) and silhouettes (V, 1, h, w).

    change: what becomes of the cut-outs (N, V, 3, s, s) before they are looked at.
    """
    where = squares(views, boxes, silhouettes)
    cut = cut_out(views.images[0], where, config.crop)
    crops = (cut if change is None else change(cut, where)).flatten(0, 1)
    maps = torch.cat([_features(trunk, crops[i : i + AT_ONCE]) for i in _steps(len(crops))])
    side, count = config.cells, len(boxes)
    seen = cut_out(silhouettes, where, side)[:, :, 0]
    owner, view, row, column = (seen > SEEN).nonzero(as_tuple=True)
    shares = where.points(side)[owner, view, row, column]
    met, rays = first_met(views, view, shares, boxes)
    kept = met == owner
    owner, view, row, column = owner[kept], view[kept], row[kept], column[kept]
    within = Rays(*(values[:, kept] for values in vars(rays).values()))
    at = row * side + column
    features = maps[owner * len(silhouettes) + view, :, row, column]
    places = _places(views, boxes, silhouettes, owner, within, config.samples)
    shown = seen[owner, view, row, column]
    told = torch.cat([shown[:, None], places], dim=1)
    cells = Cells(normalize(features, dim=1), owner, view, at, told, count, views.images.shape[1])
    return cells, where


def raw_likeness(cells: Cells) -> Tensor:
    """(P, N, V) cosine of each cell's features to the most similar cell of an object in a view.

    -1 where an object has no cell in a view.
    """
    likeness = cells.features.new_full((len(cells.owner), cells.objects, cells.views), -1.0)
    for number in range(cells.objects):
        for view in range(cells.views):
            keys = cells.features[(cells.owner == number) & (cells.view == view)]
            if len(keys):
                likeness[:, number, view] = (cells.features @ keys.T).amax(dim=1)
    return likeness


def _steps(count: int) -> range:
    return range(0, count, AT_ONCE)


def _features(trunk: FrozenTrunk, crops: Tensor) -> Tensor:
    """(B, c, cells, cells): every map of length 1 everywhere, so that all count alike."""
    maps = trunk.maps(crops, TAPS)
    size = maps[1].shape[-2:]
    levels = [normalize(level, dim=1) for level in maps]
    same = [
        interpolate(level, size=size, mode="area" if level.shape[-1] > size[-1] else "bilinear")
        for level in levels
    ]
    return torch.cat(same, dim=1)


def _places(
    views: Views, boxes: Tensor, silhouettes: Tensor, owner: Tensor, rays: Rays, samples: int
) -> Tensor:
    """(P, 4) of PLACES without the first: where the silhouettes' hull is met within the box."""
    near, far = rays.near[0], rays.far[0]
    share = (torch.arange(samples, device=near.device) + 0.5) / samples
    along = near[:, None] + (far - near)[:, None] * share
    points = rays.origin[0][:, None] + along[..., None] * rays.direction[0][:, None]
    hull = _hull(views, silhouettes, points)
    open_before = torch.cumprod(torch.cat([torch.ones_like(hull[:, :1]), 1 - hull[:, :-1]], 1), 1)
    weight = hull * open_before
    sure = weight.sum(dim=1)
    spare = (1 - sure)[:, None] * (1 / samples)
    point = ((weight + spare)[..., None] * points).sum(dim=1)
    size = (boxes[:, 1] - boxes[:, 0]).norm(dim=1).median()
    middle = boxes[:, :, :2].mean(dim=1)[owner]
    away = (point[:, :2] - middle).norm(dim=1) / size
    return torch.stack([away, point[:, 2] / size, sure, rays.direction[0, :, 2]], dim=1)


def _hull(views: Views, silhouettes: Tensor, points: Tensor) -> Tensor:
    """Least silhouette (P, S) of world points (P, S, 3) over the views that see them."""
    pose, matrix = views.world_to_camera[0], views.intrinsics[0]
    least = torch.ones_like(points[..., 0])
    for number, seen in enumerate(silhouettes):
        local = points @ pose[number, :3, :3].T + pose[number, :3, 3]
        pixels = local @ matrix[number].T
        where = pixels[..., :2] / pixels[..., 2:].clamp(min=1e-3) / views.images.shape[-1] * 2 - 1
        found = grid_sample(seen[None], where[None], align_corners=False)[0, 0]
        visible = (where.abs() < 1).all(dim=-1) & (local[..., 2] > 0)
        least = torch.where(visible, torch.minimum(least, found), least)
    return least
