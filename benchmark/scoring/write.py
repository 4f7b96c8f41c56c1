"""Write a file of predictions, whole or not at all."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

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
from datagen.base.files import write_bytes, write_text


def write_predictions(predictions: Predictions) -> None:
    """Scenes by name. Masks are files already and only named."""
    folder = predictions.path.parent
    lines = [header_line(predictions.header)]
    for name in sorted(predictions.answers):
        lines += answer_lines(name, predictions.answers[name], folder)
    write_text(predictions.path, "".join(lines))


def header_line(header: Header) -> str:
    return _line(
        format=FORMAT,
        version=FORMAT_VERSION,
        detector=header.detector,
        detector_version=header.version,
        protocol=header.protocol,
        views=list(header.views),
        data=header.data,
    )


def answer_lines(name: str, answer: Answer, folder: Path) -> list[str]:
    """A line a box, then the scene's own line, which tells that the scene is done."""
    masks = answer.masks or (None,) * len(answer.boxes)
    lines = [
        _line(
            scene=name,
            box=box.tolist(),
            score=float(score),
            mask=None if mask is None else os.path.relpath(mask, folder),
        )
        for box, score, mask in zip(answer.boxes, answer.scores, masks, strict=True)
    ]
    done = _line(
        scene=name,
        seconds=answer.seconds,
        peak_bytes=answer.peak_bytes,
        failed=answer.failed,
    )
    return [*lines, done]


def to_answer(predictions: Sequence[Prediction], folder: Path, name: str, **facts: Any) -> Answer:
    """Boxes and scores as arrays; masks become files NAME-K.npz in folder. facts: as in Answer."""
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
        **facts,
    )


def write_mask(path: Path, mask: NDArray[np.floating]) -> None:
    """(V, H, W) from 0 to 1, kept in 256 steps."""

    buffer = io.BytesIO()
    np.savez_compressed(buffer, mask=np.rint(255 * np.asarray(mask, float)).astype(np.uint8))
    write_bytes(path, buffer.getvalue())


def _line(**content: Any) -> str:
    return json.dumps({key: value for key, value in content.items() if value is not None}) + "\n"
