"""Trained detectors of either kind, by the folder or file that a user names."""

from __future__ import annotations

from pathlib import Path

from benchmark.detectors.interface import Loaded
from benchmark.training.detector import load_trained
from benchmark.training.judge.detector import load_judging
from benchmark.training.judge.files import WEIGHTS, detector_file


def load_run(path: Path) -> Loaded:
    """Of an --out folder of train-judge or train, or of a file in it.

    Raises OddgenError where it is neither.
    """
    file = detector_file(path)
    if file.suffix == Path(WEIGHTS).suffix and (file.is_file() or not path.is_dir()):
        return load_judging(file)
    return load_trained(path)
