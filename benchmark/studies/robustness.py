"""oddbench robustness: what noise in cameras and images costs a detector."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.table import Table

from benchmark.detectors import spoil
from benchmark.detectors.interface import Detector, Loaded, Observation
from benchmark.detectors.predictions import Prediction
from benchmark.scoring.predict import predict
from benchmark.scoring.score import DRAWS, ScoredRun, score
from benchmark.scoring.tables import with_interval
from datagen.base.files import write_text
from datagen.geometry.color import linear_to_srgb, srgb_to_linear

Change = Callable[[Observation, float, np.random.Generator], Observation]


@dataclass(frozen=True)
class Disturbance:
    """name: of the table's row. unit: of its levels. change: of an observation, by a level."""

    name: str
    unit: str
    levels: tuple[float, ...]
    change: Change


class Disturbed:
    """A detector whose every observation is disturbed first, the same in every run."""

    def __init__(self, detector: Detector, disturbance: Disturbance, level: float) -> None:
        self.detector, self.disturbance, self.level = detector, disturbance, level
        self.protocols = detector.protocols

    def predict(self, scene: Observation) -> list[Prediction]:
        """What the detector says of the disturbed scene."""
        seed = zlib.crc32(scene.world_to_camera.tobytes())
        rng = np.random.default_rng([seed, zlib.crc32(self.disturbance.name.encode())])
        return self.detector.predict(self.disturbance.change(scene, self.level, rng))


def measure(
    loaded: Loaded,
    data: Path,
    split: str,
    views: int,
    out: Path,
    names: Sequence[str] = (),
    console: Console | None = None,
) -> Path:
    """Predictions of each disturbance and level in OUT, and a table of them; what is done is kept.

    names: of DISTURBANCES, none for all. Raises OddgenError as predict and score do.
    """
    chosen = [one for one in DISTURBANCES if not names or one.name in names]
    rows = [_scored(loaded, None, 0.0, data, split, views, out, console)]
    for one in chosen:
        rows += [_scored(loaded, one, at, data, split, views, out, console) for at in one.levels]
    write_text(out / "robustness.csv", _csv(rows))
    _print(rows, Console(markup=False))
    return out / "robustness.csv"


@dataclass(frozen=True)
class Row:
    """runs: by protocol."""

    name: str
    level: str
    runs: dict[str, ScoredRun]


def _scored(
    loaded: Loaded,
    disturbance: Disturbance | None,
    level: float,
    data: Path,
    split: str,
    views: int,
    out: Path,
    console: Console | None,
) -> Row:
    name, told, used = "as it is", "", loaded
    if disturbance is not None:
        name, told = disturbance.name, f"{level:g} {disturbance.unit}"
        detector = Disturbed(loaded.detector, disturbance, level)
        used = Loaded(loaded.name, f"{loaded.version}, {name} {told}", detector)
    runs = {}
    for protocol in loaded.detector.protocols:
        folder = out / (name + (f" {level:g}" if told else "")).replace(" ", "-")
        path = folder / f"{protocol}.jsonl"
        predict(used, data, split, views, path, protocol, console)
        runs[protocol] = score(data, split, [path], DRAWS, 0).runs[0]
    return Row(name, told, runs)


COLUMNS = (
    ("AUC, given boxes", "true-boxes", "auc"),
    ("AUC, own boxes", "predicted", "auc"),
    ("found", "predicted", "recall"),
)


def _cells(row: Row) -> list[str]:
    return [
        with_interval(row.runs[protocol].figures[figure]) if protocol in row.runs else ""
        for _, protocol, figure in COLUMNS
    ]


def _csv(rows: Sequence[Row]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["disturbance", "level", *(title for title, _, _ in COLUMNS)])
    writer.writerows([row.name, row.level, *_cells(row)] for row in rows)
    return buffer.getvalue()


