"""The judge: views of a scene, its boxes and silhouettes to probabilities of being odd."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from model.efficientnet import FrozenTrunk
from model.judge.cells import Cells, joined_cells, read_cells
from model.judge.config import JudgeConfig
from model.judge.heat import heat_maps
from model.judge.network import Judged, JudgeNetwork
from model.scenes import Views


@dataclass(frozen=True)
class Verdict:
    """odd (N,): probabilities. heat (N, V, s, s): how odd what an object shows is there, 0..1.

    s: pixels along a view; None where no heat was wanted. apart (N, N): as Judged has it.
    """

    odd: Tensor
    heat: Tensor | None
    apart: Tensor


class Judge(nn.Module):
    """The network, and what brings its logits to probabilities.

    The encoder is pretrained and stays as it is; it is no part of the judge's weights.
    """

    def __init__(self, config: JudgeConfig) -> None:
        super().__init__()
        self.config = config
        self.network = JudgeNetwork(config)
        self.calibration = nn.Parameter(torch.tensor([1.0, 0.0]), requires_grad=False)

    @torch.no_grad()
    def judge(
        self,
        trunk: FrozenTrunk,
        views: Views,
        boxes: Tensor,
        silhouettes: Tensor,
        good: Cells | None = None,
        heat: bool = False,
    ) -> Verdict:
        """Of the boxes (N, 2, 3), world, metres, of one scene's views.

        silhouettes (V, 1, h, w): 0..1. good: cells of good pieces, which count as siblings.
        """
        cells, where = read_cells(trunk, views, boxes, silhouettes, self.config)
        judged: Judged = self.network(cells if good is None else joined_cells(cells, good))
        odd = self.probability(judged.odd[: len(boxes)])
        apart = judged.apart[: len(boxes), : len(boxes)]
        if not heat:
            return Verdict(odd, None, apart)
        shown = judged.cells[: len(cells.owner)].sigmoid() * odd[cells.owner]
        size = views.images.shape[-1]
        side = self.config.cells
        return Verdict(odd, heat_maps(cells, where, shown, silhouettes, size, side), apart)

    def probability(self, logits: Tensor) -> Tensor:
        """Calibrated on held-out scenes."""
        slope, shift = self.calibration
        probability: Tensor = (logits * slope + shift).sigmoid()
        return probability

    def forward(self, cells: Cells) -> Judged:
        """As JudgeNetwork."""
        judged: Judged = self.network(cells)
        return judged
