"""Trained detectors of any kind, by the folder or file that a user names."""

from __future__ import annotations

from pathlib import Path

from benchmark.detectors.interface import Loaded
from benchmark.training.baselines.detector import load_baseline_detector
from benchmark.training.baselines.files import WEIGHTS as BASELINE
from benchmark.training.checkpoint import BEST, LAST, checkpoint_file
from benchmark.training.detector import load_trained
from benchmark.training.dgcnn.detector import load_cloud_detector
from benchmark.training.dgcnn.files import WEIGHTS as CLOUDS
from benchmark.training.dgcnn.schema import FORMAT as CLOUD_FORMAT
from benchmark.training.finder.files import WEIGHTS as FINDER
from benchmark.training.judge.detector import load_judging
from benchmark.training.judge.files import WEIGHTS, detector_file
from benchmark.training.run_files import told_format
from datagen.errors import OddgenError

BASELINE_FORMAT = "odd-one-out baseline"


def load_run(path: Path, heat: bool = False) -> Loaded:
    """Of an --out folder of train or train-judge, or of a file in it.

    heat: whether predictions come with masks of where they are odd, if the detector can tell.
    Raises OddgenError where it is none.
    """
    if _is(path, BASELINE, BASELINE_FORMAT):
        return load_baseline_detector(path)
    if _is(path, CLOUDS, CLOUD_FORMAT):
        return load_cloud_detector(path)
    file = weights_file(path)
    return load_judging(file, heat) if _is_whole(file) else load_trained(path)


def weights_file(path: Path) -> Path:
    """The file of weights meant by such a folder or file: a detector's, or the paper's checkpoint.

    Raises OddgenError where there is none, or a baseline's.
    """
    if _is(path, BASELINE, BASELINE_FORMAT) or _is(path, CLOUDS, CLOUD_FORMAT):
        raise OddgenError(
            f"{path}: holds a baseline, which nothing goes on from; give the --out folder of "
            "another run, or leave --from out."
        )
    remedy = "give the --out folder of oddbench train or train-judge, or a file in it"
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
    return file if _is_whole(file) else checkpoint_file(path)


def _is_whole(file: Path) -> bool:
    return file.suffix == Path(WEIGHTS).suffix and file.is_file()


def _is(path: Path, weights: str, form: str) -> bool:
    """Whether a folder holds such a file, or the file's own metadata says that it is one."""
    if path.is_dir():
        return (path / weights).exists()
    return told_format(path) == form
