"""What the judge is taught: objects, cells, and which cells show the same spot of a shape."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from model.judge.cells import Cells
from model.judge.network import Judged

SAME = 0.06  # of a shape's size: points of two objects as near as that show the same spot
CELL_WEIGHT, LIKE_WEIGHT = 0.5, 0.4
DEFECT_WEIGHT = 3.0  # cells with defects are few
SOUND = 0.05  # share of a cell's pixels that show a defect, below which it counts as sound


@dataclass(frozen=True)
class JudgeTargets:
    """odd (N,): 1 = anomalous. defect (P,): share of a cell's pixels that show a defect.

    spot (P, 3): the point seen, in its shape's frame, over the shape's size; nan where the cell's
    middle shows no object, or another one.
    """

    odd: Tensor
    defect: Tensor
    spot: Tensor


def judge_loss(judged: Judged, cells: Cells, targets: JudgeTargets) -> Tensor:
    """Of one scene: a scalar."""
    odd = binary_cross_entropy_with_logits(judged.odd, targets.odd)
    weight = judged.cells.new_tensor(DEFECT_WEIGHT)
    wanted = targets.defect * targets.odd[cells.owner]
    cell = binary_cross_entropy_with_logits(judged.cells, wanted, pos_weight=weight)
    return odd + CELL_WEIGHT * cell + LIKE_WEIGHT * _like_loss(judged, cells, targets)


def _like_loss(judged: Judged, cells: Cells, targets: JudgeTargets) -> Tensor:
    """How little of a sound cell's attention goes to the cells that show its spot of a sibling."""
    sound = (targets.defect < SOUND) & ~targets.spot.isnan().any(dim=1)
    losses = []
    for number, mass in enumerate(judged.mass):
        keys = (cells.owner == number).nonzero()[:, 0]
        rows = (sound & (cells.owner != number)).nonzero()[:, 0]
        if not len(keys) or not len(rows):
            continue
        near = torch.cdist(targets.spot[rows], targets.spot[keys].nan_to_num(1e6)) < SAME
        near &= sound[keys]
        known = near.any(dim=1)
        found = (mass[rows] * near).sum(dim=1)[known]
        losses.append(-(found.clamp(min=1e-6).log()))
    if not losses:
        return judged.cells.sum() * 0.0
    every = torch.cat(losses)
    return every.mean() if len(every) else judged.cells.sum() * 0.0
