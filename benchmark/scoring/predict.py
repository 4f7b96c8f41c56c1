"""Run a detector over a dataset; it observes images, never labels.

A run that was cut off goes on: finished scenes wait in OUT.unfinished until all are there.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from rich.console import Console

from benchmark.detectors.interface import Detector, Loaded, Observation, in_one_line, is_oracle
from benchmark.detectors.predictions import (
    PROTOCOL_VERSIONS,
    Answer,
    Header,
    Prediction,
    Predictions,
    box_fault,
    no_boxes,
    protocol_fault,
    score_fault,
)
from benchmark.detectors.views import fixed_views
from benchmark.scoring.ground_truth import SceneTruth, Truth, read_truth
from benchmark.scoring.read import check_against, read_predictions
from benchmark.scoring.write import answer_lines, to_answer, write_predictions
from datagen.base.files import in_words
from datagen.base.interrupts import Interrupts, Stopped
from datagen.base.locks import alone
from datagen.base.progress import Progress
from datagen.dataset.reader import Dataset, Scene, with_images
from datagen.errors import OddgenError
from datagen.geometry.boxes import given_boxes


def predict(
    loaded: Loaded,
    data: Path,
    split: str,
    views: int,
    path: Path,
    protocol: str | None = None,
    console: Console | None = None,
) -> Predictions:
    """Write a file of predictions for the scenes of a split, and return it.

    A scene whose detector raises or answers wrongly is kept as failed, and tried again by the next
    run. Raises OddgenError where the run cannot start or must stop.
    """
    console = console or Console(stderr=True, markup=False)
    dataset = with_images(Dataset(data))
    truth = read_truth(data)
    scenes = truth.split(split)
    chosen = loaded.protocol(protocol)
    header = Header(
        loaded.shown_name,
        chosen,
        fixed_views(views, truth.views),
        loaded.version,
        truth.digest,
        PROTOCOL_VERSIONS.get(chosen),
    )
    journal = path.with_name(path.name + ".unfinished")
    interrupts, answers = Interrupts(), {}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path), interrupts.installed():
            _cut_half_line(journal)
            answers = _kept(path, header, truth) | _kept(journal, header, truth)
            write_predictions(Predictions(journal, header, answers))
            masks = path.with_name(path.stem + "-masks")
            _work(loaded, dataset, header, scenes, answers, journal, masks, console)
            with interrupts.held():
                result = Predictions(path, header, answers)
                write_predictions(result)
                journal.unlink()
    except Stopped as error:
        done = sum(scene.name in answers for scene in scenes)
        raise OddgenError(
            f"{path}: stopped with {done} of {len(scenes)} scenes done; "
            "run the same command to go on."
        ) from error
    except OSError as error:
        raise OddgenError(f"{path}: {in_words(error)}; give another --out.") from error
    return result


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keeps a second run out, where the file system knows locks."""
    lock = path.with_name(path.name + ".lock")
    busy = f"{path}: another oddbench predict writes this file; wait for it or give another --out."
    with alone(lock, busy):
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _kept(path: Path, header: Header, truth: Truth) -> dict[str, Answer]:
    """What an earlier run has answered; failed scenes are not among it."""
    if not path.exists():
        return {}
    earlier = read_predictions(path)
    if earlier.header != header:
        raise OddgenError(
            f"{path}: holds predictions of another detector, version, protocol, dataset or other "
            "views; give another --out or remove it."
        )
    check_against(earlier, truth)
    return {name: a for name, a in earlier.answers.items() if a.failed is None and a.finished}


def _cut_half_line(journal: Path) -> None:
    """A run that was killed may have left half a line at the end."""
    if journal.exists():
        content = journal.read_bytes()
        end = content.rfind(b"\n") + 1
        if 0 < end < len(content):
            os.truncate(journal, end)