def _print(rows: Sequence[Row], console: Console) -> None:
    table = Table("disturbance", "level", *(title for title, _, _ in COLUMNS))
    for row in rows:
        table.add_row(row.name, row.level, *_cells(row))
    console.print(table)


def _turned(scene: Observation, level: float, rng: np.random.Generator) -> Observation:
    """level: degrees."""
    return replace(scene, world_to_camera=spoil.turned(scene.world_to_camera, level, rng))


def _shifted(scene: Observation, level: float, rng: np.random.Generator) -> Observation:
    """level: per cent."""
    return replace(scene, world_to_camera=spoil.shifted(scene.world_to_camera, level, rng))


def _blurred(scene: Observation, level: float, rng: np.random.Generator) -> Observation:
    return replace(scene, rgb=spoil.blurred(scene.rgb, level))


def _compressed(scene: Observation, level: float, rng: np.random.Generator) -> Observation:
    return replace(scene, rgb=spoil.compressed(scene.rgb, round(level)))


def _graded(scene: Observation, gains: NDArray[np.float64]) -> Observation:
    """Linear light times gains (3,), cut off at white."""
    graded = linear_to_srgb(srgb_to_linear(scene.rgb / 255.0) * gains)
    return replace(scene, rgb=(graded * 255).round().astype(np.uint8))


def _exposed(scene: Observation, level: float, rng: np.random.Generator) -> Observation:
    """level: stops."""
    return _graded(scene, np.full(3, 2.0**level))


def _balanced(scene: Observation, level: float, rng: np.random.Generator) -> Observation:
    """Red and blue by so many stops, in opposite directions."""
    return _graded(scene, np.array([2.0**level, 1.0, 2.0**-level]))


def _zoomed(scene: Observation, level: float, rng: np.random.Generator) -> Observation:
    """As through a lens so many times as long: the middle of each image, enlarged."""
    return _window(scene, 1 / level, np.zeros((len(scene.rgb), 2)), enlarge=True)


def _cropped(scene: Observation, level: float, rng: np.random.Generator) -> Observation:
    """A part of each view lost at its edges; level: per cent of its sides."""
    share = 1 - level / 100
    return _window(scene, share, rng.uniform(-1, 1, (len(scene.rgb), 2)), enlarge=False)


def _window(
    scene: Observation, share: float, offsets: NDArray[np.float64], enlarge: bool
) -> Observation:
    """The window of a share of each image's sides; offsets (V, 2): -1..1 of what room there is."""
    height, width = scene.rgb.shape[1:3]
    tall, wide = max(round(height * share), 8), max(round(width * share), 8)
    matrices = np.broadcast_to(scene.intrinsics, (len(scene.rgb), 3, 3)).copy()
    images = []
    for view, pixels in enumerate(scene.rgb):
        x, y = np.round((offsets[view] + 1) / 2 * [width - wide, height - tall]).astype(int)
        part = pixels[y : y + tall, x : x + wide]
        matrices[view, :2, 2] -= [x, y]
        if enlarge:
            part = np.asarray(
                Image.fromarray(part).resize((width, height), Image.Resampling.BICUBIC)
            )
            matrices[view] = np.diag([width / wide, height / tall, 1.0]) @ matrices[view]
        images.append(part)
    return replace(scene, rgb=np.stack(images), intrinsics=matrices)


DISTURBANCES = (
    Disturbance("camera rotation", "degrees", (0.5, 1.0, 2.0), _turned),
    Disturbance("camera place", "% of its distance", (0.5, 1.0, 2.0), _shifted),
    Disturbance("blur", "pixels", (1.0, 2.0), _blurred),
    Disturbance("JPEG", "quality", (50.0, 20.0), _compressed),
    Disturbance("exposure", "stops", (-1.5, 1.5), _exposed),
    Disturbance("white balance", "stops", (0.4,), _balanced),
    Disturbance("longer lens", "times", (1.25,), _zoomed),
    Disturbance("cropped views", "%", (10.0, 25.0), _cropped),
)
