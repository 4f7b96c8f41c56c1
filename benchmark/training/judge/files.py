"""A detector's file: finder and judge in half precision; and checkpoints to go on from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmark.training.judge.schema import DetectorFile, JudgeState
from datagen.base.files import whole_file
from datagen.base.typed import WrongData, parse, parsed, plain
from datagen.errors import OddgenError
from model.finder.finder import Finder
from model.judge.judge import Judge

WEIGHTS, LAST = "detector.safetensors", "last.pt"
FINDER, JUDGE = "finder.", "judge."


@dataclass(frozen=True)
class JudgeCheckpoint:
    """Weights by name, and averaged ones; optimiser and schedule as torch has them."""

    state: JudgeState
    model: dict[str, Tensor]
    averaged: dict[str, Tensor]
    optimiser: dict[str, Any]
    schedule: dict[str, Any]


@dataclass(frozen=True)
class WholeDetector:
    """What finds objects, what judges them, and how both came about."""

    finder: Finder
    judge: Judge
    told: DetectorFile


def save_detector(detector: WholeDetector, path: Path) -> None:
    """Whole or not at all; weights in float16."""
    from safetensors.torch import save_file

    parts = {FINDER: detector.finder, JUDGE: detector.judge}
    weights = {
        prefix + name: value.half().contiguous()
        for prefix, module in parts.items()
        for name, value in module.state_dict().items()
    }
    with whole_file(path) as aside:
        save_file(weights, aside, {"told": json.dumps(plain(detector.told))})


def detector_file(path: Path) -> Path:
    """The file meant by a run's folder, or by a file."""
    return path / WEIGHTS if path.is_dir() else path


def load_whole_detector(path: Path) -> WholeDetector:
    """Of a run's folder or one file. Raises OddgenError where it is none of ours."""
    from safetensors import SafetensorError, safe_open

    file = detector_file(path)
    remedy = "give the --out folder of oddbench train-judge"
    if not file.is_file():
        raise OddgenError(f"{file}: no such file; {remedy}.")
    try:
        with safe_open(file, "pt") as content:
            told = parse(DetectorFile, (content.metadata() or {})["told"])
            weights = {name: content.get_tensor(name).float() for name in content.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, WrongData) as error:
        raise OddgenError(f"{file}: no detector that can be read ({error}); {remedy}.") from error
    finder, judge = Finder(told.finder.config), Judge(told.config)
    try:
        finder.load_state_dict(_part(weights, FINDER))
        judge.load_state_dict(_part(weights, JUDGE))
    except RuntimeError as error:
        raise OddgenError(
            f"{file}: its weights do not fit this odd-one-out; train it again."
        ) from error
    return WholeDetector(finder.eval(), judge.eval(), told)


def save_judge_checkpoint(checkpoint: JudgeCheckpoint, path: Path) -> None:
    """Whole or not at all."""
    content = dict(vars(checkpoint)) | {"state": plain(checkpoint.state)}
    with whole_file(path) as aside:
        torch.save(content, aside)


def load_judge_checkpoint(path: Path) -> JudgeCheckpoint:
    """Raises OddgenError where it is none, or damaged."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        state = parsed(JudgeState, content.pop("state"), finite=False)
        return JudgeCheckpoint(state, **content)
    except Exception as error:  # torch raises many kinds
        raise OddgenError(
            f"{path}: damaged or no checkpoint ({type(error).__name__}); remove it to start again."
        ) from error


def _part(weights: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): value
        for name, value in weights.items()
        if name.startswith(prefix)
    }
