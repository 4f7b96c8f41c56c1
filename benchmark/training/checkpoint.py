"""Checkpoints: written aside and renamed, with all that is needed to go on or to predict."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmark.training.schema import CodeVersion, TrainingState
from datagen.base.files import whole_file
from datagen.base.reading import reading
from datagen.base.typed import WrongData, parsed, plain
from datagen.errors import OddgenError
from model.detector import OddOneOutNetwork

FORMAT = "odd-one-out checkpoint"
FORMAT_VERSION = 1
LAST, BEST = "last.pt", "best.pt"


@dataclass(frozen=True)
class Checkpoint:
    """model: weights by name. optimiser: None in best.pt, which nobody goes on from."""

    state: TrainingState
    model: dict[str, Tensor]
    optimiser: dict[str, Any] | None


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Whole or not at all."""
    content = plain(checkpoint.state) | {
        "model": checkpoint.model,
        "optimiser": checkpoint.optimiser,
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
    }
    with whole_file(path) as aside:
        torch.save(content, aside)


def load(path: Path) -> Checkpoint:
    """On the CPU. Raises OddgenError where the file is no checkpoint of ours."""
    if not path.is_file():
        raise OddgenError(f"{path}: no such file; give a checkpoint of oddbench train.")
    with reading(path, "it is damaged or no checkpoint: use another one"):
        content = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
        raise OddgenError(f"{path}: not a checkpoint of oddbench train; give its --out folder.")
    if content.pop("format_version", None) != FORMAT_VERSION:
        raise OddgenError(f"{path}: written by a newer oddbench; update odd-one-out.")
    try:
        model, optimiser = content.pop("model"), content.pop("optimiser")
        state = parsed(TrainingState, content, finite=False)
    except KeyError as error:
        raise OddgenError(f"{path}: {error.args[0]} is missing; use another one.") from error
    except WrongData as error:
        raise OddgenError(f"{path}: {error}; use another one, or train it again.") from error
    return Checkpoint(state, model, optimiser)


def checkpoint_file(path: Path) -> Path:
    """The file meant by a run's folder, its best checkpoint or else its last, or by a file."""
    if not path.is_dir():
        return path
    return path / (BEST if (path / BEST).exists() else LAST)


def load_detector(path: Path) -> tuple[OddOneOutNetwork, Checkpoint]:
    """The detector of a run's folder or of one file. Raises OddgenError as load does."""
    file = checkpoint_file(path)
    checkpoint = load(file)
    with reading(file, "use another one, or train it again"):
        detector = OddOneOutNetwork(checkpoint.state.config)
        try:
            detector.load_state_dict(checkpoint.model)
        except RuntimeError as error:
            raise OddgenError(
                f"{file}: its weights are of odd-one-out {checkpoint.state.code.version}, whose "
                "detector was another; train it again, or use that version."
            ) from error
    return detector.eval(), checkpoint


def code_version() -> CodeVersion:
    """Of the code that runs."""
    here = Path(__file__).parent
    commit = _git(here, "rev-parse", "HEAD")
    changes = _git(here, "status", "--porcelain", "--untracked-files=no") if commit else None
    return CodeVersion(version("odd-one-out"), str(torch.__version__), commit, bool(changes))


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
