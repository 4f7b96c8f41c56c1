"""verdict.html and verdict.csv of a capture: which objects are odd, how surely, and where."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmark.capture.heat import heated
from benchmark.capture.observation import ItemObservation
from benchmark.capture.schema import BoxesFile
from benchmark.detectors.decision import Decision
from benchmark.detectors.predictions import Floats, Prediction
from datagen.base.files import write_text
from datagen.geometry.boxes import box_corners
from datagen.geometry.cameras import project

PAGE, TABLE = "verdict.html", "verdict.csv"
CROP = 240  # pixels
ROOM = 1.2  # a crop's side over that of what it shows


@dataclass(frozen=True)
class ObjectRow:
    """An object on the page. meaning: its score in words, if any. images: (caption, data URL)."""

    number: int
    odd: bool
    score: float
    meaning: str
    images: tuple[tuple[str, str], ...]


def write_verdict(
    answer: BoxesFile,
    predictions: Sequence[Prediction],
    observed: ItemObservation,
    decision: Decision,
    views: Sequence[tuple[str, NDArray[np.uint8]]],
    folder: Path,
) -> None:
    """Both files. views: names and pictures with the numbered boxes."""
    from jinja2 import Environment, PackageLoader

    rows = [
        _row(number, predictions, answer, observed, decision) for number in range(len(predictions))
    ]
    rows.sort(key=lambda row: -row.score)
    environment = Environment(loader=PackageLoader("benchmark.capture", "."), autoescape=True)
    page = environment.get_template("verdict.html.j2").render(
        title=folder.name,
        answer=answer,
        rows=rows,
        odd=[row.number for row in rows if row.odd],
        rates=rates(decision),
        decision=decision,
        views=[(name, _url(pixels)) for name, pixels in views],
    )
    write_text(folder / PAGE, page)
    write_text(folder / TABLE, _table(answer))


def rates(decision: Decision) -> str:
    """What the threshold gets wrong, in words."""
    told = []
    if decision.false_alarms is not None:
        told.append(
            f"{decision.false_alarms:.0%} of {decision.normal} normal objects were called odd"
        )
    if decision.missed is not None:
        told.append(f"{decision.missed:.0%} of {decision.odd} odd ones were missed")
    return " and ".join(told)


def nearest_good(number: int, predictions: Sequence[Prediction], threshold: float) -> int | None:
    """The object most alike among those not called odd; None where nobody can tell."""
    apart = predictions[number].apart
    good = [
        other for other, one in enumerate(predictions) if other != number and one.score < threshold
    ]
    if apart is None or not good:
        return None
    return min(good, key=lambda other: float(apart[other]))


def _row(
    number: int,
    predictions: Sequence[Prediction],
    answer: BoxesFile,
    observed: ItemObservation,
    decision: Decision,
) -> ObjectRow:
    one = predictions[number]
    view = _tell_tale(one, observed)
    images = [(f"in {observed.names[view]}", _crop(one, observed, view, None))]
    odd = answer.boxes[number].odd
    if odd and one.mask is not None:
        images.append(("where it is odd", _crop(one, observed, view, one.mask)))
    sibling = nearest_good(number, predictions, decision.threshold)
    if sibling is not None:
        other = predictions[sibling]
        seen = _alike_view(other, observed, one, view)
        caption = f"most like it: object {sibling + 1}, in {observed.names[seen]}"
        images.append((caption, _crop(other, observed, seen, None)))
    return ObjectRow(
        number + 1, odd, float(one.score), _meaning(one.score, decision), tuple(images)
    )


def _meaning(score: float, decision: Decision) -> str:
    """Only of a detector that was calibrated on held-out objects."""
    if not decision.normal + decision.odd:
        return ""
    return f"of 100 objects called as odd as this, about {100 * score:.0f} are"


def _tell_tale(one: Prediction, observed: ItemObservation) -> int:
    """The view with the most heat; without heat that which shows the object largest."""
    if one.mask is not None and one.mask.max() > 0:
        return int(np.argmax(one.mask.sum(axis=(1, 2))))
    views = range(len(observed.names))
    return max(views, key=lambda view: _square(one.box, observed, view)[2])


def _alike_view(other: Prediction, observed: ItemObservation, one: Prediction, view: int) -> int:
    """The view from which an object is seen most as another is in a given view."""
    poses = observed.observation.world_to_camera
    centres = -np.einsum("vji,vj->vi", poses[:, :3, :3], poses[:, :3, 3])

    def direction(box: Floats, at: int) -> Floats:
        line = centres[at] - box.mean(axis=0)
        found: Floats = line / np.linalg.norm(line)
        return found

    wanted = direction(one.box, view)
    return int(np.argmax([direction(other.box, at) @ wanted for at in range(len(poses))]))


def _crop(
    one: Prediction, observed: ItemObservation, view: int, mask: NDArray[np.floating] | None
) -> str:
    """Data URL of an object in a view; with its heat where there is a mask (V, H, W)."""
    pixels = observed.observation.rgb[view]
    if mask is not None:
        pixels = heated(pixels, mask[view])
    x, y, side = _square(one.box, observed, view)
    box = _within(x, y, side, pixels)
    image = Image.fromarray(pixels).resize((CROP, CROP), Image.Resampling.BICUBIC, box)
    return _url(np.asarray(image))


def _within(
    x: float, y: float, side: float, pixels: NDArray[np.uint8]
) -> tuple[float, float, float, float]:
    """The square round a point, moved and made smaller until it lies in the image."""
    height, width = pixels.shape[:2]
    half = min(side, width, height) / 2
    x, y = float(np.clip(x, half, width - half)), float(np.clip(y, half, height - half))
    return x - half, y - half, x + half, y + half


def _square(box: Floats, observed: ItemObservation, view: int) -> tuple[float, float, float]:
    """Middle and side of an object in a view, pixels."""
    seen = observed.observation
    matrix = seen.intrinsics[view] if seen.intrinsics.ndim == 3 else seen.intrinsics
    corners, depth = project(box_corners(np.asarray(box)), seen.world_to_camera[view], matrix)
    if depth.min() <= 0:
        return seen.rgb.shape[2] / 2, seen.rgb.shape[1] / 2, 1.0
    low, high = corners.min(axis=0), corners.max(axis=0)
    x, y = ((low + high) / 2).tolist()
    return x, y, float(max((high - low).max(), 2.0)) * ROOM


def _table(answer: BoxesFile) -> str:
    """CSV, an object a row; boxes in the detector's world, metres."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    axes = [f"{end}_{axis}" for end in ("low", "high") for axis in "xyz"]
    writer.writerow(["object", "odd", "score", "threshold", *axes])
    for number, box in enumerate(answer.boxes, start=1):
        numbers = [f"{value:.4f}" for corner in box.box for value in corner]
        row = [number, int(box.odd), f"{box.score:.4f}", f"{answer.threshold:.4f}", *numbers]
        writer.writerow(row)
    return buffer.getvalue()


def _url(pixels: NDArray[np.uint8]) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=88)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