def _work(
    loaded: Loaded,
    dataset: Dataset,
    header: Header,
    scenes: Sequence[SceneTruth],
    answers: dict[str, Answer],
    journal: Path,
    masks: Path,
    console: Console,
) -> None:
    """Fills answers and the journal, scene by scene."""
    waiting = [scene for scene in scenes if scene.name not in answers]
    with (
        journal.open("a", encoding="utf-8") as file,
        Progress(console, len(scenes), len(scenes) - len(waiting)) as progress,
    ):
        for scene in waiting:
            answer = answer_scene(loaded.detector, dataset, scene, header, masks)
            if answer.failed:
                console.print(
                    f"{scene.name}: {answer.failed}", style="yellow", markup=False, soft_wrap=True
                )
            for note in _notes(loaded.detector):
                console.print(f"{scene.name}: {note}", markup=False, soft_wrap=True)
            file.writelines(answer_lines(scene.name, answer, journal.parent))
            file.flush()
            answers[scene.name] = answer
            progress.advance()


def _notes(detector: Detector) -> list[str]:
    """What the detector has to say of the scene that it has judged last."""
    told = getattr(detector, "notes", None)
    return [] if told is None else list(told())


def answer_scene(
    detector: Detector, dataset: Dataset, scene: SceneTruth, header: Header, masks: Path
) -> Answer:
    """What the detector says of a scene, or why it says nothing. masks: folder for its masks."""
    whole = dataset.read(scene.name, header.views)
    observed = observe(whole, header.protocol, is_oracle(detector))
    start = time.perf_counter()
    try:
        found = detector.predict(observed)
        seconds = time.perf_counter() - start
        fault = _answer_fault(found, observed, scene, header.protocol)
    except Stopped:
        raise
    except Exception as error:
        fault, seconds = in_one_line(error), time.perf_counter() - start
    if fault:
        return Answer(no_boxes(), np.zeros(0), failed=fault, seconds=seconds)
    return to_answer(found, masks, scene.name, seconds=seconds, peak_bytes=peak_bytes())


def observe(scene: Scene, protocol: str, oracle: bool = False) -> Observation:
    """The scene without its labels, and what the protocol tells besides; an oracle the depth."""
    return Observation(
        rgb=scene.rgb,
        intrinsics=scene.intrinsics,
        world_to_camera=scene.world_to_camera,
        boxes=given_boxes(scene.box_aabb) if protocol == "true-boxes" else None,
        count=None if protocol == "predicted" else len(scene.box_aabb),
        depth=scene.depth if oracle else None,
    )


def peak_bytes() -> int:
    """Most main memory that this process has held so far."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _answer_fault(
    found: Sequence[Prediction], observed: Observation, scene: SceneTruth, protocol: str
) -> str | None:
    """What is wrong with a detector's answer; None where it is as docs/scoring.md asks."""
    for number, prediction in enumerate(found):
        if not isinstance(prediction, Prediction):
            return f"entry {number} is a {type(prediction).__name__}; return Predictions"
        box, mask = np.asarray(prediction.box, float), prediction.mask
        if box.shape != (2, 3):
            return f"box {number} has the shape {box.shape}; give (2, 3)"
        fault = box_fault(box) or score_fault(float(prediction.score))
        if fault:
            return f"box {number}: {fault}"
        if mask is not None and np.shape(mask) != observed.rgb.shape[:3]:
            return f"mask {number} has the shape {np.shape(mask)}; give {observed.rgb.shape[:3]}"
        if mask is not None and not ((np.asarray(mask) >= 0) & (np.asarray(mask) <= 1)).all():
            return f"mask {number} holds NaN or values outside 0 to 1; give 0 to 1"
    boxes = np.array([np.asarray(prediction.box, float) for prediction in found])
    if len({box.tobytes() for box in boxes}) < len(boxes):
        return "two boxes are equal; give each object once"
    return protocol_fault(protocol, boxes.reshape(-1, 2, 3), scene.boxes)
