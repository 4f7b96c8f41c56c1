"""What trainings in epochs have in common: the rate, the best epoch, refusals, lines for people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import torch

from datagen.errors import OddgenError

Measured = Mapping[str, float | None]


def device_of(asked: str) -> torch.device:
    """asked: auto takes a GPU where there is one, cpu never."""
    gpu = asked == "auto" and torch.cuda.is_available()
    return torch.device("cuda" if gpu else "cpu")


def set_rate(optimiser: Any, peak: float, schedule: str, share_done: float) -> None:
    """The learning rate as a function of the share of all epochs that are done, 0..1.

    schedule: constant, or cosine, half a wave from `peak` down to 0.
    """
    share = (1 + math.cos(math.pi * share_done)) / 2 if schedule == "cosine" else 1.0
    for group in optimiser.param_groups:
        group["lr"] = peak * share


def refuse_endless(loss: float, out: Path, when: str) -> None:
    """Raises OddgenError for a loss that is no finite number. when: such as `epoch 3`."""
    if not math.isfinite(loss):
        raise OddgenError(
            f"{out}: the loss is {loss} in {when}; start again with a lower --learning-rate."
        )


def rank(measured: Measured, loss: str = "loss") -> tuple[float, float]:
    """Of an epoch on held-out scenes: by the highest AUC, then by the lowest of this loss."""
    auc, own = measured["auc"], measured[loss]
    return (-1.0 if auc is None else auc, -math.inf if own is None else -own)


def last_is_best(ranks: Sequence[tuple[float, float]]) -> bool:
    """Whether no earlier epoch was better; also where none was measured."""
    return not ranks or ranks[-1] == max(ranks)


def differing(stored: object, asked: object) -> list[str]:
    """Names of the fields in which two of one type differ, in words; of parts, of theirs."""
    found: list[str] = []
    for key, one in vars(stored).items():
        other = vars(asked)[key]
        if one != other and is_dataclass(one) and type(one) is type(other):
            found += differing(one, other)
        elif one != other:
            found.append(key.replace("_", " "))
    return found


def refuse_other(path: Path, names: Sequence[str]) -> None:
    """Raises OddgenError where a run's file is of a run in which these differ."""
    if names:
        raise OddgenError(
            f"{path}: is of a run with another {', '.join(names)}; give the same options to go on "
            "with it, or another --out."
        )


def epoch_line(head: str, train: Measured, validation: Measured | None) -> str:
    """What an epoch has brought. head: which one it is, in words."""
    parts = [head]
    for name, group in (("train", train), ("validation", validation)):
        if group:
            known = [f"{key} {value:.4g}" for key, value in group.items() if value is not None]
            parts.append(f"{name}: {', '.join(known)}")
    return "; ".join(parts)
