"""A detector that is shown a few of the given boxes at a time, as if no other pieces were there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from benchmark.detectors.interface import Detector, Loaded, Observation
from benchmark.detectors.predictions import Prediction
from datagen.errors import OddgenError


class AtOnce:
    """Asks the detector for every group of at most `count` given boxes, in their order."""

    protocols: Sequence[str] = ("true-boxes",)

    def __init__(self, detector: Detector, count: int) -> None:
        self.detector, self.count = detector, count

    def predict(self, scene: Observation) -> list[Prediction]:
        """Of every given box. Raises ValueError where none are given."""
        if scene.boxes is None:
            raise ValueError("the true boxes are not given")
        found: list[Prediction] = []
        for start in range(0, len(scene.boxes), self.count):
            group = replace(scene, boxes=scene.boxes[start : start + self.count])
            found += [replace(one, apart=None) for one in self.detector.predict(group)]
        return found


def few_at_once(loaded: Loaded, count: int) -> Loaded:
    """The detector, shown so many boxes at a time. Raises OddgenError where it takes none."""
    if "true-boxes" not in loaded.detector.protocols:
        raise OddgenError(f"--at-once {count}: {loaded.name} takes no given boxes; leave it out.")
    version = f"{loaded.version}, {count} at once"
    return Loaded(loaded.name, version, AtOnce(loaded.detector, count))
