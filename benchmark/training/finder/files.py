"""A finder's files: its weights, in half precision, and checkpoints to go on from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.training.finder.schema import FinderFile, FinderState
from benchmark.training.run_files import Weights, fit, load_run_file, load_weights
from datagen.base.reading import reading
from model.finder.finder import Finder

WEIGHTS, LAST = "finder.safetensors", "last.pt"


@dataclass(frozen=True)
class FinderCheckpoint:
    """Weights by name; optimiser and schedule as torch has them."""

    state: FinderState
    model: Weights
    optimiser: dict[str, Any]
    schedule: dict[str, Any]


def load_finder(path: Path) -> tuple[Finder, FinderFile]:
    """Of a run's folder or one file. Raises OddgenError where it is none of ours."""
    file = path / WEIGHTS if path.is_dir() else path
    remedy = "give the --out folder of oddbench train-finder"
    told, weights = load_weights(FinderFile, file, remedy)
    with reading(file, remedy):
        finder = Finder(told.config)
    fit(finder, weights, "", file)
    return finder, told


def load_checkpoint(path: Path) -> FinderCheckpoint:
    """Raises OddgenError where it is none, or damaged."""
    return load_run_file(FinderState, FinderCheckpoint, path)
