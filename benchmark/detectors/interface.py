"""The interface of a detector, and how one is found by name; docs/your-detector.md shows one.

A package offers a detector under the entry point group `odd_one_out.detectors`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmark.detectors.predictions import PROTOCOLS, Prediction, ProtocolName
from datagen.errors import OddgenError

GROUP = "odd_one_out.detectors"
BUILTIN = {
    "all-normal": "benchmark.detectors.baselines:AllNormal",
    "appearance-outlier": "benchmark.detectors.baselines:AppearanceOutlier",
    "mutual-graph": "benchmark.detectors.mutual:MutualGraph",
    "mutual-scoring": "benchmark.detectors.mutual:MutualScoring",
    "patch-outlier": "benchmark.detectors.patch_outlier:PatchOutlier",
    "size-outlier": "benchmark.detectors.baselines:SizeOutlier",
}


@dataclass(frozen=True)
class Observation:
    """All that a detector may know of a scene: V views of H x W pixels.

    rgb: (V, H, W, 3) uint8 sRGB. intrinsics: (3, 3) pixels; of a real capture (V, 3, 3).
    world_to_camera: (V, 4, 4) metres, OpenCV axes; the world's z is up and the floor z = 0. boxes:
    (N, 2, 3) metres with the protocol true-boxes (given_boxes), else None. count: N
    with the protocols true-boxes and count, else None. silhouettes: (V, H, W) uint8, 255 where
    there is an object, of a capture that has masks, or by a finder for a detector that wants them;
    else None. depth: (V, H, W) metres along the camera's z axis, of the labels, for an oracle
    alone: a detector with `needs_depth`; else None.
    """

    rgb: NDArray[np.uint8]
    intrinsics: NDArray[np.float64]
    world_to_camera: NDArray[np.float64]
    boxes: NDArray[np.float64] | None = None
    count: int | None = None
    silhouettes: NDArray[np.uint8] | None = None
    depth: NDArray[np.float32] | None = None


class Detector(Protocol):
    """protocols: those of PROTOCOLS that it can work with, the preferred one first.

    Some attributes may stand beside them: a true `wants_silhouettes` asks for those that the finder
    sees where a scene has none, and `heat` is set to whether predictions need a mask. With
    `needs_depth` true it is an oracle, which is told the labels' depth and marked as one in files
    and tables. It may have a method `notes`: sentences on the scene that it has judged last.
    """

    protocols: Sequence[str]

    def predict(self, scene: Observation) -> list[Prediction]:
        """The objects found, with a score each."""


@dataclass(frozen=True)
class Loaded:
    """A detector ready to run, with its name and its package's version."""

    name: str
    version: str | None
    detector: Detector

    @property
    def shown_name(self) -> str:
        """As files and tables have it: an oracle is marked."""
        return f"{self.name} (oracle)" if is_oracle(self.detector) else self.name

    def protocol(self, asked: str | None) -> ProtocolName:
        """The protocol asked for, or the preferred one. Raises OddgenError where it has none."""
        known: dict[str, ProtocolName] = {name: name for name in PROTOCOLS}
        offered = [known[name] for name in self.detector.protocols if name in known]
        if asked is None and offered:
            return offered[0]
        if asked is None or asked not in offered:
            raise OddgenError(
                f"{self.name}: works with {', '.join(offered) or 'none'} of the protocols "
                f"{', '.join(PROTOCOLS)}; choose one of its own with --protocol."
            )
        return known[asked]


def is_oracle(detector: Detector) -> bool:
    """Whether it must be told the labels' depth, which no detector can know."""
    return bool(getattr(detector, "needs_depth", False))


def load_detector(name: str) -> Loaded:
    """Raises OddgenError where there is none of this name, or two, or it cannot be loaded."""
    found = [point for point in _points() if point.name == name]
    if not found:
        known = detector_names()
        near = difflib.get_close_matches(name, known, 1, 0.6)
        hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(known)}."
        raise OddgenError(f"{name}: no detector of this name is installed; {hint}")
    if len(found) > 1:
        values = " and ".join(sorted(point.value for point in found))
        raise OddgenError(f"{name}: two detectors have this name, {values}; uninstall one.")
    try:
        make: Callable[[], Any] = found[0].load()
        detector = make()
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and found[0].value in BUILTIN.values():
            raise OddgenError(
                f"{name}: needs {error.name}: pip install 'odd-one-out[model]'."
            ) from error
        raise OddgenError(
            f"{name}: {found[0].value} cannot be loaded ({in_one_line(error)}); "
            "mend or reinstall its package."
        ) from error
    if not callable(getattr(detector, "predict", None)) or not hasattr(detector, "protocols"):
        raise OddgenError(
            f"{name}: {found[0].value} lacks predict or protocols; see docs/your-detector.md."
        )
    dist = found[0].dist
    return Loaded(name, dist.version if dist is not None else _own_version(), detector)


def in_one_line(error: BaseException) -> str:
    """Kind and first words of an error."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__


def detector_names() -> list[str]:
    """Of all that are installed."""
    return sorted({point.name for point in _points()})


def _points() -> Iterator[EntryPoint]:
    for name, value in BUILTIN.items():
        yield EntryPoint(name, value, GROUP)
    yield from entry_points(group=GROUP)


def _own_version() -> str:
    from importlib.metadata import version

    return version("odd-one-out")
