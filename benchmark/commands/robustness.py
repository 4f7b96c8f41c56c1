"""oddbench robustness: what noise in cameras and images costs a detector."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark.commands.common import DATA, SPLIT
from benchmark.commands.predict import load
from datagen.commands.options import Choice, Command, IntRange, console, one_sentence

NAMES = (
    *("camera rotation", "camera place", "blur", "JPEG", "exposure", "white balance"),
    *("longer lens", "cropped views"),
)


@click.command("robustness", cls=Command)
@DATA
@SPLIT
@click.option("--detector", help="Name of one [the trained one that comes along].")
@click.option("--checkpoint", type=click.Path(path_type=Path), help="Instead of --detector.")
@click.option("--views", type=IntRange(1, 500), default=5, show_default=True, help="Of a scene.")
@click.option(
    "--only", type=Choice(NAMES), multiple=True, help="These disturbances (repeatable) [all]."
)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@one_sentence
def robustness(
    data: Path,
    split: str,
    detector: str | None,
    checkpoint: Path | None,
    views: int,
    only: tuple[str, ...],
    out: Path,
) -> None:
    """AUC and objects found under noise of poses, blur, JPEG, exposure, white balance, lens, crops.

    Writes robustness.csv and predictions for each into OUT; the same command again goes on.
    """
    from benchmark.studies.robustness import measure

    loaded = load(detector, checkpoint, None)
    click.echo(measure(loaded, data, split, views, out, only, console()))
