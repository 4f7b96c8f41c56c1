"""Trained detectors of either kind, by the folder or file that a user names."""

from __future__ import annotations

from pathlib import Path

from benchmark.detectors.interface import Loaded
from benchmark.training.checkpoint import BEST, LAST
from benchmark.training.detector import load_trained
from benchmark.training.finder.files import WEIGHTS as FINDER
from benchmark.training.judge.detector import load_judging
from benchmark.training.judge.files import WEIGHTS, detector_file
from datagen.errors import OddgenError


def load_run(path: Path) -> Loaded:
    """Of an --out folder of train-judge or train, or of a file in it.

    Raises OddgenError where it is neither.
    """
    remedy = "give the --out folder of oddbench train-judge or train, or a file in it"
    if not path.exists():
        raise OddgenError(f"{path}: no such file or folder; {remedy}.")
    if path.is_dir() and not any((path / name).exists() for name in (WEIGHTS, LAST, BEST)):
        raise OddgenError(f"{path}: holds no trained detector; {remedy}.")
    file = detector_file(path)
    if not file.exists() and (path / FINDER).exists():
        raise OddgenError(
            f"{path}: holds a finder, which judges nothing; train a judge beside it with oddbench "
            "train-judge, or give it as --finder to a --detector."
        )
    if file.suffix == Path(WEIGHTS).suffix and file.is_file():
        return load_judging(file)
    return load_trained(path)
