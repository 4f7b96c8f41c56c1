"""The judge: views of a scene, its boxes and silhouettes to probabilities of being odd."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from model.efficientnet import FrozenTrunk
from model.judge.cells import Cells, raw_likeness, read_cells
from model.judge.config import JudgeConfig
from model.judge.network import Judged, JudgeNetwork
from model.scenes import Views


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
    def judge(self, trunk: FrozenTrunk, views: Views, boxes: Tensor, silhouettes: Tensor) -> Tensor:
        """(N,) probabilities for the boxes (N, 2, 3), world, metres, of one scene's views.

        silhouettes (V, 1, h, w): 0..1.
        """
        cells, _ = read_cells(trunk, views, boxes, silhouettes, self.config)
        judged: Judged = self.network(cells, raw_likeness(cells).amax(dim=2))
        return self.probability(judged.odd)

    def probability(self, logits: Tensor) -> Tensor:
        """Calibrated on held-out scenes."""
        slope, shift = self.calibration
        probability: Tensor = (logits * slope + shift).sigmoid()
        return probability

    def forward(self, cells: Cells, likeness: Tensor) -> Judged:
        """As JudgeNetwork."""
        judged: Judged = self.network(cells, likeness)
        return judged
