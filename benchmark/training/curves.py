"""A run's history as a JSON Lines file, TensorBoard events and one picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmark.training.schema import HistoryEntry
from datagen.base.files import write_bytes, write_text
from datagen.base.typed import line

GROUPS = ("train", "validation")
COLOURS = {
    "loss": "#222222",
    "image": "#1f77b4",
    "mask": "#2ca02c",
    "feature": "#9467bd",
    "classification": "#d62728",
    "auc": "#d62728",
    "recall": "#1f77b4",
}


def write_history(history: Sequence[HistoryEntry], folder: Path) -> None:
    """history.jsonl and curves.png, from all epochs so far."""
    write_text(folder / "history.jsonl", "".join(line(entry) for entry in history))
    write_bytes(folder / "curves.png", plot(history))


def open_events(folder: Path, epochs: int) -> Any:
    """A TensorBoard writer that goes on after so many epochs; later ones of a cut-off run go."""
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(folder / "tensorboard"), purge_step=epochs + 1)


def write_events(entry: HistoryEntry, number: int, writer: Any) -> None:
    """One epoch, counted from 1 over both stages."""
    for group in GROUPS:
        for key, value in figures(entry, group).items():
            writer.add_scalar(f"{group}/{key}", value, number)
    writer.flush()


def plot(history: Sequence[HistoryEntry]) -> bytes:
    """PNG: each loss term (dashed: validation), and what validation measured."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    FigureCanvasAgg(figure)
    losses, measures = figure.subplots(1, 2)
    epochs = range(1, len(history) + 1)
    for key in ("loss", "image", "mask", "feature", "classification"):
        for group, style in zip(GROUPS, ("-", "--"), strict=True):
            values = [_value(entry, group, key) for entry in history]
            if any(value == value for value in values):
                label = key if group == "train" else None
                losses.plot(epochs, values, style, color=COLOURS[key], label=label)
    losses.set(xlabel="epoch", ylabel="loss (dashed: validation)", yscale="log")
    losses.legend(frameon=False)
    for key, label in (("auc", "AUC, true boxes"), ("recall", "boxes found, IoU > .5")):
        values = [_value(entry, "validation", key) for entry in history]
        if any(value == value for value in values):
            measures.plot(epochs, values, "-o", markersize=3, color=COLOURS[key], label=label)
    measures.axhline(0.5, color="#999999", linewidth=0.8, linestyle=":")
    measures.set(xlabel="epoch", ylabel="on validation scenes", ylim=(-0.02, 1.02))
    if measures.lines[:-1]:
        measures.legend(frameon=False, loc="upper left")
    second = sum(entry.stage == 1 for entry in history)
    for axes in (losses, measures):
        axes.spines[["top", "right"]].set_visible(False)
        axes.xaxis.get_major_locator().set_params(integer=True)
        if 0 < second < len(history):
            axes.axvline(second + 0.5, color="#999999", linewidth=0.8)
            top = axes.get_xaxis_transform()
            axes.text(second + 0.6, 1.0, "stage 2", transform=top, va="bottom", color="#666666")
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=110)
    return picture.getvalue()


def figures(entry: HistoryEntry, group: str) -> dict[str, float]:
    """What is known of a group of GROUPS."""
    found = (entry.train if group == "train" else entry.validation) or {}
    return {key: value for key, value in found.items() if value is not None}


def _value(entry: HistoryEntry, group: str, key: str) -> float:
    return figures(entry, group).get(key, float("nan"))
