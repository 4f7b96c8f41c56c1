"""A detector's answers for scenes and captures: boxes.json and pictures, a folder each.

The same command again goes on: what is finished is left as it is.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console

from benchmark.capture.inputs import items_of
from benchmark.capture.observation import (
    Item,
    ItemObservation,
    ObservationRequest,
    digest,
    observe_item,
    picture,
)
from benchmark.capture.schema import BoxesFile, FoundBox, Row
from benchmark.detectors.interface import Loaded, in_one_line
from benchmark.detectors.predictions import Floats, Prediction
from benchmark.scoring.outcome import DECISION
from benchmark.scoring.pictures import GREEN, RED, DrawnBox
from benchmark.scoring.schema import corners
from datagen.base.files import clear_leftovers, in_words, write_bytes
from datagen.base.interrupts import Interrupts, Stopped
from datagen.base.progress import Progress
from datagen.base.typed import read, write
from datagen.errors import OddgenError
from datagen.geometry.boxes import box_corners

BOXES = "boxes.json"
OURS = (".jpg", ".part")  # what a killed run leaves before boxes.json


@dataclass
class PredictionSummary:
    """Counts. failed, empty: names of what has no answer, or no objects, with the reason why."""

    answered: int = 0
    objects: int = 0
    odd: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    empty: dict[str, str] = field(default_factory=dict)

    def add(self, answer: BoxesFile) -> None:
        """An answer more."""
        self.answered += 1
        self.objects += len(answer.boxes)
        self.odd += sum(box.odd for box in answer.boxes)


def predict_inputs(
    loaded: Loaded,
    paths: Iterable[Path],
    split: str,
    request: ObservationRequest,
    pictures: int,
    out: Path,
    console: Console | None = None,
) -> PredictionSummary:
    """Writes OUT/NAME/boxes.json, and pictures for the first so many.

    split: of datasets among the inputs. Raises OddgenError where nothing can be done at all.
    """
    console = console or Console(stderr=True)
    summary, interrupts = PredictionSummary(), Interrupts()
    try:
        with ExitStack() as stay, interrupts.installed():
            items = items_of(paths, split, stay, request.rig is not None)
            with Progress(console, len(items), 0, "scenes") as progress:
                for number, item in enumerate(items):
                    try:
                        observed = observe_item(item, request, _view_size(loaded))
                        answer = _answer(
                            loaded, item, request, observed, number < pictures, out / item.name
                        )
                        if not answer.boxes:
                            summary.empty[item.name] = _why_nothing(loaded, observed)
                    except OddgenError as error:
                        summary.failed[item.name] = str(error)
                    else:
                        summary.add(answer)
                    progress.advance()
    except Stopped as error:
        raise OddgenError(
            f"{out}: stopped with {summary.answered} done; run the same command to go on."
        ) from error
    except OSError as error:
        raise OddgenError(f"{out}: {in_words(error)}; give another --out.") from error
    return summary


def _answer(
    loaded: Loaded,
    item: Item,
    request: ObservationRequest,
    observed: ItemObservation,
    pictured: bool,
    folder: Path,
) -> BoxesFile:
    """What boxes.json holds; pictures are written before it, so that it tells that all is done."""
    asked = loaded.name, loaded.version, request.protocol, digest(observed.observation)
    answer = _earlier(folder)
    if answer is None:
        answer = _new_answer(loaded, item, request, observed)
    elif (answer.detector, answer.detector_version, answer.protocol, answer.shown) != asked:
        raise OddgenError(
            f"{folder}: holds boxes of another detector, of other views or of another floor; give "
            "another --out or remove it."
        )
    folder.mkdir(parents=True, exist_ok=True)
    clear_leftovers(folder)
    for view, name in enumerate(observed.names if pictured else ()):
        if not (folder / f"{name}.jpg").is_file():
            pixels = picture(observed, view, _drawn(answer.boxes))
            write_bytes(folder / f"{name}.jpg", _jpeg(pixels))
    write(folder / BOXES, answer, sort_keys=False)
    return answer


def _new_answer(
    loaded: Loaded, item: Item, request: ObservationRequest, observed: ItemObservation
) -> BoxesFile:
    """The detector's, and how a capture was placed."""
    floor, placement = observed.floor, observed.placement
    views = observed.names
    if observed.photos is not None:
        views = tuple(str(photo.path) for photo in observed.photos)
    return BoxesFile(
        format="odd-one-out boxes",
        version=1,
        detector=loaded.name,
        detector_version=loaded.version,
        protocol=request.protocol,
        shown=digest(observed.observation),
        source=str(item.path),
        views=views,
        floor=None if floor is None else floor.numbers(),
        scale=None if placement is None else placement.scale,
        model_from_capture=None if placement is None else _rows(placement.matrix()),
        boxes=tuple(_box(observed, found) for found in _found(loaded, item, observed)),
    )


def _found(loaded: Loaded, item: Item, observed: ItemObservation) -> list[Prediction]:
    try:
        return loaded.detector.predict(observed.observation)
    except Stopped:
        raise
    except Exception as error:
        raise OddgenError(
            f"{item.path}: {loaded.name} gives no answer ({in_one_line(error)}); "
            "try other views or another detector."
        ) from error


def _why_nothing(loaded: Loaded, observed: ItemObservation) -> str:
    """In words; a detector may have a method `explain` that tells more."""
    explain = getattr(loaded.detector, "explain", None)
    told: str | None = None if explain is None else explain(observed.observation)
    return told or f"{loaded.name} found none in {len(observed.names)} views; give more --views"


def _view_size(loaded: Loaded) -> int:
    """Pixels of a capture's views: what the detector takes, or as many as generated scenes have."""
    return getattr(loaded.detector, "image_size", 256)


def _earlier(folder: Path) -> BoxesFile | None:
    """The answer that an earlier run has left."""
    if (folder / BOXES).exists():
        return read(BoxesFile, folder / BOXES, "give another --out or remove it")
    if folder.exists() and any(path.suffix not in OURS for path in folder.iterdir()):
        raise OddgenError(f"{folder}: holds other files; give another --out.")
    return None


def _box(observed: ItemObservation, found: Prediction) -> FoundBox:
    """In the detector's world, metres; corners in the scene's or capture's own coordinates."""
    box = np.asarray(found.box, float)
    eight = box_corners(box)
    if observed.placement is not None:
        eight = observed.placement.to_capture(eight)
    return FoundBox(
        score=float(found.score),
        odd=bool(found.score >= DECISION),
        box=corners(box),
        corners=tuple((x, y, z) for x, y, z in eight.tolist()),
    )


def _rows(matrix: Floats) -> tuple[Row, Row, Row, Row]:
    """(4, 4)."""
    first, second, third, fourth = ((a, b, c, d) for a, b, c, d in matrix.tolist())
    return first, second, third, fourth


def _drawn(boxes: Sequence[FoundBox]) -> list[DrawnBox]:
    """The oddest last, on top."""
    return [
        DrawnBox(np.array(one.box), RED if one.odd else GREEN, f"{one.score:.2f}")
        for one in sorted(boxes, key=lambda one: one.score)
    ]


def _jpeg(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
