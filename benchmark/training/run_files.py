"""What runs of the finder and the judge write: weights for use, and checkpoints to go on from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from datagen.base.files import whole_file
from datagen.base.typed import WrongData, parse, parsed, plain
from datagen.errors import OddgenError

T = TypeVar("T")
Weights = dict[str, Tensor]


def save_weights(parts: Mapping[str, nn.Module], told: object, path: Path) -> None:
    """Of modules by the prefix of their names, in float16, with what is told of them.

    safetensors, whole or not at all.
    """
    from safetensors.torch import save_file

    weights = {
        prefix + name: value.half().contiguous()
        for prefix, module in parts.items()
        for name, value in module.state_dict().items()
    }
    with whole_file(path) as aside:
        save_file(weights, aside, {"told": json.dumps(plain(told))})


def load_weights(kind: type[T], file: Path, what: str, remedy: str) -> tuple[T, Weights]:
    """What a file tells, as `kind`, and its weights in float32.

    what, remedy: for the sentence of the OddgenError that is raised where it is none of these.
    """
    from safetensors import SafetensorError, safe_open

    if not file.is_file():
        raise OddgenError(f"{file}: no such file; {remedy}.")
    try:
        with safe_open(file, "pt") as content:
            told = parse(kind, (content.metadata() or {})["told"])
            return told, {name: content.get_tensor(name).float() for name in content.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, WrongData) as error:
        raise OddgenError(f"{file}: no {what} that can be read ({error}); {remedy}.") from error


def told_format(file: Path) -> str | None:
    """The `format` that save_weights was told of; None where the file is none of its."""
    from safetensors import SafetensorError, safe_open

    if file.suffix != ".safetensors" or not file.is_file():
        return None
    try:
        with safe_open(file, "pt") as content:
            told = json.loads((content.metadata() or {})["told"])
    except (SafetensorError, KeyError, ValueError):
        return None
    return told.get("format") if isinstance(told, dict) else None


def fit(module: nn.Module, weights: Weights, prefix: str, file: Path) -> None:
    """Load the weights of this prefix, to be used. Raises OddgenError where they do not fit."""
    own = {
        name.removeprefix(prefix): value
        for name, value in weights.items()
        if name.startswith(prefix)
    }
    try:
        module.load_state_dict(own)
    except RuntimeError as error:
        raise OddgenError(
            f"{file}: its weights do not fit this odd-one-out; train it again."
        ) from error
    module.eval()


def weights_digest(module: nn.Module) -> str:
    """sha256 of a module's weights."""
    values = module.state_dict().values()
    return hashlib.sha256(b"".join(value.cpu().numpy().tobytes() for value in values)).hexdigest()


def save_run(checkpoint: Any, path: Path) -> None:
    """A checkpoint, a dataclass with a `state` among its fields; whole or not at all."""
    with whole_file(path) as aside:
        torch.save(dict(vars(checkpoint)) | {"state": plain(checkpoint.state)}, aside)


def load_run_file(kind: type[Any], make: Callable[..., T], path: Path) -> T:
    """What save_run has saved, its state as `kind`. Raises OddgenError where it is damaged."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        state = parsed(kind, content.pop("state"), finite=False)
        return make(state=state, **content)
    except (WrongData, KeyError) as error:
        raise OddgenError(
            f"{path}: is of another kind of run, or of another version; give another --out."
        ) from error
    except Exception as error:  # torch raises many kinds
        raise OddgenError(
            f"{path}: damaged or no checkpoint ({type(error).__name__}); remove it to start again."
        ) from error
