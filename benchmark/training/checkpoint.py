"""Checkpoints: written aside and renamed, with all that is needed to go on or to predict."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from datagen.base.files import whole_file
from datagen.errors import OddgenError
from model.config import DetectorConfig
from model.detector import OddOneOutNetwork

FORMAT = "odd-one-out checkpoint"
FORMAT_VERSION = 1
LAST, BEST = "last.pt", "best.pt"


@dataclass(frozen=True)
class Checkpoint:
    """State after `epoch` epochs of `stage`.

    run: what decides the result besides the configuration: seed, data checksum, split, teacher,
    encoder weights, precision. code: version and commit. history: one entry per epoch.
    optimiser is None in best.pt, which nobody goes on from.
    """

    config: DetectorConfig
    run: dict[str, Any]
    code: dict[str, Any]
    stage: int
    epoch: int
    history: list[dict[str, Any]]
    model: dict[str, Any]
    optimiser: dict[str, Any] | None


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Whole or not at all."""
    content = vars(checkpoint) | {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "config": checkpoint.config.to_json(),
    }
    with whole_file(path) as aside:
        torch.save(content, aside)


def load(path: Path) -> Checkpoint:
    """On the CPU. Raises OddgenError where the file is no checkpoint of ours."""
    if not path.is_file():
        raise OddgenError(f"{path}: no such file; give a checkpoint of oddbench train.")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds
        raise OddgenError(
            f"{path}: damaged or no checkpoint ({type(error).__name__}); use another one."
        ) from error
    if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
        raise OddgenError(f"{path}: not a checkpoint of oddbench train; give its --out folder.")
    if content.pop("format_version") > FORMAT_VERSION:
        raise OddgenError(f"{path}: written by a newer oddbench; update odd-one-out.")
    return Checkpoint(**content | {"config": DetectorConfig.from_json(content["config"])})


def checkpoint_file(place: Path) -> Path:
    """The file meant by a run's folder, its best checkpoint or else its last, or by a file."""
    if not place.is_dir():
        return place
    return place / (BEST if (place / BEST).exists() else LAST)


def load_detector(place: Path) -> tuple[OddOneOutNetwork, Checkpoint]:
    """The detector of a run's folder or of one file. Raises OddgenError as load does."""
    file = checkpoint_file(place)
    checkpoint = load(file)
    detector = OddOneOutNetwork(checkpoint.config)
    try:
        detector.load_state_dict(checkpoint.model)
    except RuntimeError as error:
        raise OddgenError(
            f"{file}: its weights are of odd-one-out {checkpoint.code['odd-one-out']}, whose "
            "detector was another; train it again, or use that version."
        ) from error
    return detector.eval(), checkpoint


def code_version() -> dict[str, Any]:
    """Our version, the commit of a git checkout (None elsewhere), whether files were changed."""
    here = Path(__file__).parent
    commit = _git(here, "rev-parse", "HEAD")
    changes = _git(here, "status", "--porcelain", "--untracked-files=no") if commit else None
    return {
        "odd-one-out": version("odd-one-out"),
        "torch": str(torch.__version__),
        "commit": commit,
        "changed": bool(changes),
    }


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
