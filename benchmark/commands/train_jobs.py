"""What oddbench train starts, by the kind of detector; the command has checked the options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from datagen.commands.options import console
from datagen.errors import OddgenError


def train_whole(given: dict[str, Any], preset: str, start: Path | None) -> None:
    """A finder and a judge; given: the command's options by name."""
    from benchmark.training.presets import PRESETS as SIZES
    from benchmark.training.whole import WholeJob
    from benchmark.training.whole import train_whole as run

    if given["variant"] not in ("A", "full"):
        raise OddgenError(
            f"--variant {given['variant']}: of {preset} there are A and full; give --preset "
            "voxel-small for the rows B and C of Table 2."
        )
    job = WholeJob(
        given["data"],
        given["out"],
        SIZES[preset],
        given["labels"],
        given["epochs"],
        given["variant"] == "full",
        given["seed"],
        given["validation"],
        start,
        given["cells"],
    )
    click.echo(run(job, console()))
    out = given["out"]
    click.echo(f"next: oddbench predict --checkpoint {out} photographs/ --out answers", err=True)


def train_voxels(given: dict[str, Any], preset: str, start: Path | None) -> None:
    """The paper's network; given: the command's options by name."""
    from dataclasses import replace

    from benchmark.training.checkpoint import load
    from benchmark.training.train import TrainingJob
    from benchmark.training.train import train as run
    from model.config import changed, chosen

    config = chosen(preset, given["variant"], distil=not given["no_distillation"])
    if start is not None:
        config = replace(load(start).state.config, training=config.training)
    names = ("pretraining_epochs", "epochs", "batch", "learning_rate")
    job = TrainingJob(
        data=given["data"],
        out=given["out"],
        config=changed(config, **{name: given[name] for name in names}),
        teacher=given["teacher"],
        features=given["features"],
        encoder_weights=given["encoder_weights"],
        seed=given["seed"],
        validation=given["validation"],
        workers=given["workers"],
        memory=round(given["memory"] * 1e9),
        precision=given["precision"],
        cpu=given["device"] == "cpu",
        start=start,
    )
    click.echo(run(job, console()))


def train_baseline(given: dict[str, Any], preset: str) -> None:
    """One of the paper's baselines; given: the command's options by name."""
    from benchmark.training.baselines.networks import chosen
    from benchmark.training.baselines.train import BaselineJob
    from benchmark.training.baselines.train import train_baseline as run

    training = {name: given[name] for name in ("epochs", "batch", "learning_rate")}
    if training["epochs"] == 0:
        raise OddgenError("--epochs 0: teaches a baseline nothing; give 1 or more.")
    job = BaselineJob(
        data=given["data"],
        out=given["out"],
        config=chosen(given["model"], preset, given["encoder"], **training),
        encoder_weights=given["encoder_weights"],
        seed=given["seed"],
        validation=given["validation"],
        workers=given["workers"],
        memory=round(given["memory"] * 1e9),
        device=given["device"],
    )
    click.echo(run(job, console()))
    out = given["out"]
    click.echo(
        f"next: oddbench predict --checkpoint {out} --data DATASET --out answers.jsonl", err=True
    )


def train_clouds(given: dict[str, Any], preset: str) -> None:
    """The baseline colmap-dgcnn; given: the command's options by name."""
    from benchmark.training.dgcnn.train import DgcnnJob, train_dgcnn
    from model.dgcnn.config import chosen

    names = ("pretraining_epochs", "epochs", "batch", "learning_rate")
    training = {name: given[name] for name in names}
    if training["epochs"] == 0:
        raise OddgenError("--epochs 0: teaches a baseline nothing; give 1 or more.")
    job = DgcnnJob(
        data=given["data"],
        out=given["out"],
        config=chosen(preset, given["reconstruction"], **training),
        clouds=given["clouds"],
        seed=given["seed"],
        validation=given["validation"],
        device=given["device"],
    )
    click.echo(train_dgcnn(job, console()))
    out = given["out"]
    click.echo(
        f"next: oddbench predict --checkpoint {out} --data DATASET --views 20 --out answers.jsonl",
        err=True,
    )
