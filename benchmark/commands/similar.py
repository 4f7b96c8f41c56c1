"""oddbench similar: what an index of look-alikes costs, and what it finds."""

from __future__ import annotations

import click

from datagen.options import Command, IntRange, one_sentence


@click.command(cls=Command)
@click.option("--shapes", type=IntRange(1000, 200_000), default=10_000, show_default=True)
@click.option(
    "--channels",
    type=IntRange(64, 2048),
    default=384,
    show_default=True,
    help="Of a view's feature: 384 of DINOv2 ViT-S, 1280 of EfficientNet-Lite0.",
)
@click.option("--queries", type=IntRange(10, 10_000), default=200, show_default=True)
@one_sentence
def similar(shapes: int, channels: int, queries: int) -> None:
    """Build time, query time, bytes a shape and recall of every index, projected to a million.

    On synthetic features; oddgen similar build makes real ones.
    """
    from rich.console import Console

    from benchmark.similar import measure, print_costs

    print_costs(measure(shapes, channels, queries), shapes, channels, Console(width=130))
