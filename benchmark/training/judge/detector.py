"""A finder and a judge, as a detector that oddbench predict runs; and the one that comes along."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import torch

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

NAME = "odd-one-out"


class FindAndJudge:
    """Any number of views of any size, boxes given or found, each judged beside its siblings."""

    protocols: Sequence[str] = ("predicted", "true-boxes")

    def __init__(self, detector: WholeDetector) -> None:
        self.finder, self.judge = detector.finder, detector.judge
        self.trunk = FrozenTrunk()
        self.image_size = self.judge.config.largest

    @torch.no_grad()
    def predict(self, scene: Observation) -> list[Prediction]:
        """The given boxes, or those found, each with its probability of being odd."""
        if scene.boxes is None:
            found = self.look(scene)
            boxes, silhouettes = found.found.boxes, found.silhouettes
        else:
            boxes = torch.from_numpy(scene.boxes).float()
            silhouettes = silhouettes_of(self.finder, self.trunk, scene)
        if not len(boxes):
            return []
        size = min(self.judge.config.largest, max(scene.rgb.shape[1:3]))
        views = observed_views(scene, size)
        scores = self.judge.judge(self.trunk, views, boxes, silhouettes)
        told = boxes.double().numpy() if scene.boxes is None else scene.boxes
        return [Prediction(box, float(score)) for box, score in zip(told, scores, strict=True)]

    def explain(self, scene: Observation) -> str:
        """Why nothing is found in a scene, in words."""
        return self.look(scene).why_nothing()

    def look(self, scene: Observation) -> FoundScene:
        """What the finder finds."""
        return look(self.finder, self.trunk, scene)


def load_judging(path: Path) -> Loaded:
    """From a run's folder of train-judge or its file. Raises OddgenError where it is none."""
    detector = load_whole_detector(path)
    return Loaded(NAME, _version(detector, path), FindAndJudge(detector))


def shipped_file() -> Path:
    """The weights that come with the package (docs/model-card.md)."""
    return Path(str(files("model"))) / "weights" / WEIGHTS


def shipped() -> FindAndJudge:
    """The detector that comes with the package."""
    return FindAndJudge(load_whole_detector(shipped_file()))


def with_shipped_finder(loaded: Loaded) -> Loaded:
    """A detector that takes boxes, with those of the finder that comes along."""
    file = shipped_file()
    return finding(loaded, load_whole_detector(file).finder, f"of {_digest(file)}")


def _version(detector: WholeDetector, path: Path) -> str:
    return f"{detector.told.code.version}, weights {_digest(detector_file(path))}"


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
