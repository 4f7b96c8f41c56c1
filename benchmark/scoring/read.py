"""Read a file of predictions, strictly: any fault is one sentence with the number of its line."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar

import numpy as np

from benchmark.detectors.predictions import (
    FORMAT,
    FORMAT_VERSION,
    PROTOCOL_VERSIONS,
    PROTOCOLS,
    Answer,
    Floats,
    Header,
    Predictions,
    no_boxes,
    protocol_fault,
)
from benchmark.scoring.ground_truth import Truth
from benchmark.scoring.schema import BoxLine, HeaderLine, SceneLine
from datagen.base.files import in_words
from datagen.base.typed import WrongData, parsed
from datagen.errors import OddgenError

Line = TypeVar("Line", HeaderLine, BoxLine, SceneLine)

REMEDIES = {
    "version": f"this odd-one-out reads {FORMAT_VERSION}",
    "detector": "give a text",
    "detector_version": "give a text",
    "data": "give a text",
    "protocol": f"choose one of {', '.join(PROTOCOLS)}",
    "protocol_version": "give a whole number",
    "views": "give a list of view numbers such as [0, 4, 8]",
    "scene": "give the scene's name, such as scene-000017",
    "box": "give [[x0, y0, z0], [x1, y1, z1]] in metres",
    "score": "give a number from 0 to 1",
    "mask": "give a path",
    "seconds": "give a number, 0 or more",
    "peak_bytes": "give a number, 0 or more",
    "failed": "say in words why there is no answer",
}


class _Fault(Exception):
    """What is wrong with a line, and what to do."""


@dataclass
class _Gathered:
    """What the lines have said of a scene so far."""

    line: int
    rows: list[tuple[Floats, float, Path | None]] = field(default_factory=list)
    facts: SceneLine | None = None


def read_predictions(path: Path) -> Predictions:
    """Raises OddgenError for anything that docs/scoring.md does not allow."""
    lines = _lines(path)
    if not lines:
        raise OddgenError(f"{path}: is empty; begin with the header line of docs/scoring.md.")
    scenes: dict[str, _Gathered] = {}
    header = None
    for number, text in lines:
        try:
            content = _decoded(text)
            if header is None:
                header = _header(content)
            else:
                _add_line(scenes, content, number, path.parent)
        except _Fault as fault:
            raise OddgenError(f"{path} line {number}: {fault}.") from fault
    assert header is not None
    return Predictions(path, header, {name: _answer(scenes[name]) for name in sorted(scenes)})


def check_against(predictions: Predictions, truth: Truth) -> None:
    """Raises OddgenError where predictions cannot be of this dataset or break their protocol."""
    path, header = predictions.path, predictions.header
    asked = PROTOCOL_VERSIONS.get(header.protocol)
    if header.protocol_version != asked:
        raise OddgenError(
            f"{path} line 1: protocol_version is {header.protocol_version}, and with the protocol "
            f"{header.protocol} this odd-one-out scores {asked}: exact true boxes give the odd "
            "objects away, so rounded ones are given now; make the predictions again."
        )
    if header.data is not None and header.data != truth.digest:
        raise OddgenError(
            f"{path}: made for the dataset {header.data}, and {truth.out} is {truth.digest}; "
            "give the dataset that it was made for."
        )
    if max(header.views) >= truth.views:
        raise OddgenError(
            f"{path} line 1: view {max(header.views)} is not in {truth.out}, whose views are "
            f"0 to {truth.views - 1}; give the views that the detector saw."
        )
    for name, answer in predictions.answers.items():
        if name not in truth.scenes:
            raise OddgenError(
                f"{path} line {answer.line}: {name} is no scene of {truth.out}; "
                "predict for the scenes of the dataset that is scored."
            )
        fault = protocol_fault(header.protocol, answer.boxes, truth.scenes[name].boxes)
        if fault:
            raise OddgenError(f"{path} line {answer.line}: {name}: {fault}.")


def _lines(path: Path) -> list[tuple[int, str]]:
    """Lines with something on them, by number from 1."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise OddgenError(f"{path}: is not UTF-8 text; give a JSON Lines file.") from error
    except OSError as error:
        raise OddgenError(f"{path}: {in_words(error)}; give a file of predictions.") from error
    return [(k, line) for k, line in enumerate(text.split("\n"), 1) if line.strip()]


