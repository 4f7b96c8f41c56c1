"""Mutual scoring in the spirit of MuSc (Li et al., ICLR 2024), of objects instead of images.

Every cell is scored by all siblings: how far away is the most similar cell of each? What is sound
has its like on most siblings, what is odd on none.
"""

from __future__ import annotations

import torch
from torch import Tensor

from model.judge.compare import Compared

LOWEST = 0.3  # of the siblings, those with the most similar cells (MuSc's interval average)
WORST = 0.5  # of an object's cells


@torch.no_grad()
def cell_scores(compared: Compared, supports: Tensor | None = None) -> Tensor:
    """(P,): how unlike the siblings' cells each cell is, beyond how unlike theirs those are.

    A sibling counts with its distance less the score of the cell found there: a cell that has no
    like need not be odd where its like has none either. supports (P, N) bool: the objects that may
    score a cell [all that are beside it]. 0 where there is none.
    """
    allowed = compared.beside if supports is None else supports
    distance = compared.distances[..., 0]
    plain = mean_of_lowest(distance, allowed, LOWEST)
    return mean_of_lowest(distance - plain[compared.nearest], allowed, LOWEST)


def object_scores(scores: Tensor, owner: Tensor, objects: int) -> Tensor:
    """(N,) of cells' scores (P,) and their objects' numbers (P,): mean of the worst, less the
    median object's. An object that no view shows has 0.
    """
    mine = [scores[owner == number] for number in range(objects)]
    seen = [number for number, values in enumerate(mine) if len(values)]
    result = scores.new_zeros(objects)
    if seen:
        worst = torch.stack([_worst(mine[number]) for number in seen])
        result[seen] = worst - worst.quantile(0.5)
    return result


def mean_of_lowest(values: Tensor, allowed: Tensor, share: float) -> Tensor:
    """(P,): mean of the lowest share, at least one, of values (P, N) where allowed; 0 if none is.

    allowed (P, N) bool.
    """
    ranked = torch.where(allowed, values, torch.inf).sort(dim=1).values
    count = allowed.sum(dim=1, keepdim=True)
    few = (count * share).ceil().clamp(min=1)
    counts = torch.arange(values.shape[1], device=values.device) < torch.minimum(few, count)
    return torch.where(counts, ranked, 0.0).sum(dim=1) / few[:, 0]


def _worst(values: Tensor) -> Tensor:
    return values.topk(max(1, int(WORST * len(values)))).values.mean()
