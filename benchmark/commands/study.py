"""oddbench study: the paper's experiments and more, each by one command."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from datagen.commands.options import Choice, Command, IntRange, console, one_sentence

NAMES = (
    *("table1", "table2", "views", "objects", "more-objects", "minority", "siblings"),
    *("occlusion", "threshold", "shared-defect", "severity", "transfer"),
)


@click.command("study", cls=Command)
@click.argument("name", type=Choice(NAMES))
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    help="Dataset to test on; table1 and transfer take several.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--detector", "detectors", multiple=True, help="Name of one (repeatable).")
@click.option(
    "--checkpoint",
    "checkpoints",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A trained one (repeatable) [the one that comes along].",
)
@click.option(
    "--train",
    "models",
    multiple=True,
    help="MODEL:PRESET[:VARIANT] of oddbench train, trained here (repeatable).",
)
@click.option(
    "--train-data",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Dataset that --train learns from; transfer takes several.",
)
@click.option(
    "--train-option",
    "options",
    metavar="NAME=VALUE",
    multiple=True,
    help="Another option of oddbench train, such as epochs=5 (repeatable).",
)
@click.option("--seeds", type=IntRange(1, 100), default=1, show_default=True, help="Of --train.")
@click.option("--split", type=Choice(["all", "seen", "unseen", "test"]), help="[unseen]")
@click.option("--views", type=IntRange(1, 500), default=5, show_default=True, help="Of a scene.")
@click.option(
    "--protocol",
    type=Choice(["predicted", "count", "true-boxes"]),
    default="predicted",
    show_default=True,
)
@click.option(
    "--most",
    type=IntRange(1, 1000),
    default=7,
    show_default=True,
    help="Objects in the scenes that training saw, for more-objects.",
)
@click.option(
    "--reference",
    type=click.Path(path_type=Path),
    help="Good pieces for siblings, as of oddbench predict.",
)
@click.option("--workers", type=IntRange(1, 256), default=1, show_default=True, help="Cells.")
@click.option("--dry-run", is_flag=True, help="Only print the cells and what they take.")
@one_sentence
def study(
    name: str,
    data: tuple[Path, ...],
    out: Path,
    detectors: tuple[str, ...],
    checkpoints: tuple[Path, ...],
    models: tuple[str, ...],
    train_data: tuple[Path, ...],
    options: tuple[str, ...],
    seeds: int,
    split: str | None,
    views: int,
    protocol: str,
    most: int,
    reference: Path | None,
    workers: int,
    dry_run: bool,
) -> None:
    """Run one of the paper's experiments, or another, cell by cell.

    A cell is an `oddbench train` or `oddbench predict` of its own, with its log in OUT/cells; done
    ones are kept, and the same command goes on. Writes NAME.csv, .md, .png, .svg and .html.
    """
    from benchmark.studies.contest.cost import in_words
    from benchmark.studies.contest.request import StudyRequest, contestants
    from benchmark.studies.contest.studies import plan, run_study

    request = StudyRequest(
        data,
        train_data,
        out,
        contestants(detectors, checkpoints, models, train_data, seeds, out, options),
        split or "unseen",
        views,
        protocol,
        workers,
        most,
        reference,
    )
    if dry_run:
        planned = plan(name, request)
        for one in planned:
            told = "done" if one.done else in_words(one.seconds)
            click.echo(f"{told:>8}  oddbench {shlex.join(one.cell.words)}")
        left = sum(one.seconds or 0.0 for one in planned if not one.done)
        click.echo(f"all in all about {in_words(left)} of one core, what is unknown left out.")
        return
    page, faults = run_study(name, request, console())
    click.echo(page)
    if faults:
        sys.exit(1)
