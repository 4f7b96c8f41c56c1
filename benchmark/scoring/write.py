"""Write a file of predictions, whole or not at all."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.detectors.predictions import (
    FORMAT,
    FORMAT_VERSION,
    Answer,
    Header,
    Prediction,
    Predictions,
)
from benchmark.scoring.schema import BoxLine, HeaderLine, SceneLine, corners
from datagen.base.files import write_bytes, write_text
from datagen.base.typed import line


def write_predictions(predictions: Predictions) -> None:
    """Scenes by name. Masks are files already and only named."""
    folder = predictions.path.parent
    lines = [header_line(predictions.header)]
    for name in sorted(predictions.answers):
        lines += answer_lines(name, predictions.answers[name], folder)
    write_text(predictions.path, "".join(lines))


def header_line(header: Header) -> str:
    """The file's first line."""
    return line(
        HeaderLine(
            format=FORMAT,
            version=FORMAT_VERSION,
            detector=header.detector,
            detector_version=header.version,
            protocol=header.protocol,
            protocol_version=header.protocol_version,
            views=header.views,
            data=header.data,
        )
    )


def answer_lines(name: str, answer: Answer, folder: Path) -> list[str]:
    """A line a box, then the scene's own line, which tells that the scene is done."""
    masks = answer.masks or (None,) * len(answer.boxes)
    boxes = [
        BoxLine(name, corners(box), score, None if mask is None else os.path.relpath(mask, folder))
        for box, score, mask in zip(answer.boxes, answer.scores.tolist(), masks, strict=True)
    ]
    done = SceneLine(name, answer.seconds, answer.peak_bytes, answer.failed)
    return [line(entry) for entry in (*boxes, done)]


def to_answer(
    predictions: Sequence[Prediction],
    folder: Path,
    name: str,
    seconds: float | None = None,
    peak_bytes: int | None = None,
) -> Answer:
    """Boxes and scores as arrays; masks become files NAME-K.npz in folder."""
    masks: list[Path | None] = []
    for number, prediction in enumerate(predictions):
        path = None if prediction.mask is None else folder / f"{name}-{number}.npz"
        if path is not None and prediction.mask is not None:
            write_mask(path, prediction.mask)
        masks.append(path)
    return Answer(
        boxes=np.array([prediction.box for prediction in predictions], float).reshape(-1, 2, 3),
        scores=np.array([prediction.score for prediction in predictions], float),
        masks=tuple(masks),
        seconds=seconds,
        peak_bytes=peak_bytes,
    )


def write_mask(path: Path, mask: NDArray[np.floating]) -> None:
    """(V, H, W) from 0 to 1, kept in 256 steps."""

    buffer = io.BytesIO()
    np.savez_compressed(buffer, mask=np.rint(255 * np.asarray(mask, float)).astype(np.uint8))
    write_bytes(path, buffer.getvalue())
