"""A detector's file: finder and judge in half precision; and checkpoints to go on from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.training.judge.schema import DetectorFile, JudgeState
from benchmark.training.run_files import Weights, fit, load_run_file, load_weights, save_weights
from datagen.base.reading import reading
from model.finder.finder import Finder
from model.judge.judge import Judge

WEIGHTS, LAST = "detector.safetensors", "last.pt"
FINDER, JUDGE = "finder.", "judge."


@dataclass(frozen=True)
class JudgeCheckpoint:
    """Weights by name, and averaged ones; optimiser and schedule as torch has them."""

    state: JudgeState
    model: Weights
    averaged: Weights
    optimiser: dict[str, Any]
    schedule: dict[str, Any]


@dataclass(frozen=True)
class WholeDetector:
    """What finds objects, what judges them, and how both came about."""

    finder: Finder
    judge: Judge
    told: DetectorFile


def save_detector(detector: WholeDetector, path: Path) -> None:
    """Whole or not at all."""
    save_weights({FINDER: detector.finder, JUDGE: detector.judge}, detector.told, path)


def detector_file(path: Path) -> Path:
    """The file meant by a run's folder, or by a file."""
    return path / WEIGHTS if path.is_dir() else path


def load_whole_detector(path: Path) -> WholeDetector:
    """Of a run's folder or one file. Raises OddgenError where it is none of ours."""
    file = detector_file(path)
    remedy = "give the --out folder of oddbench train-judge"
    told, weights = load_weights(DetectorFile, file, remedy)
    with reading(file, remedy):
        finder, judge = Finder(told.finder.config), Judge(told.config)
    fit(finder, weights, FINDER, file)
    fit(judge, weights, JUDGE, file)
    return WholeDetector(finder, judge, told)


def load_judge_checkpoint(path: Path) -> JudgeCheckpoint:
    """Raises OddgenError where it is none, or damaged."""
    return load_run_file(JudgeState, JudgeCheckpoint, path)
