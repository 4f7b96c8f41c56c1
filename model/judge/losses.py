"""What the judge is taught: which objects are odd, and which cells show a defect."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from model.judge.cells import Cells
from model.judge.network import Judged

CELL_WEIGHT = 0.5
DEFECT_WEIGHT = 3.0  # cells with defects are few


@dataclass(frozen=True)
class JudgeTargets:
    """odd (N,): 1 = anomalous. defect (P,): share of a cell's pixels that show a defect."""

    odd: Tensor
    defect: Tensor


def judge_loss(judged: Judged, cells: Cells, targets: JudgeTargets) -> Tensor:
    """Of one scene: a scalar."""
    odd = binary_cross_entropy_with_logits(judged.odd, targets.odd)
    weight = judged.cells.new_tensor(DEFECT_WEIGHT)
    wanted = targets.defect * targets.odd[cells.owner]
    cell = binary_cross_entropy_with_logits(judged.cells, wanted, pos_weight=weight)
    return odd + CELL_WEIGHT * cell
