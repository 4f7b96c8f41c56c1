"""What the judge sees of a scene: cells of its objects' cut-outs in a pretrained encoder's maps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize

from model.efficientnet import CHANNELS, FrozenTrunk, joined
from model.finder.volume import measured
from model.judge.config import JudgeConfig
from model.judge.cutouts import Squares, cut_out, squares
from model.rays import Rays, first_met
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
    maps = torch.cat([joined(trunk.maps(crops[i : i + AT_ONCE], TAPS)) for i in _steps(len(crops))])
    side, count = config.cells, len(boxes)
    seen = cut_out(silhouettes, where, side)[:, :, 0]
    owner, view, row, column = (seen > SEEN).nonzero(as_tuple=True)
    shares = where.points(side)[owner, view, row, column]
    pixels = shares * views.images.shape[-1]
    met, rays = first_met(views, view[None], pixels[None], boxes[None])
    kept = met[0] == owner
    owner, view, row, column = owner[kept], view[kept], row[kept], column[kept]
    within = Rays(*(values[:, kept] for values in vars(rays).values()))
    at = row * side + column
    features = maps[owner * len(silhouettes) + view, :, row, column]
    places = _places(views, boxes, silhouettes, owner, within, config.samples)
    shown = seen[owner, view, row, column]
    told = torch.cat([shown[:, None], places], dim=1)
    cells = Cells(normalize(features, dim=1), owner, view, at, told, count, views.images.shape[1])
    return cells, where


def joined_cells(first: Cells, second: Cells) -> Cells:
    """Both as of one scene: objects and views of the second come after those of the first."""
    return Cells(
        torch.cat([first.features, second.features]),
        torch.cat([first.owner, second.owner + first.objects]),
        torch.cat([first.view, second.view + first.views]),
        torch.cat([first.at, second.at]),
        torch.cat([first.places, second.places]),
        first.objects + second.objects,
        first.views + second.views,
    )


def _steps(count: int) -> range:
    return range(0, count, AT_ONCE)


def _places(
    views: Views, boxes: Tensor, silhouettes: Tensor, owner: Tensor, rays: Rays, samples: int
) -> Tensor:
    """(P, 4) of PLACES without the first: where the silhouettes' hull is met within the box."""
    near, far = rays.near[0], rays.far[0]
    share = (torch.arange(samples, device=near.device) + 0.5) / samples
    along = near[:, None] + (far - near)[:, None] * share
    points = rays.origin[0][:, None] + along[..., None] * rays.direction[0][:, None]
    size = views.images.shape[-1]
    cameras = views.intrinsics[0], views.world_to_camera[0]
    hull = measured(silhouettes, *cameras, size, points.flatten(0, 1))[0].view(points.shape[:2])
    open_before = torch.cumprod(torch.cat([torch.ones_like(hull[:, :1]), 1 - hull[:, :-1]], 1), 1)
    weight = hull * open_before
    sure = weight.sum(dim=1)
    spare = (1 - sure)[:, None] * (1 / samples)
    point = ((weight + spare)[..., None] * points).sum(dim=1)
    usual = (boxes[:, 1] - boxes[:, 0]).norm(dim=1).median()
    middle = boxes[:, :, :2].mean(dim=1)[owner]
    away = (point[:, :2] - middle).norm(dim=1) / usual
    return torch.stack([away, point[:, 2] / usual, sure, rays.direction[0, :, 2]], dim=1)
