"""oddgen import and export: other layouts."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from datagen.commands.options import Choice, Command, IntRange, console, one_sentence


@click.command("import", cls=Command)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--splits", type=click.Path(path_type=Path), help="Split file (JSON) to record.")
@click.option(
    "--licence", default="not stated", show_default=True, help="Licence of the dataset, to record."
)
@click.option("--workers", type=IntRange(1, 256), default=1, show_default=True)
@click.option("--scenes-per-shard", type=IntRange(1, 10_000), default=50, show_default=True)
@one_sentence
def import_(
    path: Path,
    out: Path,
    splits: Path | None,
    licence: str,
    workers: int,
    scenes_per_shard: int,
) -> None:
    """Turn PATH, a published ToysAD-8K / PartsAD-15K folder or one of its scenes, into shards.

    Every scene that is wrong is reported; the same command again goes on.
    """
    from datagen.exchange.published.importer import import_published, print_import

    stderr = console()
    summary = import_published(path, out, workers, scenes_per_shard, splits, licence, stderr)
    print_import(summary, stderr)
    if summary.failed or summary.faults:
        sys.exit(1)


@click.command(cls=Command)
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--format", "kind", type=Choice(["published", "coco", "mvtec"]), required=True)
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True)
@click.option("--workers", type=IntRange(1, 256), default=1, show_default=True)
@one_sentence
def export(out: Path, kind: str, folder: Path, workers: int) -> None:
    """Write dataset OUT in another layout: of the published data, COCO or MVTec AD."""
    stderr = console()
    if kind == "published":
        from datagen.exchange.published.exporter import export_published

        summary = export_published(out, folder, workers, stderr)
    elif kind == "coco":
        from datagen.exchange.coco import export_coco

        summary = export_coco(out, folder, workers, stderr)
    else:
        from datagen.exchange.mvtec import export_mvtec

        summary = export_mvtec(out, folder, workers, stderr)
    for line in summary.lines():
        click.echo(line, err=True)
    if summary.failed:
        sys.exit(1)
    click.echo(folder)


@click.command(cls=Command)
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True)
@click.option(
    "--labels", type=click.Path(path_type=Path), required=True, help="File for the labels (JSON)."
)
@click.option("--workers", type=IntRange(1, 256), default=1, show_default=True)
@one_sentence
def seal(out: Path, folder: Path, labels: Path, workers: int) -> None:
    """Copy dataset OUT without its labels, for a test that nobody can look up.

    Left are images, cameras, and boxes as the protocol true-boxes gives them; hashes in seal.json
    tell that labels were not changed. Whoever holds --labels scores by `oddbench score --labels`.
    """
    from datagen.exchange.seal import lines
    from datagen.exchange.seal import seal as run

    summary = run(out, folder, labels, workers, console())
    for text in lines(summary):
        click.echo(text, err=True)
    if summary.failed:
        sys.exit(1)
    click.echo(folder)
