"""oddbench archives: what reading ABC as it comes costs."""

from __future__ import annotations

from pathlib import Path

import click

from datagen.commands.options import Command, IntRange, one_sentence
from datagen.errors import OddgenError


@click.command("archives", cls=Command)
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--chunks", type=IntRange(1, 100), default=1, show_default=True)
@click.option(
    "--models", type=IntRange(1, 10_000), default=4000, show_default=True, help="Of every chunk."
)
@click.option(
    "--median",
    type=IntRange(1, 2**20),
    default=200_000,
    show_default=True,
    help="Bytes of a model.",
)
@click.option("--seed", type=IntRange(0), default=0, show_default=True)
@one_sentence
def archives(model: Path, chunks: int, models: int, median: int, seed: int) -> None:
    """What ABC's archives cost, on chunks made up from MODEL, an .obj of ABC."""
    from benchmark.studies.archives import measure

    if not model.is_file():
        raise OddgenError(f"{model}: no such file; give an .obj of ABC.")
    measure(model, chunks, models, median, seed)
