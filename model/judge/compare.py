"""Every cell beside the most similar cell of each other object: nothing is learnt here."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from model.judge.cells import Cells

FAR = -1.0  # a cosine that no neighbour is worse than
MEASURES = 6


@dataclass(frozen=True)
class Compared:
    """P cells and N objects.

    nearest (P, N): number of the most similar cell of each object, of its features. distances
    (P, N, 2): cosine distances to it; and how far it is itself, on average, from the objects that
    are left: a cell that has no like need not be odd where its siblings' have none either. beside
    (P, N): whether the object is another one, and seen. measures (P, MEASURES): mean, median and
    least of the first distances over the others, mean and median of the second, and the median of
    their difference.
    """

    nearest: Tensor
    distances: Tensor
    beside: Tensor
    measures: Tensor


@torch.no_grad()
def compare(cells: Cells) -> Compared:
    """All 0 where there is no other object."""
    counts = torch.bincount(cells.owner, minlength=cells.objects)
    objects = torch.arange(cells.objects, device=cells.owner.device)
    best, nearest = _nearest(cells.features, counts.tolist())
    beside = (cells.owner[:, None] != objects) & (counts > 0)
    left = beside[nearest] & (cells.owner[:, None, None] != objects)
    left = torch.where(left.any(dim=-1, keepdim=True), left, beside[nearest])
    theirs = (best[nearest] * left).sum(dim=-1) / left.sum(dim=-1).clamp(min=1)
    distances = torch.where(beside[..., None], 1 - torch.stack([best, theirs], dim=-1), 0.0)
    own, others = distances.unbind(dim=-1)
    measures = torch.stack(
        [
            mean_of(own[..., None], beside)[:, 0],
            median_of(own[..., None], beside)[:, 0],
            torch.where(beside, own, torch.inf).amin(dim=1).nan_to_num(posinf=0.0),
            mean_of(others[..., None], beside)[:, 0],
            median_of(others[..., None], beside)[:, 0],
            median_of((own - others)[..., None], beside)[:, 0],
        ],
        dim=-1,
    )
    return Compared(nearest, distances, beside, measures)


def median_of(values: Tensor, allowed: Tensor) -> Tensor:
    """Of values (P, N, c) over the objects allowed (P, N): (P, c); 0 where there is none."""
    count = allowed.sum(dim=1)
    ranked = torch.where(allowed[..., None], values, torch.inf).sort(dim=1).values
    lower = ((count - 1) // 2).clamp(min=0)[:, None, None].expand(-1, 1, values.shape[2])
    upper = (count // 2).clamp(max=values.shape[1] - 1)[:, None, None].expand_as(lower)
    middle = (ranked.gather(1, lower) + ranked.gather(1, upper))[:, 0] / 2
    return torch.where((count > 0)[:, None], middle, 0.0)


def mean_of(values: Tensor, allowed: Tensor) -> Tensor:
    """Of values (P, N, c) over the objects allowed (P, N): (P, c); 0 where there is none."""
    share = allowed.float() / allowed.sum(dim=1, keepdim=True).clamp(min=1)
    return torch.einsum("pnc,pn->pc", values, share)


def _nearest(features: Tensor, counts: list[int]) -> tuple[Tensor, Tensor]:
    """(P, N) of features (P, c) ordered by object: the largest cosine, and where; FAR and 0."""
    best = features.new_full((len(features), len(counts)), FAR)
    nearest = torch.zeros_like(best, dtype=torch.long)
    end = 0
    for number, count in enumerate(counts):
        start, end = end, end + count
        if count:
            best[:, number], found = (features @ features[start:end].T).max(dim=1)
            nearest[:, number] = start + found
    return best, nearest
