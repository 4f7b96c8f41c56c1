"""A finder and a judge, as a detector that oddbench predict runs; and the one that comes along."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from copy import copy
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from benchmark.detectors.interface import Loaded, Observation
from benchmark.detectors.model_views import observed_views
from benchmark.detectors.predictions import Prediction
from benchmark.training.finder.detector import finding, look, silhouettes_of
from benchmark.training.judge.files import (
    WEIGHTS,
    WholeDetector,
    detector_file,
    load_whole_detector,
)
from model.efficientnet import FrozenTrunk
from model.finder.finder import FoundScene
from model.judge.cells import Cells, read_cells

NAME = "odd-one-out"


class FindAndJudge:
    """Any number of views of any size, boxes given or found, each judged beside its siblings.

    heat: whether predictions come with masks of where they are odd. good: cells of good pieces that
    count as siblings.
    """

    protocols: Sequence[str] = ("predicted", "true-boxes")

    def __init__(
        self, detector: WholeDetector, heat: bool = False, good: Cells | None = None
    ) -> None:
        self.finder, self.judge = detector.finder, detector.judge
        self.held_out = detector.told.held_out
        self.heat, self.good = heat, good
        self.trunk = FrozenTrunk()
        self.image_size = self.judge.config.largest

    @torch.no_grad()
    def predict(self, scene: Observation) -> list[Prediction]:
        """The given boxes, or those found, each with its probability of being odd."""
        boxes, silhouettes = self.boxes(scene)
        if not len(boxes):
            return []
        height, width = scene.rgb.shape[1:3]
        views = observed_views(scene, min(self.judge.config.largest, max(height, width)))
        found = self.judge.judge(self.trunk, views, boxes, silhouettes, self.good, self.heat)
        told = boxes.double().numpy() if scene.boxes is None else scene.boxes
        masks: list[np.ndarray | None] = [None] * len(told)
        if found.heat is not None:
            sized = interpolate(found.heat, size=(height, width), mode="bilinear")
            masks = list(sized.clamp(0, 1).numpy())
        scores, apart = found.odd.tolist(), found.apart.double().numpy()
        return [Prediction(*row) for row in zip(told, scores, masks, apart, strict=True)]

    def boxes(self, scene: Observation) -> tuple[Tensor, Tensor]:
        """(N, 2, 3) given or found, metres, and the silhouettes (V, 1, h, w) in 0..1."""
        if scene.boxes is None:
            found = self.look(scene)
            return found.found.boxes, found.silhouettes
        silhouettes = silhouettes_of(self.finder, self.trunk, scene)
        return torch.from_numpy(scene.boxes).float(), silhouettes

    def cells(self, scene: Observation) -> Cells:
        """What the judge sees of a scene's objects, given or found."""
        boxes, silhouettes = self.boxes(scene)
        size = min(self.judge.config.largest, max(scene.rgb.shape[1:3]))
        views = observed_views(scene, size)
        return read_cells(self.trunk, views, boxes, silhouettes, self.judge.config)[0]

    def beside(self, good: Cells) -> FindAndJudge:
        """The same with these cells of good pieces as siblings of whatever it judges."""
        other = copy(self)
        other.good = good
        return other

    def explain(self, scene: Observation) -> str:
        """Why nothing is found in a scene, in words."""
        return self.look(scene).why_nothing()

    def look(self, scene: Observation) -> FoundScene:
        """What the finder finds."""
        return look(self.finder, self.trunk, scene)


def load_judging(path: Path, heat: bool = False) -> Loaded:
    """From a run's folder of train-judge or its file; heat: as of FindAndJudge.

    Raises OddgenError where it is none.
    """
    detector = load_whole_detector(path)
    return Loaded(NAME, _version(detector, path), FindAndJudge(detector, heat))


def shipped_file() -> Path:
    """The weights that come with the package (docs/model-card.md)."""
    return Path(str(files("model"))) / "weights" / WEIGHTS


def shipped() -> FindAndJudge:
    """The detector that comes with the package."""
    return FindAndJudge(load_whole_detector(shipped_file()))


def with_shipped_finder(loaded: Loaded, finds: bool = True) -> Loaded:
    """A detector with what the finder that comes along finds; finds: as of FindingDetector."""
    file = shipped_file()
    return finding(loaded, load_whole_detector(file).finder, f"of {_digest(file)}", finds)


def _version(detector: WholeDetector, path: Path) -> str:
    return f"{detector.told.code.version}, weights {_digest(detector_file(path))}"


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
