"""oddbench train."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from benchmark.commands.common import DATA, VOXEL_PRESETS, needs_torch
from datagen.commands.options import Choice, Command, FloatRange, IntRange, console, one_sentence
from datagen.errors import OddgenError

SHIPPED = "shipped"
PRESETS = ("small", "nano", *VOXEL_PRESETS)
VOXEL_ONLY = (
    *("teacher", "features", "encoder_weights", "pretraining_epochs", "batch", "learning_rate"),
    *("workers", "memory", "precision", "device"),
)


@click.command("train", cls=Command)
@DATA
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@click.option(
    "--preset",
    type=Choice(PRESETS),
    help="small, nano: finder and judge; the others: the paper's, and it made smaller [small].",
)
@click.option(
    "--from",
    "start",
    type=click.Path(path_type=Path),
    help="Weights to go on from: a run's folder, a file of it, or `shipped`.",
)
@click.option(
    "--variant",
    type=Choice(["A", "B", "C", "full"]),
    default="full",
    show_default=True,
    help="Row of the paper's Table 2; small and nano know A, which compares nothing, and full.",
)
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    multiple=True,
    help="More scenes for the finder, images or not (oddgen generate --labels-only); repeatable.",
)
@click.option(
    "--cells",
    type=click.Path(path_type=Path),
    help="Folder for what the judge's encoder sees, for several runs [OUT/cells].",
)
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
@click.option("--epochs", type=IntRange(0), help="Of the judge, or of stage 2 [the preset's].")
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
@click.pass_context
@one_sentence
def train(context: click.Context, **given: Any) -> None:
    """Train a detector on a dataset; the same command again goes on.

    small and nano write detector.safetensors into OUT, last.pt and history.jsonl beside it, and
    finder/; the others last.pt and best.pt, history.jsonl, curves.png and tensorboard/.
    """
    needs_torch()
    start = _start(given["start"])
    preset = given["preset"]
    if start is not None and start.suffix == ".safetensors":
        preset = preset or "small"
        _only("--from a detector that finds and judges", preset, ("small", "nano"))
    elif start is not None:
        preset = preset or VOXEL_PRESETS[-1]
        _only("--from a run of the paper's network", preset, VOXEL_PRESETS)
    preset = preset or "small"
    typed = ParameterSource.COMMANDLINE
    named = {key for key in given if context.get_parameter_source(key) == typed}
    if preset in VOXEL_PRESETS:
        _refuse(named, ("labels", "cells"), "small and nano")
        _train_voxels(given, preset, start)
        return
    _refuse(named, VOXEL_ONLY, ", ".join(VOXEL_PRESETS))
    _train_whole(given, preset, start)


def _start(named: Path | None) -> Path | None:
    """The file of weights to go on from. Raises OddgenError where there is none."""
    if named is None:
        return None
    from benchmark.training.judge.detector import shipped_file
    from benchmark.training.runs import weights_file

    if str(named) == SHIPPED and not named.exists():
        return shipped_file()
    if not named.exists():
        raise OddgenError(
            f"--from {named}: no such file or folder; give the --out folder of oddbench train, or "
            "`shipped` for the weights that come along."
        )
    return weights_file(named)


def _only(what: str, preset: str, possible: tuple[str, ...]) -> None:
    if preset not in possible:
        raise OddgenError(
            f"--preset {preset}: {what} goes on with {' or '.join(possible)} only; leave --preset "
            "out."
        )


def _refuse(named: set[str], options: tuple[str, ...], presets: str) -> None:
    for name in options:
        if name in named:
            raise OddgenError(
                f"--{name.replace('_', '-')}: is for the presets {presets}; leave it out, or give "
                "--preset one of these."
            )


def _train_whole(given: dict[str, Any], preset: str, start: Path | None) -> None:
    from benchmark.training.presets import PRESETS as SIZES
    from benchmark.training.whole import WholeJob, train_whole

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
    click.echo(train_whole(job, console()))
    out = given["out"]
    click.echo(f"next: oddbench predict --checkpoint {out} photographs/ --out answers", err=True)


def _train_voxels(given: dict[str, Any], preset: str, start: Path | None) -> None:
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
