"""A detector's answers for scenes and captures: boxes.json, pictures, a verdict; a folder each.

The same command again goes on: what is finished is left as it is.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
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
from benchmark.capture.verdict import PAGE, write_verdict
from benchmark.detectors.decision import Decision
from benchmark.detectors.interface import Loaded, in_one_line
from benchmark.detectors.predictions import Floats, Prediction
from benchmark.scoring.pictures import GREEN, RED, DrawnBox
from benchmark.scoring.schema import corners
from datagen.base.files import clear_leftovers, in_words, write_bytes
from datagen.base.interrupts import Interrupts, Stopped
from datagen.base.progress import Progress
from datagen.base.typed import read, write
from datagen.errors import OddgenError
from datagen.geometry.boxes import box_corners

BOXES = "boxes.json"
OURS = (".jpg", ".part", ".html", ".csv")  # what a killed run leaves before boxes.json


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


Prepare = Callable[[Item, ItemObservation, Path], Loaded]


def predict_inputs(
    loaded: Loaded,
    paths: Iterable[Path],
    split: str,
    request: ObservationRequest,
    pictures: int,
    out: Path,
    console: Console | None = None,
    decision: Decision | None = None,
    prepare: Prepare | None = None,
) -> PredictionSummary:
    """Writes OUT/NAME/boxes.json, and pictures and a verdict for the first so many.

    split: of datasets among the inputs. decision: from which score on an object is odd. prepare:
    gives the detector for one input, and may keep files in the folder it is told. Raises
    OddgenError where nothing can be done at all.
    """
    console = console or Console(stderr=True, markup=False)
    decision = decision or Decision()
    summary, interrupts = PredictionSummary(), Interrupts()
    try:
        with ExitStack() as stay, interrupts.installed():
            items = items_of(paths, split, stay, request.rig is not None)
            with Progress(console, len(items), 0, "scenes") as progress:
                for number, item in enumerate(items):
                    try:
                        observed = observe_item(item, request, _view_size(loaded))
                        _tell_missing(item, observed, console)
                        own = loaded
                        if prepare is not None:
                            own = prepare(item, observed, out / f".{item.name}")
                        answer = _answer(
                            own,
                            item,
                            request,
                            observed,
                            number < pictures,
                            out / item.name,
                            decision,
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


def _tell_missing(item: Item, observed: ItemObservation, console: Console) -> None:
    lost = observed.missing
    if lost:
        told = f"{item.name}: {len(lost)} images are missing and left out, the first is {lost[0]}"
        console.print(told, style="yellow", markup=False, soft_wrap=True)


def _answer(
    loaded: Loaded,
    item: Item,
    request: ObservationRequest,
    observed: ItemObservation,
    pictured: bool,
    folder: Path,
    decision: Decision,
) -> BoxesFile:
    """What boxes.json holds; the rest is written before it, so that it tells that all is done."""
    asked = loaded.name, loaded.version, request.protocol, digest(observed.observation)
    answer = _earlier(folder)
    if answer is not None:
        known = answer.detector, answer.detector_version, answer.protocol, answer.shown
        if known != asked:
            raise OddgenError(
                f"{folder}: holds boxes of another detector, of other views or of another floor; "
                "give another --out or remove it."
            )
        if answer.threshold == decision.threshold and (not pictured or (folder / PAGE).is_file()):
            return answer
    found = _found(loaded, item, observed)
    answer = _new_answer(loaded, item, request, observed, found, decision)
    folder.mkdir(parents=True, exist_ok=True)
    clear_leftovers(folder)
    if pictured:
        views = _views(answer, found, observed)
        for name, pixels in views:
            write_bytes(folder / f"{name}.jpg", _jpeg(pixels))
        write_verdict(answer, found, observed, decision, views, folder)
    write(folder / BOXES, answer, sort_keys=False)
    return answer


def _views(
    answer: BoxesFile, found: Sequence[Prediction], observed: ItemObservation
) -> list[tuple[str, NDArray[np.uint8]]]:
    """Name and picture of each view; with the heat of all objects where the detector tells it."""
    masks = [one.mask for one in found if one.mask is not None]
    heat = np.max(masks, axis=0) if masks else None
    return [
        (
            name,
            picture(observed, view, _drawn(answer.boxes), None if heat is None else heat[view]),
        )
        for view, name in enumerate(observed.names)
    ]


def _new_answer(
    loaded: Loaded,
    item: Item,
    request: ObservationRequest,
    observed: ItemObservation,
    found: Sequence[Prediction],
    decision: Decision,
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
        threshold=decision.threshold,
        floor=None if floor is None else floor.numbers(),
        scale=None if placement is None else placement.scale,
        model_from_capture=None if placement is None else _rows(placement.matrix()),
        boxes=tuple(_box(observed, one, decision.threshold) for one in found),
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


def _box(observed: ItemObservation, found: Prediction, threshold: float) -> FoundBox:
    """In the detector's world, metres; corners in the scene's or capture's own coordinates."""
    box = np.asarray(found.box, float)
    eight = box_corners(box)
    if observed.placement is not None:
        eight = observed.placement.to_capture(eight)
    return FoundBox(
        score=float(found.score),
        odd=bool(found.score >= threshold),
        box=corners(box),
        corners=tuple((x, y, z) for x, y, z in eight.tolist()),
    )


def _rows(matrix: Floats) -> tuple[Row, Row, Row, Row]:
    """(4, 4)."""
    first, second, third, fourth = ((a, b, c, d) for a, b, c, d in matrix.tolist())
    return first, second, third, fourth


def _drawn(boxes: Sequence[FoundBox]) -> list[DrawnBox]:
    """With their numbers, from 1; the oddest last, on top."""
    numbered = sorted(enumerate(boxes, start=1), key=lambda item: item[1].score)
    return [
        DrawnBox(np.array(one.box), RED if one.odd else GREEN, f"{number}: {one.score:.2f}")
        for number, one in numbered
    ]


def _jpeg(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
