"""oddbench score and compare: what detectors find."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark.commands.common import DATA, SPLIT, needs_torch
from datagen.commands.options import Command, IntRange, console, json_option, one_sentence, say_json
from datagen.errors import OddgenError

DRAWS = click.option(
    "--draws",
    type=IntRange(100, 100_000),
    default=1000,
    show_default=True,
    help="Of the bootstrap.",
)
SEED = click.option("--seed", type=IntRange(0), default=0, show_default=True)


@click.command("score", cls=Command)
@DATA
@SPLIT
@click.option(
    "--predictions",
    "files",
    type=click.Path(path_type=Path),
    multiple=True,
    help="File of predictions (repeatable); docs/scoring.md.",
)
@click.option(
    "--checkpoint",
    "checkpoints",
    type=click.Path(path_type=Path),
    multiple=True,
    help="An --out folder of oddbench train, or a file of it (repeatable): predicts first.",
)
@click.option(
    "--views",
    type=IntRange(1, 500),
    multiple=True,
    default=(5,),
    show_default=True,
    help="Views that a checkpoint sees (repeatable).",
)
@click.option(
    "--labels", type=click.Path(path_type=Path), help="Of a sealed dataset (oddgen seal)."
)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@DRAWS
@SEED
@json_option
@one_sentence
def score(
    data: Path,
    split: str,
    files: tuple[Path, ...],
    checkpoints: tuple[Path, ...],
    views: tuple[int, ...],
    labels: Path | None,
    out: Path,
    draws: int,
    seed: int,
    as_json: bool,
) -> None:
    """Score predictions: a table, scores.json and report.html, with 95 % intervals.

    A checkpoint predicts into OUT/predictions, with estimated boxes and with the true ones; the
    same command again goes on.
    """
    from rich.console import Console

    from benchmark.scoring.report import write_report
    from benchmark.scoring.score import score as run
    from benchmark.scoring.score import scores_file, write_scores
    from benchmark.scoring.tables import print_scores

    if not files and not checkpoints:
        raise OddgenError("oddbench score: give --predictions or --checkpoint.")
    made = _predicted(checkpoints, data, split, views, out / "predictions")
    scores = run(data, split, [*files, *made], draws, seed, labels)
    written = write_scores(scores, out), write_report(scores, out)
    if as_json:
        say_json(scores_file(scores))
        return
    print_scores(scores, Console(markup=False))
    for path in written:
        click.echo(path)


def _predicted(
    checkpoints: tuple[Path, ...], data: Path, split: str, views: tuple[int, ...], folder: Path
) -> list[Path]:
    """Files of predictions of all checkpoints."""
    if not checkpoints:
        return []
    needs_torch()
    from benchmark.scoring.checkpoints import predict_protocols, run_names
    from benchmark.training.runs import load_run

    asked = tuple(dict.fromkeys(views))
    loaded = [load_run(path) for path in checkpoints]
    return [
        path
        for one, name in zip(loaded, run_names(checkpoints), strict=True)
        for path in predict_protocols(one, name, data, split, asked, folder, console())
    ]


@click.command("compare", cls=Command)
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@DRAWS
@SEED
@json_option
@one_sentence
def compare(a: Path, b: Path, draws: int, seed: int, as_json: bool) -> None:
    """Is the run B better than A? Each is an --out folder of oddbench score, or one of its runs."""
    from rich.console import Console

    from benchmark.scoring.compare import compare as run
    from benchmark.scoring.compare import print_comparison, read_scored

    first, second = read_scored(a), read_scored(b)
    found = run(first, second, draws, seed)
    if as_json:
        say_json(found)
    else:
        print_comparison(first, second, found, Console(markup=False))


@click.command("leaderboard", cls=Command)
@click.argument("results", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("leaderboard.html"), show_default=True
)
@DRAWS
@SEED
@one_sentence
def leaderboard(results: tuple[Path, ...], out: Path, draws: int, seed: int) -> None:
    """A page that ranks RESULTS, --out folders of oddbench score, protocol by protocol.

    They must be of the same data and split; every entry is tested against the best one.
    """
    from benchmark.scoring.leaderboard import read_results, write_leaderboard

    write_leaderboard(read_results(results), out, draws, seed)
    click.echo(out)
