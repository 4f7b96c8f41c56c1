"""oddbench train."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark.commands.common import DATA, model_options, needs_torch
from datagen.commands.options import Choice, Command, FloatRange, IntRange, console, one_sentence


@click.command("train", cls=Command)
@DATA
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@model_options
@click.option(
    "--teacher",
    type=click.Path(path_type=Path),
    help="DINOv2 weights, a local .pth or .safetensors file.",
)
@click.option("--no-distillation", is_flag=True, help="Train without a teacher.")
@click.option(
    "--features",
    type=click.Path(path_type=Path),
    help="File of the teacher's features, to share between runs [OUT/features.h5].",
)
@click.option(
    "--encoder-weights",
    type=click.Path(path_type=Path),
    help="Folder of a transformers ResNet-50, for --preset paper.",
)
@click.option("--pretraining-epochs", type=IntRange(0), help="Of stage 1 [the preset's].")
@click.option("--epochs", type=IntRange(0), help="Of stage 2 [the preset's].")
@click.option("--batch", type=IntRange(1), help="Scenes a step [the preset's].")
@click.option("--learning-rate", type=FloatRange(0), help="[the preset's]")
@click.option(
    "--validation",
    type=FloatRange(0, 0.9),
    default=0.1,
    show_default=True,
    help="Share of the seen scenes that is held out.",
)
@click.option("--seed", type=IntRange(0), default=0, show_default=True)
@click.option("--workers", type=IntRange(0, 256), default=0, show_default=True, help="Loaders.")
@click.option(
    "--memory",
    type=FloatRange(0),
    default=8.0,
    show_default=True,
    help="GB of decoded images to keep.",
)
@click.option("--precision", type=Choice(["no", "bf16"]), default="no", show_default=True)
@click.option("--device", type=Choice(["auto", "cpu"]), default="auto", show_default=True)
@one_sentence
def train(
    data: Path,
    out: Path,
    preset: str,
    variant: str,
    teacher: Path | None,
    no_distillation: bool,
    features: Path | None,
    encoder_weights: Path | None,
    pretraining_epochs: int | None,
    epochs: int | None,
    batch: int | None,
    learning_rate: float | None,
    validation: float,
    seed: int,
    workers: int,
    memory: float,
    precision: str,
    device: str,
) -> None:
    """Train the paper's detector on a dataset; the same command again goes on.

    Writes last.pt and best.pt, history.jsonl, curves.png and tensorboard/ into OUT.
    """
    needs_torch()
    from benchmark.training.train import TrainingJob
    from benchmark.training.train import train as run
    from model.config import changed, chosen

    config = changed(
        chosen(preset, variant, distil=not no_distillation),
        pretraining_epochs=pretraining_epochs,
        epochs=epochs,
        batch=batch,
        learning_rate=learning_rate,
    )
    job = TrainingJob(
        data=data,
        out=out,
        config=config,
        teacher=teacher,
        features=features,
        encoder_weights=encoder_weights,
        seed=seed,
        validation=validation,
        workers=workers,
        memory=round(memory * 1e9),
        precision=precision,
        cpu=device == "cpu",
    )
    click.echo(run(job, console()))
