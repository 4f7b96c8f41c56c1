"""What a study found: rows of figures with intervals, whatever is made of them."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.scoring.bootstrap import Estimate

FIGURES = {"auc": "AUC", "recall": "found", "accuracy": "accuracy"}


@dataclass(frozen=True)
class Row:
    """of: the contestant's name. group: what of the study the row is about, in words; x: the same
    as a number, where there is one. objects: how many it rests on."""

    of: str
    group: str
    x: float | None
    objects: int
    figures: dict[str, Estimate]


@dataclass(frozen=True)
class StudyTable:
    """title, about: for people. group, x: heads of the columns; columns: head of each figure.

    plotted: the figure of the plot, drawn over x where rows have it. notes: what to bear in mind:
    the paper's figures, how this differs from them, cells that failed.
    """

    name: str
    title: str
    about: str
    group: str
    columns: dict[str, str]
    plotted: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    level: float | None = 0.5
