"""Detectors that judge given boxes, with boxes that a trained finder finds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from benchmark.detectors.interface import Detector, Loaded, Observation, is_oracle
from benchmark.detectors.model_views import observed_silhouettes, observed_views
from benchmark.detectors.predictions import Prediction
from benchmark.training.finder.files import WEIGHTS, load_finder
from datagen.errors import OddgenError
from model.efficientnet import FrozenTrunk
from model.finder.finder import Finder, FoundScene


class FindingDetector:
    """A detector of the protocol true-boxes, which is also given boxes that are found.

    With the protocol predicted the finder looks for the objects, and the detector judges them. One
    with a true attribute `wants_silhouettes` is shown what the finder sees where the scene brings
    no silhouettes. finds: False leaves it at that, and the protocols as they are.
    """

    def __init__(self, detector: Detector, finder: Finder, finds: bool = True) -> None:
        self.detector, self.finder, self.trunk = detector, finder, FrozenTrunk()
        given = [name for name in detector.protocols if name != "predicted"]
        self.protocols: Sequence[str] = ("predicted", *given) if finds else detector.protocols
        self.image_size = max(finder.config.image, getattr(detector, "image_size", 0))
        self.finds, self.shows = finds, getattr(detector, "wants_silhouettes", False)
        self.needs_depth = is_oracle(detector)

    def predict(self, scene: Observation) -> list[Prediction]:
        """The given boxes, or those found, each with the detector's score."""
        silhouettes = None
        if self.finds and scene.boxes is None:
            seen = self.look(scene)
            if not len(seen.found.boxes):
                return []
            silhouettes = seen.silhouettes
            scene = replace(scene, boxes=seen.found.boxes.double().numpy())
        if self.shows and scene.silhouettes is None:
            if silhouettes is None:
                silhouettes = silhouettes_of(self.finder, self.trunk, scene)
            scene = replace(scene, silhouettes=_as_masks(silhouettes, scene.rgb.shape[1:3]))
        return self.detector.predict(scene)

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


def _as_masks(silhouettes: Tensor, size: tuple[int, ...]) -> NDArray[np.uint8]:
    """(V, 1, h, w) in 0..1 as an Observation has them, (V, *size), 0 to 255."""
    masks = interpolate(silhouettes, size=size, mode="nearest-exact")[:, 0]
    return (masks * 255).round().to(torch.uint8).numpy()


def finding(loaded: Loaded, finder: Finder, label: str, finds: bool = True) -> Loaded:
    """The detector with boxes, or silhouettes alone, from a finder; label: what is told of it.

    finds: as of FindingDetector. Raises OddgenError where the detector takes no boxes.
    """
    if finds and "true-boxes" not in loaded.detector.protocols:
        raise OddgenError(
            f"{loaded.name}: finds its boxes itself and takes none; leave --finder out."
        )
    version = f"{loaded.version}, {'boxes' if finds else 'silhouettes'} by finder {label}"
    return Loaded(loaded.name, version, FindingDetector(loaded.detector, finder, finds))


def with_finder(loaded: Loaded, path: Path) -> Loaded:
    """The detector with boxes found by the finder of a run's folder or file.

    Raises OddgenError where the detector takes no boxes, or the finder cannot be read.
    """
    finder, _ = load_finder(path)
    file = path / WEIGHTS if path.is_dir() else path
    return finding(loaded, finder, hashlib.sha256(file.read_bytes()).hexdigest()[:12])
