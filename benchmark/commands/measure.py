"""oddbench rendering, anomalies and model: what things cost."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark.commands.common import model_options, needs_torch
from datagen.commands.options import (
    AnomalyName,
    Choice,
    Command,
    IntRange,
    default_cache,
    one_sentence,
)


@click.command("rendering", cls=Command)
@click.option("--quick", is_flag=True, help="One scene, and no memory run.")
def rendering(quick: bool) -> None:
    """CPU-seconds, PSNR, overhead and memory of making scenes, as ratios of one run.

    Takes about half an hour on two cores, --quick a quarter of that.
    """
    from benchmark.studies.rendering import measure

    measure(quick)


@click.command("anomalies", cls=Command)
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--shapes", type=IntRange(1), default=20, show_default=True, help="Of every folder.")
@click.option(
    "--type", "kinds", multiple=True, type=AnomalyName(), help="Types (repeatable) [all]."
)
@click.option("--severity", default="normal", show_default=True)
@click.option("--workers", type=IntRange(1, 256), default=1, show_default=True)
@click.option("--cache", type=click.Path(path_type=Path), help="Shape cache folder.")
@one_sentence
def anomalies(
    folders: tuple[Path, ...],
    shapes: int,
    kinds: tuple[str, ...],
    severity: str,
    workers: int,
    cache: Path | None,
) -> None:
    """Every anomaly on the meshes of FOLDERS: how many succeed, and their CPU-seconds."""
    from anomalies import default_types, type_names
    from anomalies.severity import parse_severity
    from benchmark.studies.anomalies import measure

    measure(
        folders,
        shapes,
        parse_severity(severity),
        [kind for kind in type_names() if kind in (kinds or default_types(False))],
        workers,
        cache or default_cache(),
    )


@click.command("model", cls=Command)
@model_options
@click.option("--views", type=IntRange(1, 500), help="Images of the scene [the preset's].")
@click.option("--objects", type=IntRange(1, 40), default=5, show_default=True)
@click.option("--training", is_flag=True, help="Time and memory of a training step as well.")
@click.option("--scenes", type=IntRange(1, 64), help="Of a training step [the preset's].")
@click.option("--precision", type=Choice(["no", "bf16"]), default="no", show_default=True)
@click.option("--device", type=Choice(["auto", "cpu"]), default="auto", show_default=True)
@one_sentence
def model(
    preset: str,
    variant: str,
    views: int | None,
    objects: int,
    training: bool,
    scenes: int | None,
    precision: str,
    device: str,
) -> None:
    """Parameters, operations, time and memory of the detector, counted on a made-up scene."""
    needs_torch()
    from benchmark.studies.cost import print_cost
    from model.config import chosen

    print_cost(chosen(preset, variant), views, objects, training, precision, device, scenes)
