"""oddbench train-finder."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark.commands.common import DATA, needs_torch
from datagen.commands.options import Command, FloatRange, IntRange, console, one_sentence


@click.command("train-finder", cls=Command)
@DATA
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Datasets to learn boxes from, images or not (oddgen generate --labels-only); repeatable.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@click.option("--silhouette-steps", type=IntRange(1), default=1200, show_default=True)
@click.option("--box-steps", type=IntRange(1), default=2500, show_default=True)
@click.option("--look-steps", type=IntRange(1), default=1500, show_default=True)
@click.option(
    "--validation",
    type=FloatRange(0, 0.9),
    default=0.1,
    show_default=True,
    help="Share of the seen scenes of --data that is held out.",
)
@click.option("--seed", type=IntRange(0), default=0, show_default=True)
@one_sentence
def train_finder(
    data: Path,
    labels: tuple[Path, ...],
    out: Path,
    silhouette_steps: int,
    box_steps: int,
    look_steps: int,
    validation: float,
    seed: int,
) -> None:
    """Train what finds objects: silhouettes, boxes, a closer look; the same command again goes on.

    Writes finder.safetensors, last.pt and history.jsonl into OUT.
    """
    needs_torch()
    from benchmark.training.finder.schema import FinderSteps
    from benchmark.training.finder.train import FinderJob
    from benchmark.training.finder.train import train_finder as run
    from model.finder.config import FinderConfig

    steps = FinderSteps(head_steps=silhouette_steps, ground_steps=box_steps, close_steps=look_steps)
    job = FinderJob(data, labels, out, FinderConfig(), steps, seed, validation)
    click.echo(run(job, console()))
    click.echo(f"next: oddbench train-judge --data {data} --finder {out} --out JUDGE", err=True)
