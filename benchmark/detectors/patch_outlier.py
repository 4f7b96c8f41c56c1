"""A detector that learns nothing and knows much: patches of a pretrained encoder, compared."""

from __future__ import annotations

import numpy as np
import torch

from benchmark.detectors.interface import Observation
from benchmark.detectors.model_views import observed_views
from benchmark.detectors.predictions import Prediction
from model.encoder_2d import FrozenEfficientNet
from model.objects import ObjectPatches
from model.patches import GROUND, LEAST, compare, read_patches

IMAGE = 256
WORST = 0.5  # of an object's patches
ODD_AT, STEEP = 0.02, 100.0  # distance beyond the median's that gets .5, and the score's slope


class PatchOutlier:
    """Odd is what has patches that its siblings have not, in the spirit of PatchCore.

    Of the maps of EfficientNet-Lite0 (ImageNet) every cell in an object's true box is compared
    with the most similar ones of all siblings, in all views, and of the ground, which shows beside
    the object. The mean distance of the worse half, less the scene's median, gives the score.
    """

    protocols = ("true-boxes",)
    image_size = IMAGE

    def __init__(self) -> None:
        self.encoder = FrozenEfficientNet(width=8, out=8).eval()

    def predict(self, scene: Observation) -> list[Prediction]:
        """Every given box, scored by how unlike its siblings' its worst patches are."""
        if scene.boxes is None:
            raise ValueError("the true boxes are not given")
        views = observed_views(scene, IMAGE)
        boxes = torch.from_numpy(scene.boxes).float()[None]
        maps = self.encoder.fixed_maps(views.images[0])
        patches = read_patches(tuple(level[None] for level in maps), views, boxes)
        unlike = _unlike(patches)
        apart = unlike - np.median(unlike)
        scores = 1 / (1 + np.exp(-STEEP * (apart - ODD_AT)))
        return [Prediction(box, float(s)) for box, s in zip(scene.boxes, scores, strict=True)]


def _unlike(patches: ObjectPatches) -> np.ndarray:
    """(N,): how unlike all that is seen elsewhere an object's worst patches are."""
    present = torch.ones(patches.there.shape[:2], dtype=torch.bool)
    measures = compare(patches, present).measures[0]
    least = torch.minimum(measures[..., LEAST], measures[..., GROUND])
    values = [
        own[there].topk(max(1, int(WORST * int(there.sum())))).values.mean() if there.any() else 0.0
        for own, there in zip(least, patches.there[0], strict=True)
    ]
    return np.array(values, dtype=np.float64)
