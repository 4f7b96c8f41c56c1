"""Detectors that learn nothing: the objects of a scene score each other, patch by patch."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from benchmark.detectors.interface import Observation
from benchmark.detectors.model_views import observed_silhouettes, observed_views
from benchmark.detectors.predictions import Prediction
from model.efficientnet import FrozenTrunk
from model.judge.cells import Cells, read_cells
from model.judge.compare import Compared, compare
from model.judge.config import JudgeConfig
from model.judge.cutouts import Squares
from model.judge.heat import heat_maps
from model.mutual.graph import outside_support
from model.mutual.scoring import cell_scores, object_scores
from model.scenes import Views

OUTLINES = 128  # pixels along a silhouette
CONFIG = JudgeConfig()
ODD_AT, STEEP = 0.046, 26.0  # an object's score that is told as .5, and the logistic slope there
CELL_AT, CELL_STEEP = 0.06, 40.0  # the same of a cell, beyond the scene's median cell


class MutualScoring:
    """Odd is what no sibling has the like of, in the spirit of MuSc.

    Objects are cut out of all views, enlarged, and seen through EfficientNet-Lite0 (ImageNet);
    model.mutual.scoring scores their cells. heat: whether predictions come with masks of where they
    are odd.
    """

    protocols = ("true-boxes",)
    wants_silhouettes = True
    image_size = CONFIG.largest

    def __init__(self, heat: bool = False) -> None:
        self.heat, self.trunk = heat, FrozenTrunk()

    @torch.no_grad()
    def predict(self, scene: Observation) -> list[Prediction]:
        """Every given box, scored by its siblings; all in it counts without silhouettes."""
        if scene.boxes is None:
            raise ValueError("the true boxes are not given")
        height, width = scene.rgb.shape[1:3]
        views = observed_views(scene, min(CONFIG.largest, max(height, width)))
        outlines = observed_silhouettes(scene, OUTLINES)
        if outlines is None:
            outlines = torch.ones(len(scene.rgb), 1, OUTLINES, OUTLINES)
        boxes = torch.from_numpy(scene.boxes).float()
        cells, where = read_cells(self.trunk, views, boxes, outlines, CONFIG)
        compared = compare(cells)
        scores = cell_scores(compared, self.supports(cells, compared))
        odd = _told(object_scores(scores, cells.owner, len(boxes)), ODD_AT, STEEP)
        masks: list[np.ndarray | None] = [None] * len(boxes)
        if self.heat:
            heat = self._heat(scores, odd, cells, where, outlines, views)
            sized = interpolate(heat, size=(height, width), mode="bilinear")
            masks = list(sized.clamp(0, 1).numpy())
        apart = _apart(cells, compared).double().numpy()
        rows = zip(scene.boxes, odd.tolist(), masks, apart, strict=True)
        return [Prediction(*row) for row in rows]

    def supports(self, cells: Cells, compared: Compared) -> Tensor:
        """(P, N) bool: the objects that may score each cell: all siblings."""
        return compared.beside

    def _heat(
        self,
        scores: Tensor,
        odd: Tensor,
        cells: Cells,
        where: Squares,
        outlines: Tensor,
        views: Views,
    ) -> Tensor:
        """(N, V, s, s) in 0..1: cells beyond the scene's median cell, times their objects'."""
        excess = scores - scores.quantile(0.5) if len(scores) else scores
        shown = _told(excess, CELL_AT, CELL_STEEP) * odd[cells.owner]
        return heat_maps(cells, where, shown, outlines, views.images.shape[-1], CONFIG.cells)


class MutualGraph(MutualScoring):
    """The same where objects with the same defect do not count for each other.

    In the spirit of CoDeGraph: model.mutual.graph links objects whose suspicious cells match.
    """

    def supports(self, cells: Cells, compared: Compared) -> Tensor:
        """(P, N) bool: without the community of the cell's object, where the cell is suspicious."""
        return outside_support(cells, compared)


def _told(values: Tensor, middle: float, slope: float) -> Tensor:
    return ((values - middle) * slope).sigmoid()


def _apart(cells: Cells, compared: Compared) -> Tensor:
    """(N, N): how unlike the most similar cells of another object an object's are, on average."""
    total = compared.distances.new_zeros(cells.objects, cells.objects)
    total.index_add_(0, cells.owner, compared.distances[..., 0])
    count = torch.bincount(cells.owner, minlength=cells.objects).clamp(min=1)
    return total / count[:, None]
