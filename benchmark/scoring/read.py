"""Read a file of predictions, strictly: any fault is one sentence with the number of its line."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.detectors.predictions import (
    FORMAT,
    FORMAT_VERSION,
    PROTOCOLS,
    Answer,
    Floats,
    Header,
    Predictions,
    box_fault,
    no_boxes,
    protocol_fault,
    score_fault,
)
from benchmark.scoring.ground_truth import Truth
from datagen.base.files import in_words
from datagen.errors import OddgenError

HEADER_KEYS = {"format", "version", "detector", "protocol", "views", "detector_version", "data"}
BOX_KEYS = {"scene", "box", "score", "mask"}
SCENE_KEYS = {"scene", "seconds", "peak_bytes", "failed"}


class _Fault(Exception):
    """What is wrong with a line, and what to do."""


@dataclass
class _Gathered:
    """What the lines have said of a scene so far."""

    line: int
    rows: list[tuple[Floats, float, Path | None]] = field(default_factory=list)
    facts: dict[str, Any] | None = None


def read_predictions(path: Path) -> Predictions:
    """Raises OddgenError for anything that docs/scoring.md does not allow."""
    lines = _lines(path)
    if not lines:
        raise OddgenError(f"{path}: is empty; begin with the header line of docs/scoring.md.")
    scenes: dict[str, _Gathered] = {}
    header = None
    for number, text in lines:
        try:
            content = _parsed(text)
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


def _parsed(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text, object_pairs_hook=_without_doubles)
    except (json.JSONDecodeError, RecursionError) as error:
        raise _Fault(f"is no JSON ({error}); write one JSON object a line") from error
    except ValueError as error:
        raise _Fault(f"a number cannot be read ({error}); write fewer digits") from error
    if not isinstance(content, dict):
        raise _Fault("is no JSON object; write one object in braces a line")
    return content


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise _Fault("says a key twice; say each once")
    return content


def _header(content: dict[str, Any]) -> Header:
    if content.get("format") != FORMAT:
        raise _Fault(f'is no header; begin the file with {{"format": "{FORMAT}", ...}}')
    _check_keys(content, HEADER_KEYS, {"version", "detector", "protocol", "views"})
    version, views = content["version"], content["views"]
    if not _is_whole(version) or not 1 <= version <= FORMAT_VERSION:
        raise _Fault(f"version is {_short(version)}; this odd-one-out reads {FORMAT_VERSION}")
    for key in ("detector", "detector_version", "data"):
        if key in content and (not isinstance(content[key], str) or not content[key].strip()):
            raise _Fault(f"{key} is {_short(content[key])}; give a text")
    protocol = content["protocol"]
    if not isinstance(protocol, str) or protocol not in PROTOCOLS:
        raise _Fault(f"protocol is {_short(protocol)}; choose one of {', '.join(PROTOCOLS)}")
    if not isinstance(views, list) or not views or not all(_is_whole(v) and v >= 0 for v in views):
        raise _Fault(f"views is {_short(views)}; give a list of view numbers such as [0, 4, 8]")
    if len(set(views)) < len(views):
        raise _Fault("views names a view twice; name each once")
    return Header(
        content["detector"],
        protocol,
        tuple(views),
        content.get("detector_version"),
        content.get("data"),
    )


def _add_line(
    scenes: dict[str, _Gathered], content: dict[str, Any], number: int, folder: Path
) -> None:
    """A line about a box, or about a scene as a whole."""
    name = content.get("scene")
    if not isinstance(name, str):
        raise _Fault(f"scene is {_short(name)}; give the scene's name, such as scene-000017")
    gathered = scenes.setdefault(name, _Gathered(number))
    if "box" in content or "score" in content:
        _check_keys(content, BOX_KEYS, {"scene", "box", "score"})
        box, score = _box(content["box"]), _score(content["score"])
        if any(np.array_equal(box, other) for other, _, _ in gathered.rows):
            raise _Fault(f"{name} has this box already; give each object once")
        mask = _mask(content["mask"], folder) if "mask" in content else None
        gathered.rows.append((box, score, mask))
    else:
        _check_keys(content, SCENE_KEYS, {"scene"})
        if gathered.facts is not None:
            raise _Fault(f"{name} has a line without a box already; give one a scene")
        gathered.facts = _facts(content)
    if gathered.rows and (gathered.facts or {}).get("failed"):
        raise _Fault(f"{name} has both boxes and a failure; give one of them")


def _check_keys(content: dict[str, Any], known: set[str], needed: set[str]) -> None:
    for key in sorted(needed - set(content)):
        raise _Fault(f"{key} is missing; add it")
    for key in sorted(set(content) - known):
        raise _Fault(f"{_short(key)} is not known here; the keys are {', '.join(sorted(known))}")


def _box(value: Any) -> Floats:
    corners: list[Any] = value if isinstance(value, list) and len(value) == 2 else [None]
    if not all(
        isinstance(corner, list) and len(corner) == 3 and all(map(_is_number, corner))
        for corner in corners
    ):
        raise _Fault(f"box is {_short(value)}; give [[x0, y0, z0], [x1, y1, z1]] in metres")
    box = np.array([[_to_float(number) for number in corner] for corner in corners])
    fault = box_fault(box)
    if fault:
        raise _Fault(fault)
    return box


def _score(value: Any) -> float:
    if not _is_number(value):
        raise _Fault(f"score is {_short(value)}; give a number from 0 to 1")
    score = _to_float(value)
    fault = score_fault(score)
    if fault:
        raise _Fault(fault)
    return score


def _mask(value: Any, folder: Path) -> Path:
    if not isinstance(value, str) or "\0" in value or not (folder / value).is_file():
        raise _Fault(f"mask is {_short(value)}, no file there; give its path from {folder}")
    return folder / value


def _facts(content: dict[str, Any]) -> dict[str, Any]:
    for key in ("seconds", "peak_bytes"):
        value = content.get(key, 0)
        if not _is_number(value) or not 0 <= _to_float(value) < np.inf:
            raise _Fault(f"{key} is {_short(value)}; give a number, 0 or more")
    failed = content.get("failed", "-")
    if not isinstance(failed, str) or not failed.strip():
        raise _Fault(f"failed is {_short(failed)}; say in words why there is no answer")
    return {key: content[key] for key in ("seconds", "peak_bytes", "failed") if key in content}


def _answer(gathered: _Gathered) -> Answer:
    rows = sorted(gathered.rows, key=lambda row: row[0].ravel().tolist())
    return Answer(
        boxes=np.stack([box for box, _, _ in rows]) if rows else no_boxes(),
        scores=np.array([score for _, score, _ in rows], float),
        masks=tuple(mask for _, _, mask in rows),
        finished=gathered.facts is not None,
        line=gathered.line,
        **gathered.facts or {},
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _to_float(value: int | float) -> float:
    """Infinity for a whole number too large for a float."""
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:37] + "..."
