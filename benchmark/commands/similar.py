"""oddbench similar: what an index of look-alikes costs, and what it finds."""

from __future__ import annotations

from pathlib import Path

import click

from datagen.commands.options import Command, IntRange, one_sentence


@click.command(cls=Command)
@click.option(
    "--library",
    type=click.Path(path_type=Path),
    help="Of oddgen similar build: recall on its own features instead.",
)
@click.option("--shapes", type=IntRange(1000, 200_000), default=10_000, show_default=True)
@click.option(
    "--channels",
    type=IntRange(64, 2048),
    default=384,
    show_default=True,
    help="Of a view's feature: 384 of DINOv2 ViT-S, 1280 of EfficientNet-Lite0.",
)
@click.option(
    "--dimensions",
    type=IntRange(2, 2048),
    default=48,
    show_default=True,
    help="In which synthetic features vary.",
)
@click.option("--queries", type=IntRange(10, 10_000), default=200, show_default=True)
@one_sentence
def similar(
    library: Path | None, shapes: int, channels: int, dimensions: int, queries: int
) -> None:
    """Build time, query time, bytes a shape and recall of every index, projected to a million.

    On synthetic features, or the recall alone on those of a library.
    """
    import numpy as np
    from rich.console import Console

    from benchmark.studies.similar import features, features_of, measure, print_costs, print_recall

    console = Console(width=130, markup=False)
    if library is not None:
        data = features_of(library)
        print_recall(measure(data, queries), data, library, console)
        return
    data = np.concatenate(list(features(shapes, channels, dimensions)))
    print_costs(measure(data, queries), shapes, channels, console)
