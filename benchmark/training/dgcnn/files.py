"""Files of a colmap-dgcnn: its weights, in half precision, and checkpoints to go on from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.training.dgcnn.schema import DgcnnFile, DgcnnState
from benchmark.training.run_files import Weights, fit, load_run_file, load_weights
from model.dgcnn.network import Dgcnn

WEIGHTS, LAST = "clouds.safetensors", "last.pt"


@dataclass(frozen=True)
class DgcnnCheckpoint:
    """Weights by name; optimiser as torch has it."""

    state: DgcnnState
    model: Weights
    optimiser: dict[str, Any]


def dgcnn_file(path: Path) -> Path:
    """The file meant by a run's folder, or by a file."""
    return path / WEIGHTS if path.is_dir() else path


def load_dgcnn(path: Path) -> tuple[Dgcnn, DgcnnFile]:
    """Of a run's folder or one file. Raises OddgenError where it is none of ours."""
    file = dgcnn_file(path)
    remedy = "give the --out folder of oddbench train --model colmap-dgcnn"
    told, weights = load_weights(DgcnnFile, file, remedy)
    network = Dgcnn(told.config.network, len(told.facts.categories))
    fit(network, weights, "", file)
    return network, told


def load_checkpoint(path: Path) -> DgcnnCheckpoint:
    """Raises OddgenError where it is none, or damaged."""
    return load_run_file(DgcnnState, DgcnnCheckpoint, path)
