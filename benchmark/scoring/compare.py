"""Two runs over the same scenes: is the difference more than chance? Paired, by scenes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmark.detectors.predictions import PROTOCOLS, ProtocolName
from benchmark.scoring.bootstrap import Estimate, drawn, interval
from benchmark.scoring.metrics import LOWER_IS_BETTER, TITLES, measures
from benchmark.scoring.outcome import Outcome
from benchmark.scoring.schema import OutcomeFile
from benchmark.scoring.tables import percent
from datagen.base.files import in_words
from datagen.base.typed import NullForNaN, WrongData, parse
from datagen.errors import OddgenError
from datagen.geometry.shape import Floats

SURE = 0.05
DIFFERING = (
    ("data", "datasets"),
    ("split", "splits"),
    ("protocol", "protocols"),
    ("protocol_version", "versions of the protocol"),
)


@dataclass(frozen=True)
class RunOutcome:
    """A run as `oddbench score` has left it."""

    run: str
    data: str
    split: str
    protocol: ProtocolName
    views: tuple[int, ...]
    outcome: Outcome
    protocol_version: int | None = None


@dataclass(frozen=True)
class MetricDifference:
    """B minus A of one figure. p: two-sided; how likely chance alone is to differ as much."""

    a: NullForNaN
    b: NullForNaN
    difference: Estimate
    p: NullForNaN


def compare(
    first: RunOutcome, second: RunOutcome, draws: int, seed: int
) -> dict[str, MetricDifference]:
    """Every figure, by paired bootstrap: each draw takes the same scenes from both runs.

    p is twice the smaller share of draws on either side of 0 (a draw at 0 is on both), counting
    one more draw than was made, at most 1. Raises OddgenError where the runs are not comparable.
    """
    _check_comparable(first, second)
    count = len(first.outcome.names)

    def both(weights: Floats) -> dict[str, Floats]:
        a, b = measures(first.outcome, weights), measures(second.outcome, weights)
        return {name: b[name] - a[name] for name in a if name != "floor"}

    ones = np.ones((1, count))
    a, b = measures(first.outcome, ones), measures(second.outcome, ones)
    return {
        name: MetricDifference(
            float(a[name][0]),
            float(b[name][0]),
            Estimate(float(b[name][0] - a[name][0]), *interval(values)),
            p_value(values),
        )
        for name, values in drawn(both, count, draws, seed).items()
    }


def p_value(differences: Floats) -> float:
    """Two-sided, of bootstrap draws of a difference; NaN where no draw defines it."""
    known = differences[~np.isnan(differences)]
    if not len(known):
        return float("nan")
    tail = min((known <= 0).sum(), (known >= 0).sum())
    return float(min(1.0, 2 * (tail + 1) / (len(known) + 1)))


def _check_comparable(first: RunOutcome, second: RunOutcome) -> None:
    differing = [
        f"{title} ({getattr(first, key)} and {getattr(second, key)})"
        for key, title in DIFFERING
        if getattr(first, key) != getattr(second, key)
    ]
    if differing:
        raise OddgenError(
            f"{first.run} and {second.run}: scored on different {' and '.join(differing)}; "
            "compare runs of the same data, split and protocol."
        )
    same = ("names", "scene", "anomalous", "kinds")
    a, b = first.outcome, second.outcome
    if not all(np.array_equal(getattr(a, key), getattr(b, key)) for key in same):
        raise OddgenError(
            f"{first.run} and {second.run}: scenes or labels differ; score both again."
        )


def read_scored(path: Path) -> RunOutcome:
    """A folder that holds one scored run, or a file of its outcomes folder."""
    file = _only_run(path) if path.is_dir() else path
    remedy = "give the --out folder of oddbench score"
    try:
        found = parse(OutcomeFile, file.read_bytes())
    except OSError as error:
        raise OddgenError(f"{file}: {in_words(error)}; {remedy}.") from error
    except WrongData as error:
        raise OddgenError(f"{file}: not a scored run ({error}); {remedy}.") from error
    return RunOutcome(
        found.run,
        found.data,
        found.split,
        found.protocol,
        found.views,
        Outcome.from_table(found.outcome),
        found.protocol_version,
    )


def _only_run(folder: Path) -> Path:
    runs = sorted((folder / "outcomes").glob("*.json"))
    if not runs:
        raise OddgenError(
            f"{folder}: holds no scored run; give the --out folder of oddbench score."
        )
    if len(runs) > 1:
        raise OddgenError(
            f"{folder}: holds {len(runs)} runs; give one of {', '.join(str(run) for run in runs)}."
        )
    return runs[0]


def print_comparison(
    first: RunOutcome, second: RunOutcome, found: dict[str, MetricDifference], console: Console
) -> None:
    """A table of differences; those that chance hardly explains are marked."""
    for letter, scored in (("A", first), ("B", second)):
        views = ", ".join(map(str, scored.views))
        console.print(f"{letter}: {scored.run}, views {views}", highlight=False, soft_wrap=True)
    table = Table(
        title=f"{first.split} split, {PROTOCOLS[first.protocol]}, "
        f"{len(first.outcome.names)} scenes, per cent"
    )
    table.add_column("")
    for heading in ("A", "B", "B - A [95 %]", "p"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, entry in found.items():
        table.add_row(
            TITLES[name],
            percent(entry.a),
            percent(entry.b),
            f"{percent(entry.difference.value, '+')} "
            f"[{percent(entry.difference.low, '+')}, {percent(entry.difference.high, '+')}]",
            _p_text(entry.p) + _better(name, entry),
        )
    console.print(table)
    console.print(
        f"A* or B*: better, with p < {SURE} in a paired bootstrap over scenes; "
        f"of {len(found)} figures one in twenty differs so by chance.",
        highlight=False,
        soft_wrap=True,
    )


def _better(name: str, entry: MetricDifference) -> str:
    if not entry.p < SURE:
        return "   "
    return " A*" if (entry.difference.value < 0) != (name in LOWER_IS_BETTER) else " B*"


def _p_text(p: float) -> str:
    return "-" if np.isnan(p) else "< .01" if p < 0.01 else f"{p:.2f}"
