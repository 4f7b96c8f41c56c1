"""A detector's answers for scenes and captures: boxes.json and pictures, a folder each.

The same command again goes on: what is finished is left as it is.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rich.console import Console

from benchmark.capture.inputs import items_of
from benchmark.capture.observation import Asked, Item, Shown, digest, picture, show
from benchmark.detectors.interface import Loaded, in_one_line
from benchmark.detectors.predictions import Prediction
from benchmark.scoring.outcome import DECISION
from benchmark.scoring.pictures import GREEN, RED, DrawnBox
from datagen.base.files import clear_leftovers, in_words, write_bytes, write_text
from datagen.base.interrupts import Interrupts, Stopped
from datagen.base.progress import Progress
from datagen.errors import OddgenError
from datagen.geometry.boxes import box_corners

FORMAT = "odd-one-out boxes"
FORMAT_VERSION = 1
BOXES = "boxes.json"
OURS = (".jpg", ".part")  # what a killed run leaves before boxes.json


@dataclass
class Judged:
    """Counts; failed: names with the reason why."""

    answered: int = 0
    objects: int = 0
    odd: int = 0
    failed: dict[str, str] = field(default_factory=dict)

    def add(self, content: dict[str, Any]) -> None:
        self.answered += 1
        self.objects += len(content["boxes"])
        self.odd += sum(box["odd"] for box in content["boxes"])


def judge(
    loaded: Loaded,
    places: Iterable[Path],
    split: str,
    asked: Asked,
    pictures: int,
    out: Path,
    console: Console | None = None,
) -> Judged:
    """Writes OUT/NAME/boxes.json, and pictures for the first so many.

    split: of datasets among the places. Raises OddgenError where nothing can be done at all.
    """
    console = console or Console(stderr=True)
    judged, interrupts = Judged(), Interrupts()
    try:
        with ExitStack() as stay, interrupts.installed():
            items = items_of(places, split, stay)
            with Progress(console, len(items), 0, "places") as progress:
                for number, item in enumerate(items):
                    try:
                        judged.add(_answer(loaded, item, asked, number < pictures, out / item.name))
                    except OddgenError as error:
                        judged.failed[item.name] = str(error)
                    progress.advance()
    except Stopped as error:
        raise OddgenError(
            f"{out}: stopped with {judged.answered} done; run the same command to go on."
        ) from error
    except OSError as error:
        raise OddgenError(f"{out}: {in_words(error)}; give another --out.") from error
    return judged


def _answer(
    loaded: Loaded, item: Item, asked: Asked, pictured: bool, folder: Path
) -> dict[str, Any]:
    """What boxes.json holds; pictures are written before it, so that it tells that all is done."""
    shown = show(item, asked, _view_size(loaded))
    request = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "detector": loaded.name,
        "detector_version": loaded.version,
        "protocol": asked.protocol,
        "shown": digest(shown.observation),
    }
    content = _earlier(folder, request)
    if content is None:
        boxes = [_box(shown, found) for found in _found(loaded, item, shown)]
        content = {**request, "source": str(item.path), **_facts(shown), "boxes": boxes}
    folder.mkdir(parents=True, exist_ok=True)
    clear_leftovers(folder)
    for view, name in enumerate(shown.names if pictured else ()):
        if not (folder / f"{name}.jpg").is_file():
            pixels = picture(shown, view, _drawn(content["boxes"]))
            write_bytes(folder / f"{name}.jpg", _jpeg(pixels))
    text = json.dumps(content, indent=1, allow_nan=False) + "\n"
    write_text(folder / BOXES, text)
    return content


def _found(loaded: Loaded, item: Item, shown: Shown) -> list[Prediction]:
    try:
        return loaded.detector.predict(shown.observation)
    except Stopped:
        raise
    except Exception as error:
        raise OddgenError(
            f"{item.path}: {loaded.name} gives no answer ({in_one_line(error)}); "
            "try other views or another detector."
        ) from error


def _view_size(loaded: Loaded) -> int:
    """Pixels of a capture's views: what the detector takes, or as many as generated scenes have."""
    return getattr(loaded.detector, "image_size", 256)


def _earlier(folder: Path, request: dict[str, Any]) -> dict[str, Any] | None:
    """The answer that an earlier run has left. Raises OddgenError where it was asked otherwise."""
    if not folder.exists():
        return None
    try:
        content = json.loads((folder / BOXES).read_text(encoding="utf-8"))
        same = all(content[key] == value for key, value in request.items())
    except FileNotFoundError:
        if any(path.suffix not in OURS for path in folder.iterdir()):
            raise OddgenError(f"{folder}: holds other files; give another --out.") from None
        return None
    except (ValueError, KeyError, TypeError):
        same = False
    if not same:
        raise OddgenError(
            f"{folder}: holds boxes of another detector, of other views or of another place of the "
            "floor; give another --out or remove it."
        )
    return content


def _facts(shown: Shown) -> dict[str, Any]:
    """What was seen, and how a capture was placed."""
    if shown.photos is None or shown.placement is None or shown.floor is None:
        return {"views": list(shown.names)}
    return {
        "views": [str(photo.path) for photo in shown.photos],
        "floor": [*shown.floor.normal.tolist(), shown.floor.offset],
        "scale": shown.placement.scale,
        "model_from_capture": shown.placement.matrix().tolist(),
    }


def _box(shown: Shown, found: Prediction) -> dict[str, Any]:
    """In the detector's world, metres; corners in the scene's or capture's own coordinates."""
    box = np.asarray(found.box, float)
    corners = box_corners(box)
    if shown.placement is not None:
        corners = shown.placement.to_capture(corners)
    return {
        "score": float(found.score),
        "odd": bool(found.score >= DECISION),
        "box": box.tolist(),
        "corners": corners.tolist(),
    }


def _drawn(boxes: list[dict[str, Any]]) -> list[DrawnBox]:
    """The oddest last, on top."""
    return [
        DrawnBox(np.array(one["box"]), RED if one["odd"] else GREEN, f"{one['score']:.2f}")
        for one in sorted(boxes, key=lambda one: one["score"])
    ]


def _jpeg(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
