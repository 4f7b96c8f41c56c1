"""oddbench predict, score and compare: what detectors find."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from benchmark.commands.common import DATA, needs_torch
from datagen.errors import OddgenError
from datagen.options import Choice, Command, IntRange, console, one_sentence

SPLIT = click.option(
    "--split", type=Choice(["all", "seen", "unseen"]), default="all", show_default=True
)
DRAWS = click.option(
    "--draws",
    type=IntRange(100, 100_000),
    default=1000,
    show_default=True,
    help="Of the bootstrap.",
)
SEED = click.option("--seed", type=IntRange(0), default=0, show_default=True)


@click.command("predict", cls=Command)
@click.option("--detector", help="Name of a detector; docs/your-detector.md.")
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path),
    help="Instead of --detector: an --out folder of oddbench train, or one .pt file.",
)
@DATA
@SPLIT
@click.option("--views", type=IntRange(1, 500), default=5, show_default=True, help="Fixed ones.")
@click.option(
    "--protocol",
    type=Choice(["predicted", "count", "true-boxes"]),
    help="What the detector is told [what it prefers].",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File, .jsonl.")
@one_sentence
def predict(
    detector: str | None,
    checkpoint: Path | None,
    data: Path,
    split: str,
    views: int,
    protocol: str | None,
    out: Path,
) -> None:
    """Let a detector judge every scene of a split; the same command again goes on."""
    from benchmark.scoring.detector import load_detector
    from benchmark.scoring.predict import predict as run

    if (detector is None) == (checkpoint is None):
        raise OddgenError("oddbench predict: give either --detector or --checkpoint.")
    if checkpoint is not None:
        needs_torch()
        from benchmark.training.detector import load_trained

        loaded = load_trained(checkpoint)
    else:
        assert detector is not None
        loaded = load_detector(detector)
    made = run(loaded, data, split, views, out, protocol, console())
    click.echo(out)
    if any(answer.failed for answer in made.answers.values()):
        sys.exit(1)


@click.command("score", cls=Command)
@DATA
@SPLIT
@click.option(
    "--predictions",
    "files",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    help="File of predictions (repeatable); docs/scoring.md.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@DRAWS
@SEED
@one_sentence
def score(
    data: Path, split: str, files: tuple[Path, ...], out: Path, draws: int, seed: int
) -> None:
    """Score predictions: a table, scores.json and report.html, with 95 % intervals."""
    from rich.console import Console

    from benchmark.scoring.report import write_report
    from benchmark.scoring.score import score as run
    from benchmark.scoring.score import write_scores
    from benchmark.scoring.tables import print_scores

    scores = run(data, split, files, draws, seed)
    written = write_scores(scores, out), write_report(scores, out)
    print_scores(scores, Console())
    for path in written:
        click.echo(path)


@click.command("compare", cls=Command)
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@DRAWS
@SEED
@one_sentence
def compare(a: Path, b: Path, draws: int, seed: int) -> None:
    """Is the run B better than A? Each is an --out folder of oddbench score, or one of its runs."""
    from rich.console import Console

    from benchmark.scoring.compare import compare as run
    from benchmark.scoring.compare import print_comparison, read_scored

    first, second = read_scored(a), read_scored(b)
    print_comparison(first, second, run(first, second, draws, seed), Console())
