"""A study's table in the terminal, as CSV, Markdown, plots and one HTML page."""

from __future__ import annotations

import base64
import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmark.scoring.figures import COLORS
from benchmark.scoring.tables import with_interval
from benchmark.studies.contest.table import Row, StudyTable
from datagen.base.files import write_bytes, write_text

WIDE = 160  # columns

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write_study(table: StudyTable, out: Path) -> Path:
    """NAME.csv, .md, .png, .svg and .html in OUT; returns the page. Raises OSError."""
    from jinja2 import Environment, PackageLoader

    figure = _plot(table)
    svg = _drawn(figure, "svg")
    write_text(out / f"{table.name}.csv", _csv(table))
    write_text(out / f"{table.name}.md", _markdown(table))
    write_bytes(out / f"{table.name}.png", _drawn(figure, "png"))
    write_bytes(out / f"{table.name}.svg", svg)
    environment = Environment(
        loader=PackageLoader("benchmark.studies.contest", "."), autoescape=True
    )
    page = environment.get_template("study.html.j2").render(
        table=table,
        heads=_heads(table),
        rows=[_cells(table, row) for row in table.rows],
        plot=f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}",
    )
    path = out / f"{table.name}.html"
    write_text(path, page)
    return path


def print_study(table: StudyTable, console: Console) -> None:
    """As the Markdown file has it; not cut off where there is no terminal."""
    if not console.is_terminal:
        console.width = WIDE
    shown = Table(title=f"{table.title}, per cent [95 % interval]")
    for number, head in enumerate(_heads(table)):
        shown.add_column(head, justify="left" if number < 2 else "right", overflow="fold")
    for row in table.rows:
        shown.add_row(*_cells(table, row))
    console.print(shown)
    for note in table.notes:
        console.print(note, highlight=False, markup=False, soft_wrap=True)


def _heads(table: StudyTable) -> list[str]:
    return ["detector", table.group, "objects", *table.columns.values()]


def _cells(table: StudyTable, row: Row) -> list[str]:
    figures = [with_interval(row.figures[name]) for name in table.columns]
    return [row.of, row.group, str(row.objects), *figures]


def _csv(table: StudyTable) -> str:
    """Figures as numbers from 0 to 1."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    ends = [f"{name}{end}" for name in table.columns for end in ("", "_low", "_high")]
    writer.writerow(["detector", table.group, "objects", *ends])
    for row in table.rows:
        found = [row.figures[name] for name in table.columns]
        numbers = [value for one in found for value in (one.value, one.low, one.high)]
        told = ["" if np.isnan(value) else f"{value:.4f}" for value in numbers]
        writer.writerow([row.of, row.group, row.objects, *told])
    return buffer.getvalue()


def _markdown(table: StudyTable) -> str:
    heads = _heads(table)
    lines = [f"# {table.title}", "", table.about, "", f"| {' | '.join(heads)} |"]
    lines.append("|" + "---|" * len(heads))
    lines += [f"| {' | '.join(_cells(table, row))} |" for row in table.rows]
    lines += ["", "Per cent, 95 % intervals from draws of scenes."]
    lines += [part for note in table.notes for part in ("", note)]
    return "\n".join(lines) + "\n"


def _plot(table: StudyTable) -> Figure:
    """Lines over x where the rows have it, else bars by group; intervals as arms."""
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(row.of for row in table.rows))
    groups = list(dict.fromkeys(row.group for row in table.rows))
    lines = all(row.x is not None for row in table.rows) and len(groups) > 1
    wide = 6.0 if lines else max(4.5, 1.5 + 0.35 * (len(names) + 1) * len(groups))
    figure = Figure(figsize=(wide, 4.2), layout="constrained")
    axes = figure.subplots()
    for number, name in enumerate(names):
        rows = [row for row in table.rows if row.of == name]
        aside = (number - (len(names) - 1) / 2) * (0.05 if lines else 0.8 / len(names))
        at = [groups.index(row.group) + aside for row in rows]
        found = [row.figures[table.plotted] for row in rows]
        values = np.array([one.value for one in found])
        ends = np.array([[one.low, one.high] for one in found])
        arms = np.nan_to_num(np.abs(ends.T - values))
        color = COLORS[number % len(COLORS)]
        if lines:
            axes.errorbar(at, values, arms, fmt="o-", color=color, capsize=2, ms=4, label=name)
        else:
            axes.bar(at, values, 0.74 / len(names), color=color, label=name)
            axes.errorbar(at, values, arms, fmt="none", ecolor="#333", capsize=2)
    if table.level is not None:
        axes.axhline(table.level, linestyle=":", color="grey", linewidth=1)
    axes.set_xticks(range(len(groups)), groups)
    axes.set(title=table.title, xlabel=table.group, ylim=(-0.02, 1.02))
    axes.set_ylabel(table.columns[table.plotted])
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, framealpha=0.8)
    return figure


def _drawn(figure: Figure, kind: str) -> bytes:
    import matplotlib

    buffer = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else {}
    with matplotlib.rc_context({"svg.hashsalt": "oddbench"}):
        figure.savefig(buffer, format=kind, dpi=150, metadata=metadata)
    return buffer.getvalue()
