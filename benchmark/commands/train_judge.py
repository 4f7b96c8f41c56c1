"""oddbench train-judge."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark.commands.common import DATA, needs_torch
from datagen.commands.options import Command, FloatRange, IntRange, console, one_sentence


@click.command("train-judge", cls=Command)
@DATA
@click.option(
    "--finder",
    type=click.Path(path_type=Path),
    required=True,
    help="What sees the silhouettes, an --out folder of oddbench train-finder.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@click.option(
    "--cells",
    type=click.Path(path_type=Path),
    help="Folder for what the encoder sees, for several runs on the same data [OUT/cells].",
)
@click.option("--scenes", type=IntRange(1), help="Train on so many of the scenes [all].")
@click.option("--epochs", type=IntRange(1), default=14, show_default=True)
@click.option(
    "--copies",
    type=IntRange(0, 20),
    default=1,
    show_default=True,
    help="Of a scene, in other light, with synthetic defects in normal objects.",
)
@click.option(
    "--validation",
    type=FloatRange(0, 0.9),
    default=0.1,
    show_default=True,
    help="Share of the seen scenes that is held out; they calibrate the scores.",
)
@click.option(
    "--comparison/--no-comparison",
    default=True,
    help="Without it every object is judged by itself, to see what comparing brings.",
)
@click.option("--seed", type=IntRange(0), default=0, show_default=True)
@one_sentence
def train_judge(
    data: Path,
    finder: Path,
    out: Path,
    cells: Path | None,
    scenes: int | None,
    epochs: int,
    copies: int,
    validation: float,
    comparison: bool,
    seed: int,
) -> None:
    """Train what judges objects, on cut-outs of them; the same command again goes on.

    Writes detector.safetensors, finder and judge in one, for oddbench predict --checkpoint OUT;
    last.pt and history.jsonl beside it.
    """
    needs_torch()
    from benchmark.training.judge.schema import JudgeSteps
    from benchmark.training.judge.train import JudgeJob
    from benchmark.training.judge.train import train_judge as run
    from model.judge.config import JudgeConfig

    steps = JudgeSteps(epochs=epochs, copies=copies)
    config = JudgeConfig(compare=comparison)
    job = JudgeJob(data, finder, out, config, steps, cells, scenes, seed, validation)
    click.echo(run(job, console()))
    click.echo(
        f"next: oddbench predict --checkpoint {out} --data DATASET --out answers.jsonl", err=True
    )
