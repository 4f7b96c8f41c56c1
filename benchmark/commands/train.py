"""oddbench train."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from benchmark.commands.common import DATA, needs_torch
from benchmark.commands.train_jobs import train_baseline, train_clouds, train_voxels, train_whole
from benchmark.training.models import (
    BASELINE_PRESETS,
    BASELINES,
    CLOUDS,
    MODELS,
    OWN_PRESETS,
    VOXEL_PRESETS,
)
from datagen.commands.options import Choice, Command, FloatRange, IntRange, one_sentence
from datagen.errors import OddgenError

SHIPPED = "shipped"
VOXEL_ONLY = (
    *("teacher", "features", "encoder_weights", "pretraining_epochs", "batch", "learning_rate"),
    *("workers", "memory", "precision", "device"),
)
NO_BASELINE = (
    *("start", "variant", "labels", "cells", "teacher", "no_distillation", "features"),
    *("pretraining_epochs", "precision", "reconstruction", "clouds"),
)
NO_CLOUDS = (
    *("start", "variant", "labels", "cells", "teacher", "no_distillation", "features", "encoder"),
    *("encoder_weights", "workers", "memory", "precision"),
)


@click.command("train", cls=Command)
@DATA
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@click.option(
    "--model",
    type=Choice([*MODELS]),
    default="odd-one-out",
    show_default=True,
    help="The others are baselines (docs/baselines.md), of the presets paper, small and nano.",
)
@click.option(
    "--preset",
    type=Choice(OWN_PRESETS),
    help="small, nano: finder and judge; the others: the paper's, and it made smaller [small].",
)
@click.option(
    "--encoder",
    type=Choice(["resnet50-fpn", "efficientnet-lite0"]),
    help="Of a baseline; the second is pretrained and stays as it is [the preset's].",
)
@click.option(
    "--reconstruction",
    type=Choice(["plane-sweep", "depth", "colmap"]),
    help="Of colmap-dgcnn; depth is an oracle, colmap needs CUDA [plane-sweep].",
)
@click.option(
    "--clouds",
    type=click.Path(path_type=Path),
    help="Folder for colmap-dgcnn's clouds, for several runs [OUT/clouds].",
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
@click.option(
    "--epochs", type=IntRange(0), help="Of the judge, stage 2 or a baseline [the preset's]."
)
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
    finder/; the others last.pt and best.pt, history.jsonl, curves.png and tensorboard/. Baselines
    write baseline.safetensors (colmap-dgcnn: clouds.safetensors), last.pt and history.jsonl.
    """
    needs_torch()
    typed = ParameterSource.COMMANDLINE
    named = {key for key in given if context.get_parameter_source(key) == typed}
    preset = given["preset"]
    if given["model"] in BASELINES:
        preset = preset or "small"
        _fits_baseline(given["model"], preset, named)
        (train_clouds if given["model"] == CLOUDS else train_baseline)(given, preset)
        return
    _not_of_baselines(named)
    start = _start(given["start"])
    if start is not None and start.suffix == ".safetensors":
        preset = preset or "small"
        _only("--from a detector that finds and judges", preset, ("small", "nano"))
    elif start is not None:
        preset = preset or VOXEL_PRESETS[-1]
        _only("--from a run of the paper's network", preset, VOXEL_PRESETS)
    preset = preset or "small"
    if preset in VOXEL_PRESETS:
        _refuse(named, ("labels", "cells"), "small and nano")
        train_voxels(given, preset, start)
        return
    _refuse(named, VOXEL_ONLY, ", ".join(VOXEL_PRESETS))
    train_whole(given, preset, start)


def _fits_baseline(model: str, preset: str, named: set[str]) -> None:
    """Raises OddgenError for a preset or an option that means nothing to baselines."""
    if preset not in BASELINE_PRESETS:
        raise OddgenError(
            f"--preset {preset}: --model {model} has {', '.join(BASELINE_PRESETS)}; give one of "
            "these."
        )
    for name in NO_CLOUDS if model == CLOUDS else NO_BASELINE:
        if name in named:
            option = "from" if name == "start" else name.replace("_", "-")
            raise OddgenError(f"--{option}: means nothing to --model {model}; leave it out.")


def _not_of_baselines(named: set[str]) -> None:
    """Raises OddgenError for an option that only baselines have."""
    others = (("encoder", "imvoxelnet or detr3d"), ("reconstruction", CLOUDS), ("clouds", CLOUDS))
    for name, models in others:
        if name in named:
            raise OddgenError(
                f"--{name}: is for baselines; leave it out, or give --model {models}."
            )


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
