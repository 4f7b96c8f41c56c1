"""Objects' patches in the pretrained maps, view by view, beside their siblings' (not in the paper).

A voxel is a mean over views, and holds little of what one view shows best. So the cells of the
maps are compared too: nothing is learnt up to here, and all of it is found among the views given.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import interpolate, normalize

from model.frame import Frame
from model.objects import Patches, others
from model.rays import Rays, crossing, lines_of_sight
from model.rendering import opacity
from model.scenes import Views

SAMPLES = 16  # of the density along a cell's ray, within its box
MOST = 1024  # cells of an object; beyond, evenly chosen ones
FAR = -1.0  # a cosine that no neighbour is worse than
MEASURES = 6  # of Compared.measures


@dataclass(frozen=True)
class Compared:
    """measures (B, N, T, 6) of every cell: cosine distances, then Patches.solid.

    From the most similar cells of the other objects: mean, median and least; from the ground; and
    how far the cells found are themselves, on average, from the other objects that are left: a
    cell that has no like need not be odd where its siblings' have none either. apart (B, N, T, c):
    the cell less the mean of those found. All 0 for an object alone.
    """

    measures: Tensor
    apart: Tensor


@torch.no_grad()
def read_patches(
    maps: tuple[Tensor, ...],
    views: Views,
    boxes: Tensor,
    density: Tensor | None = None,
    frame: Frame | None = None,
) -> Patches:
    """The cells whose rays meet boxes (B, N, 2, 3) first, world, metres, of maps (B, V, c, h, w).

    Maps of several sizes are brought to that of the middle one, so a cell is 8 x 8 pixels for
    EfficientNet. density (B, 1, Z, Y, X) in the frame; without it boxes count as solid. All is done
    in float32.
    """
    with torch.autocast(boxes.device.type, enabled=False):
        cells = _cells(maps)
        tokens = cells.permute(0, 1, 3, 4, 2).flatten(1, 3)
        height, width = cells.shape[-2:]
        owner, within = _owners(views, (height, width), boxes)
        solid = (owner >= 0).float()
        if density is not None and frame is not None:
            solid = opacity(density.float(), frame, within, SAMPLES)
        place, there = _gathered(
            owner[:, None] == torch.arange(boxes.shape[1], device=boxes.device)[:, None]
        )
        scene = torch.arange(len(boxes), device=boxes.device)[:, None, None]
        found = tokens[scene, place]
        ground = [_nearest(own, tokens, owner < 0) for own in found.unbind(dim=1)]
    return Patches(found, there, solid[scene, place] * there, torch.stack(ground, dim=1) * there)


@torch.no_grad()
def compare(patches: Patches, present: Tensor) -> Compared:
    """Every cell beside the most similar ones of each other object; present (B, N) bool."""
    has_cells = present & patches.there.any(dim=2)
    beside = others(has_cells) & has_cells[:, :, None]
    with torch.autocast(present.device.type, enabled=False):
        best, place = _between(patches)
        found = [
            _compared(patches, best, place[:, own], beside, own) for own in range(best.shape[1])
        ]
    measures, apart = (torch.stack(values, dim=1) for values in zip(*found, strict=True))
    return Compared(measures, apart)


def _compared(
    patches: Patches, best: Tensor, place: Tensor, beside: Tensor, own: int
) -> tuple[Tensor, Tensor]:
    """Measures (B, T, 6) and apart (B, T, c) of object `own`; place (B, T, N) as of _between."""
    allowed, cosine = beside[:, own, None], best[:, own]
    share = _shares(allowed)
    theirs = _of_those_found(best, place, beside, own)
    like = [
        (cosine * share).sum(dim=-1),
        torch.where(allowed, cosine, torch.nan).nanmedian(dim=-1).values,
        torch.where(allowed, cosine, FAR).amax(dim=-1),
        patches.ground[:, own],
        (theirs * share).sum(dim=-1),
    ]
    measures = torch.cat([1 - torch.stack(like, dim=-1), patches.solid[:, own, :, None]], dim=-1)
    nearest = torch.einsum("btmc,btm->btc", _taken(patches.maps, place), share.expand_as(cosine))
    counts = (patches.there[:, own] & allowed.any(dim=-1))[..., None]
    return torch.where(counts, measures, 0.0), (patches.maps[:, own] - nearest) * counts


def _cells(maps: tuple[Tensor, ...]) -> Tensor:
    """(B, V, c, h, w): every map of length 1 everywhere, so that all count alike; together too."""
    batch = len(maps[0])
    size = maps[len(maps) // 2].shape[-2:]
    levels = [normalize(level.float().flatten(0, 1), dim=1) for level in maps]
    same = [
        interpolate(level, size=size, mode="area" if level.shape[-1] > size[-1] else "bilinear")
        for level in levels
    ]
    return normalize(torch.cat(same, dim=1), dim=1).unflatten(0, (batch, -1))


def _owners(views: Views, size: tuple[int, int], boxes: Tensor) -> tuple[Tensor, Rays]:
    """Number of the box that each cell (B, V * h * w) meets first, or -1; its ray within that."""
    batch, count = views.images.shape[:2]
    (height, width), device = size, boxes.device
    step = boxes.new_tensor([views.images.shape[-1] / width, views.images.shape[-2] / height])
    y, x = torch.meshgrid(
        torch.arange(height, device=device), torch.arange(width, device=device), indexing="ij"
    )
    pixels = (torch.stack([x, y], dim=-1).flatten(0, 1) + 0.5) * step
    pixels = pixels.repeat(count, 1).expand(batch, -1, 2)
    view = torch.arange(count, device=device).repeat_interleave(height * width).expand(batch, -1)
    origin, direction = lines_of_sight(views, view, pixels)
    low, high = boxes[:, None].unbind(dim=3)
    near, far = crossing(origin[:, :, None], direction[:, :, None], low, high)
    enters = torch.where(near < far, near, torch.inf)
    first, owner = enters.min(dim=-1)
    met = first.isfinite()
    leaves = far.gather(-1, owner[..., None])[..., 0]
    begins = torch.where(met, first, 0.0)
    within = Rays(origin, direction, begins, torch.where(met, leaves, begins))
    return torch.where(met, owner, -1), within


def _gathered(owns: Tensor) -> tuple[Tensor, Tensor]:
    """owns (B, N, P) bool to numbers of cells (B, N, T), and which of these are any object's."""
    counts = owns.sum(dim=-1, keepdim=True)
    most = min(MOST, max(1, int(counts.max())))
    order = owns.to(torch.uint8).sort(dim=-1, descending=True, stable=True).indices
    rank = torch.arange(most, device=owns.device).expand(*owns.shape[:2], most)
    place = order.gather(-1, torch.where(counts > most, rank * counts // most, rank))
    return place, rank < counts


def _nearest(tokens: Tensor, among: Tensor, allowed: Tensor) -> Tensor:
    """Largest cosine of tokens (B, T, c) to those allowed (B, P) among (B, P, c)."""
    cosine = torch.einsum("btc,bpc->btp", tokens, among)
    return torch.where(allowed[:, None], cosine, FAR).amax(dim=-1)


def _between(patches: Patches) -> tuple[Tensor, Tensor]:
    """Cosine to, and number of, the most similar cell of every object, (B, N, T, N) each."""
    best, place = [], []
    for own in patches.maps.unbind(dim=1):
        cosine = torch.einsum("btc,bmsc->btms", own, patches.maps)
        found = torch.where(patches.there[:, None], cosine, FAR).max(dim=-1)
        best.append(found.values)
        place.append(found.indices)
    return torch.stack(best, dim=1), torch.stack(place, dim=1)


def _taken(values: Tensor, place: Tensor) -> Tensor:
    """values (B, N, T, c) at numbers (B, T, N) of each object's cells: (B, T, N, c)."""
    batch, count = values.shape[:2]
    scene = torch.arange(batch, device=place.device)[:, None, None]
    return values[scene, torch.arange(count, device=place.device), place]


def _of_those_found(best: Tensor, place: Tensor, beside: Tensor, own: int) -> Tensor:
    """(B, T, N): cosine of the cell found in each object to the others' but object `own`, mean.

    Where nothing but `own` is left to compare with, to that.
    """
    found = _taken(best, place)
    without = beside.clone()
    without[:, :, own] = False
    left = torch.where(without.any(dim=-1, keepdim=True), without, beside)
    return torch.einsum("btmk,bmk->btm", found, _shares(left))


def _shares(allowed: Tensor) -> Tensor:
    """1 over how many are allowed, along the last axis; 0 for the others."""
    return allowed.float() / allowed.sum(dim=-1, keepdim=True).clamp(min=1)
