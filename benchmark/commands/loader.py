"""oddbench loader: how fast training is fed."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark.commands.common import DATA, VOXEL_PRESETS, needs_torch
from datagen.commands.options import Choice, Command, IntRange, console, one_sentence


@click.command("loader", cls=Command)
@DATA
@click.option("--preset", type=Choice(VOXEL_PRESETS), default="paper", show_default=True)
@click.option("--scenes", type=IntRange(1), default=48, show_default=True, help="At most so many.")
@click.option("--workers", type=IntRange(0, 256), default=0, show_default=True, help="Loaders.")
@click.option("--epochs", type=IntRange(1, 1000), default=5, show_default=True)
@one_sentence
def loader(data: Path, preset: str, scenes: int, workers: int, epochs: int) -> None:
    """Scenes a second of the training loader, against reading the same scenes from PNG files."""
    needs_torch()
    from benchmark.studies.loader import measure, print_rates
    from model.config import PRESETS

    config = PRESETS[preset]
    rates = measure(data, config, scenes, workers, epochs, console())
    title = f"{config.name}: {2 * config.views} views a scene, {config.image} px, {workers} workers"
    print_rates(rates, title)
