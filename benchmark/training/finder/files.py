"""A finder's files: its weights, in half precision, and checkpoints to go on from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmark.training.finder.schema import FinderFile, FinderState
from datagen.base.files import whole_file
from datagen.base.typed import WrongData, parse, parsed, plain
from datagen.errors import OddgenError
from model.finder.finder import Finder

WEIGHTS, LAST = "finder.safetensors", "last.pt"


@dataclass(frozen=True)
class FinderCheckpoint:
    """Weights by name; optimiser and schedule as torch has them."""

    state: FinderState
    model: dict[str, Tensor]
    optimiser: dict[str, Any]
    schedule: dict[str, Any]


def save_finder(finder: Finder, told: FinderFile, path: Path) -> None:
    """Whole or not at all; weights in float16."""
    from safetensors.torch import save_file

    weights = {name: value.half().contiguous() for name, value in finder.state_dict().items()}
    with whole_file(path) as aside:
        save_file(weights, aside, {"told": json.dumps(plain(told))})


def load_finder(path: Path) -> tuple[Finder, FinderFile]:
    """Of a run's folder or one file. Raises OddgenError where it is none of ours."""
    from safetensors import SafetensorError, safe_open

    file = path / WEIGHTS if path.is_dir() else path
    remedy = "give the --out folder of oddbench train-finder"
    if not file.is_file():
        raise OddgenError(f"{file}: no such file; {remedy}.")
    try:
        with safe_open(file, "pt") as content:
            told = parse(FinderFile, (content.metadata() or {})["told"])
            weights = {name: content.get_tensor(name).float() for name in content.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, WrongData) as error:
        raise OddgenError(f"{file}: no finder that can be read ({error}); {remedy}.") from error
    finder = Finder(told.config)
    try:
        finder.load_state_dict(weights)
    except RuntimeError as error:
        raise OddgenError(
            f"{file}: its weights do not fit this odd-one-out; train it again."
        ) from error
    return finder.eval(), told


def save_checkpoint(checkpoint: FinderCheckpoint, path: Path) -> None:
    """Whole or not at all."""
    content = {
        "state": plain(checkpoint.state),
        "model": checkpoint.model,
        "optimiser": checkpoint.optimiser,
        "schedule": checkpoint.schedule,
    }
    with whole_file(path) as aside:
        torch.save(content, aside)


def load_checkpoint(path: Path) -> FinderCheckpoint:
    """Raises OddgenError where it is none, or damaged."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        state = parsed(FinderState, content["state"], finite=False)
        return FinderCheckpoint(state, content["model"], content["optimiser"], content["schedule"])
    except Exception as error:  # torch raises many kinds
        raise OddgenError(
            f"{path}: damaged or no checkpoint ({type(error).__name__}); remove it to start again."
        ) from error
