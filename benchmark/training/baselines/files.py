"""A baseline's files: its weights, in half precision, and checkpoints to go on from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.training.baselines.networks import make_network
from benchmark.training.baselines.schema import BaselineFile, BaselineState
from benchmark.training.run_files import Weights, fit, load_run_file, load_weights
from model.baseline import Baseline

WEIGHTS, LAST = "baseline.safetensors", "last.pt"


@dataclass(frozen=True)
class BaselineCheckpoint:
    """Weights by name; optimiser as torch has it."""

    state: BaselineState
    model: Weights
    optimiser: dict[str, Any]


def baseline_file(path: Path) -> Path:
    """The file meant by a run's folder, or by a file."""
    return path / WEIGHTS if path.is_dir() else path


def load_baseline(path: Path) -> tuple[Baseline, BaselineFile]:
    """Of a run's folder or one file. Raises OddgenError where it is none of ours."""
    file = baseline_file(path)
    remedy = "give the --out folder of oddbench train --model imvoxelnet or detr3d"
    told, weights = load_weights(BaselineFile, file, "baseline", remedy)
    network = make_network(told.config)
    fit(network, weights, "", file)
    return network, told


def load_checkpoint(path: Path) -> BaselineCheckpoint:
    """Raises OddgenError where it is none, or damaged."""
    return load_run_file(BaselineState, BaselineCheckpoint, path)
