"""Objects' patches in the pretrained maps, view by view, beside their siblings' (not in the paper).

A voxel is a mean over views, and holds little of what one view shows best. So the cells of the
maps are compared too: nothing is learnt up to here, and all of it is found among the views given.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize

from model.efficientnet import joined
from model.frame import Frame
from model.objects import ObjectPatches, shares
from model.rays import owners
from model.rendering import opacity
from model.scenes import Views

SAMPLES = 16  # of the density along a cell's ray, within its box
MOST = 1024  # cells of an object; beyond, evenly chosen ones
FAR = -1.0  # a cosine that no neighbour is worse than
LEAST, GROUND, MEASURES = 2, 3, 6  # indices in, and number of, Compared.measures


@dataclass(frozen=True)
class Compared:
    """measures (B, N, T, 6) of every cell: cosine distances, then ObjectPatches.solid.

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
) -> ObjectPatches:
    """The cells whose rays meet boxes (B, N, 2, 3) first, world, metres, of maps (B, V, c, h, w).

    Maps of several sizes are brought to that of the middle one, so a cell is 8 x 8 pixels for
    EfficientNet. density (B, 1, Z, Y, X) in the frame; without it boxes count as solid. All is done
    in float32.
    """
    with torch.autocast(boxes.device.type, enabled=False):
        cells = _cells(maps)
        tokens = cells.permute(0, 1, 3, 4, 2).flatten(1, 3)
        height, width = cells.shape[-2:]
        owner, within = owners(views, (height, width), boxes)
        solid = (owner >= 0).float()
        if density is not None and frame is not None:
            solid = opacity(density.float(), frame, within, SAMPLES)
        index, there = _gathered(
            owner[:, None] == torch.arange(boxes.shape[1], device=boxes.device)[:, None]
        )
        scene = torch.arange(len(boxes), device=boxes.device)[:, None, None]
        found = tokens[scene, index]
        ground = torch.zeros_like(there, dtype=tokens.dtype)
        for number, here in enumerate(there):
            ground[number][here] = _nearest(found[number][here], tokens[number][owner[number] < 0])
    return ObjectPatches(found, there, solid[scene, index] * there, ground)


@torch.no_grad()
def compare(patches: ObjectPatches, present: Tensor) -> Compared:
    """Every cell beside the most similar ones of each other object; present (B, N) bool.

    Scene by scene, for the cells that are there: objects have a fraction of the most that any has.
    """
    measures = patches.maps.new_zeros((*patches.there.shape, MEASURES))
    apart = torch.zeros_like(patches.maps)
    with torch.autocast(present.device.type, enabled=False):
        for scene, there in enumerate(patches.there & present[:, :, None]):
            if not there.any():
                continue
            told = patches.ground[scene][there], patches.solid[scene][there]
            found = _compared(patches.maps[scene][there], there.nonzero()[:, 0], *told)
            measures[scene][there], apart[scene][there] = found
    return Compared(measures, apart)


def _compared(cells: Tensor, owner: Tensor, ground: Tensor, solid: Tensor) -> tuple[Tensor, Tensor]:
    """Measures (P, 6) and apart (P, c) of a scene's cells (P, c), in the order of their owners."""
    counts = torch.bincount(owner)
    objects = torch.arange(len(counts), device=owner.device)
    best, nearest = _nearest_of_each(cells, counts)
    beside = (owner[:, None] != objects) & (counts > 0)
    share = shares(beside)
    # The cells found are compared with the objects that are neither theirs nor the one compared.
    left = beside[nearest] & (owner[:, None, None] != objects)
    left = torch.where(left.any(dim=-1, keepdim=True), left, beside[nearest])
    theirs = (best[nearest] * shares(left)).sum(dim=-1)
    like = [
        (best * share).sum(dim=-1),
        torch.where(beside, best, torch.nan).nanmedian(dim=-1).values,
        torch.where(beside, best, FAR).amax(dim=-1),
        ground,
        (theirs * share).sum(dim=-1),
    ]
    measures = torch.cat([1 - torch.stack(like, dim=-1), solid[:, None]], dim=-1)
    apart = cells - torch.einsum("pmc,pm->pc", cells[nearest], share)
    compared = beside.any(dim=-1, keepdim=True)
    return torch.where(compared, measures, 0.0), apart * compared


def _nearest_of_each(cells: Tensor, counts: Tensor) -> tuple[Tensor, Tensor]:
    """Of cells (P, c), counts (N,) of each object: cosine to the most similar, and its index.

    (P, N) each; FAR and 0 for an object without cells.
    """
    best = cells.new_full((len(cells), len(counts)), FAR)
    nearest = torch.zeros_like(best, dtype=torch.long)
    end = 0
    for number, count in enumerate(counts.tolist()):
        start, end = end, end + count
        if count:
            best[:, number], found = (cells @ cells[start:end].T).max(dim=1)
            nearest[:, number] = start + found
    return best, nearest


def _cells(maps: tuple[Tensor, ...]) -> Tensor:
    """(B, V, c, h, w) of length 1: the maps together."""
    together = normalize(joined([level.flatten(0, 1) for level in maps]), dim=1)
    return torch.unflatten(together, 0, (len(maps[0]), -1))


def _gathered(owns: Tensor) -> tuple[Tensor, Tensor]:
    """owns (B, N, P) bool to indices of cells (B, N, T), and which of these are any object's."""
    counts = owns.sum(dim=-1, keepdim=True)
    most = min(MOST, max(1, int(counts.max())))
    order = owns.to(torch.uint8).sort(dim=-1, descending=True, stable=True).indices
    rank = torch.arange(most, device=owns.device).expand(*owns.shape[:2], most)
    index = order.gather(-1, torch.where(counts > most, rank * counts // most, rank))
    return index, rank < counts


def _nearest(cells: Tensor, among: Tensor) -> Tensor:
    """Largest cosine of cells (P, c) to those among (Q, c): (P,)."""
    return (cells @ among.T).amax(dim=1) if len(among) else cells.new_full((len(cells),), FAR)
