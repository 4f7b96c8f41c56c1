"""Detectors that judge given boxes, with boxes that a trained finder finds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from benchmark.detectors.interface import Detector, Loaded, Observation, is_oracle
from benchmark.detectors.model_views import observed_silhouettes, observed_views
from benchmark.detectors.predictions import Prediction
from benchmark.training.finder.files import WEIGHTS, load_finder
from datagen.errors import OddgenError
from model.efficientnet import FrozenTrunk
from model.finder.finder import Finder, FoundScene


class FindingDetector:
    """A detector of the protocol true-boxes, which is also given boxes that are found.

    With the protocol predicted the finder looks for the objects, and the detector judges them.
    """

    def __init__(self, detector: Detector, finder: Finder) -> None:
        self.detector, self.finder, self.trunk = detector, finder, FrozenTrunk()
        given = [name for name in detector.protocols if name != "predicted"]
        self.protocols: Sequence[str] = ("predicted", *given)
        self.image_size = max(finder.config.image, getattr(detector, "image_size", 0))
        self.needs_depth = is_oracle(detector)

    def predict(self, scene: Observation) -> list[Prediction]:
        """The given boxes, or those found, each with the detector's score."""
        if scene.boxes is not None:
            return self.detector.predict(scene)
        boxes = self.look(scene).found.boxes.double().numpy()
        return self.detector.predict(replace(scene, boxes=boxes)) if len(boxes) else []

    def notes(self) -> list[str]:
        """What the detector has to say of the scene that it has judged last."""
        told = getattr(self.detector, "notes", None)
        return [] if told is None else list(told())

    def explain(self, scene: Observation) -> str:
        """Why nothing is found in a scene, in words."""
        return self.look(scene).why_nothing()

    def look(self, scene: Observation) -> FoundScene:
        """What the finder finds, by the scene's own silhouettes where it has some."""
        return look(self.finder, self.trunk, scene)


def look(finder: Finder, trunk: FrozenTrunk, scene: Observation) -> FoundScene:
    """What a finder finds in a scene, by the scene's own silhouettes where it has some."""
    views = observed_views(scene, finder.config.image)
    return finder.find(trunk, views, silhouettes_of(finder, trunk, scene)[None])[0]


def silhouettes_of(finder: Finder, trunk: FrozenTrunk, scene: Observation) -> Tensor:
    """(V, 1, h, w) in 0..1: the scene's own, or what the finder sees."""
    size = finder.config.image
    known = observed_silhouettes(scene, size // 2)
    if known is not None:
        return known
    return finder.silhouettes(trunk, observed_views(scene, size).images[0])


def finding(loaded: Loaded, finder: Finder, label: str) -> Loaded:
    """The detector with boxes found by a finder; label: what is told of it.

    Raises OddgenError where the detector takes no boxes.
    """
    if "true-boxes" not in loaded.detector.protocols:
        raise OddgenError(
            f"{loaded.name}: finds its boxes itself and takes none; leave --finder out."
        )
    version = f"{loaded.version}, boxes by finder {label}"
    return Loaded(loaded.name, version, FindingDetector(loaded.detector, finder))


def with_finder(loaded: Loaded, path: Path) -> Loaded:
    """The detector with boxes found by the finder of a run's folder or file.

    Raises OddgenError where the detector takes no boxes, or the finder cannot be read.
    """
    finder, _ = load_finder(path)
    file = path / WEIGHTS if path.is_dir() else path
    return finding(loaded, finder, hashlib.sha256(file.read_bytes()).hexdigest()[:12])
