"""oddgen info, verify, validate, gallery and view: what a dataset holds."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import click

from datagen.commands.options import (
    CannotRun,
    CannotRunCommand,
    Command,
    IntRange,
    console,
    default_cache,
    json_option,
    one_sentence,
    say_json,
)
from datagen.errors import OddgenError


@click.command(cls=Command)
@click.argument("out", type=click.Path(path_type=Path))
@json_option
@one_sentence
def info(out: Path, as_json: bool) -> None:
    """What a dataset holds: scenes, objects, anomaly types, sources, licences, sizes."""
    from datagen.dataset.info import content_of, print_info

    content = content_of(out)
    if as_json:
        say_json(content)
    else:
        print_info(content)


@click.command(cls=Command)
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--workers", type=IntRange(1, 256), default=1, show_default=True)
@json_option
@one_sentence
def verify(out: Path, workers: int, as_json: bool) -> None:
    """Check every checksum, every shard and every scene of a dataset."""
    from datagen.dataset.verify import verify as check

    problems = check(out, workers)
    if as_json:
        say_json({"in_order": not problems, "problems": problems})
    for problem in () if as_json else problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(1)
    if as_json:
        return
    click.echo(f"{out}: every checksum, shard and scene is in order.")


@click.command(cls=CannotRunCommand)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--cache", type=click.Path(path_type=Path), help="Shape cache of the dataset.")
@click.option("--workers", type=IntRange(1, 256), default=1, show_default=True)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder for validation.json and report.html [PATH/validation].",
)
def validate(path: Path, cache: Path | None, workers: int, folder: Path | None) -> None:
    """Check the dataset or shape cache PATH from its data: anomalies, scenes, shortcuts.

    Ends with 0 where all passes, 1 where something fails, 2 where nothing could be checked.
    """
    from datagen.validate.report import print_report
    from datagen.validate.run import validate as run

    try:
        report = run(path, cache or default_cache(), folder, workers, console())
    except OddgenError as error:
        raise CannotRun(str(error)) from error
    print_report(report, console())
    click.echo((folder or path / "validation") / "report.html")
    if not report.passed:
        sys.exit(1)


@click.command(cls=Command)
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "destination",
    type=click.Path(path_type=Path),
    help="Folder for the pictures [OUT/gallery].",
)
@click.option(
    "--scenes",
    type=IntRange(1),
    default=60,
    show_default=True,
    help="At most so many, spread evenly over the dataset.",
)
@one_sentence
def gallery(out: Path, destination: Path | None, scenes: int) -> None:
    """Contact sheets (PNG) and one self-contained HTML page to look through a dataset."""
    from datagen.pictures.gallery import make_gallery

    for path in make_gallery(out, destination, scenes):
        click.echo(path)


@click.command(cls=Command)
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--predictions", type=click.Path(path_type=Path), help="Boxes to overlay (docs/scoring.md)."
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=IntRange(1024, 65535), default=8080, show_default=True)
@one_sentence
def view(out: Path, predictions: Path | None, host: str, port: int) -> None:
    """Look at dataset OUT in 3D in the browser; Ctrl-C ends it."""

    from datagen.pictures.viewer.server import open_dataset, serving

    predicted = {}
    if predictions is not None:
        from benchmark.scoring.read import read_predictions

        answers = read_predictions(predictions).answers
        predicted = {name: (answer.boxes, answer.scores) for name, answer in answers.items()}
    with serving(open_dataset(out, predicted), predicted, host, port) as address:
        click.echo(f"{address} (Ctrl-C ends)")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("ended", err=True)