def _decoded(text: str) -> dict[str, object]:
    try:
        content = json.loads(text, object_pairs_hook=_without_doubles)
    except (json.JSONDecodeError, RecursionError) as error:
        raise _Fault(f"is no JSON ({error}); write one JSON object a line") from error
    except ValueError as error:
        raise _Fault(f"a number cannot be read ({error}); write fewer digits") from error
    if not isinstance(content, dict):
        raise _Fault("is no JSON object; write one object in braces a line")
    return content


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise _Fault("says a key twice; say each once")
    return content


def _typed(kind: type[Line], content: dict[str, object]) -> Line:
    try:
        return parsed(kind, content, finite=False)
    except WrongData as error:
        raise _Fault(_words(kind, content, error)) from error


def _words(kind: type[Line], content: dict[str, object], error: WrongData) -> str:
    """What is wrong with a line, by its outermost key, and what to do."""
    if not error.key:
        return f"is {error}; write one JSON object a line"
    key = str(error.key[0])
    if key not in content:
        return f"{key} is missing; add it"
    if error.fault == "unexpected_keyword_argument":
        known = ", ".join(sorted(entry.name for entry in fields(kind)))
        return f"{_short(key)} is not known here; the keys are {known}"
    if error.fault == "value_error":
        return error.told
    return f"{key} is {_short(content[key])}; {REMEDIES[key]}"


def _header(content: dict[str, object]) -> Header:
    if content.get("format") != FORMAT:
        raise _Fault(f'is no header; begin the file with {{"format": "{FORMAT}", ...}}')
    line = _typed(HeaderLine, content)
    return Header(
        line.detector,
        line.protocol,
        line.views,
        line.detector_version,
        line.data,
        line.protocol_version,
    )


def _add_line(
    scenes: dict[str, _Gathered], content: dict[str, object], number: int, folder: Path
) -> None:
    """A line about a box, or about a scene as a whole."""
    if "box" in content or "score" in content:
        line = _typed(BoxLine, content)
        gathered = scenes.setdefault(line.scene, _Gathered(number))
        box = np.array(line.box)
        if any(np.array_equal(box, other) for other, _, _ in gathered.rows):
            raise _Fault(f"{line.scene} has this box already; give each object once")
        mask = None if line.mask is None else _mask(line.mask, folder)
        gathered.rows.append((box, line.score, mask))
    else:
        facts = _typed(SceneLine, content)
        gathered = scenes.setdefault(facts.scene, _Gathered(number))
        if gathered.facts is not None:
            raise _Fault(f"{facts.scene} has a line without a box already; give one a scene")
        gathered.facts = facts
    if gathered.rows and gathered.facts is not None and gathered.facts.failed:
        raise _Fault(f"{gathered.facts.scene} has both boxes and a failure; give one of them")


def _mask(name: str, folder: Path) -> Path:
    if "\0" in name or not (folder / name).is_file():
        raise _Fault(f"mask is {_short(name)}, no file there; give its path from {folder}")
    return folder / name


def _answer(gathered: _Gathered) -> Answer:
    rows = sorted(gathered.rows, key=lambda row: row[0].ravel().tolist())
    facts = gathered.facts
    return Answer(
        boxes=np.stack([box for box, _, _ in rows]) if rows else no_boxes(),
        scores=np.array([score for _, score, _ in rows], float),
        masks=tuple(mask for _, _, mask in rows),
        failed=None if facts is None else facts.failed,
        seconds=None if facts is None else facts.seconds,
        peak_bytes=None if facts is None else facts.peak_bytes,
        finished=facts is not None,
        line=gathered.line,
    )


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:37] + "..."
