"""oddbench inspect: a CAD file and photographs in, verdicts out."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from benchmark.commands.common import PlaneType, needs_torch, tell_summary
from datagen.commands.options import (
    Choice,
    Command,
    FloatRange,
    IntRange,
    ObjectRange,
    console,
    default_cache,
    max_faces_option,
    one_sentence,
)
from datagen.run.request import MATERIAL_NAMES


@click.command("inspect", cls=Command)
@click.argument("part", type=click.Path(path_type=Path))
@click.option(
    "--photos",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    help="A capture (docs/captures.md), or with --rig a folder of photographs; repeatable.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option(
    "--rig", type=click.Path(path_type=Path), help="Your fixed cameras [as the first capture has]."
)
@click.option(
    "--material",
    type=Choice(["keep", *MATERIAL_NAMES]),
    default="keep",
    show_default=True,
    help="What the part is made of.",
)
@click.option("--scenes", type=IntRange(2), default=150, show_default=True, help="To learn from.")
@click.option("--objects", type=ObjectRange(), default="3-8", show_default=True, help="In each.")
@click.option("--severity", default="normal", show_default=True, help="Of the defects to find.")
@click.option("--hdri", type=click.Path(path_type=Path), help="Folder of .hdr / .exr files.")
@click.option("--floors", type=click.Path(path_type=Path), help="Folder of PBR floor textures.")
@click.option("--up", type=Choice(["y", "z"]), help="Up axis of the file, if not standard.")
@max_faces_option
@click.option("--views", type=IntRange(2, 500), default=5, show_default=True, help="Of a capture.")
@click.option("--floor", type=PlaneType(), help="Of the captures, in their coordinates [found].")
@click.option("--scale", type=FloatRange(1e-9), help="Metres in a unit of them [as rendered].")
@click.option("--resolution", type=IntRange(32, 4096), help="Of training images [256].")
@click.option("--preset", type=Choice(["small", "nano"]), default="small", show_default=True)
@click.option(
    "--no-reference", is_flag=True, help="Render no good copies, as is done for one or two pieces."
)
@click.option("--false-alarms", type=FloatRange(0, 1), help="As of oddbench predict.")
@click.option("--miss-cost", type=FloatRange(0), help="As of oddbench predict.")
@click.option("--workers", type=IntRange(1, 256), help="Processes that make scenes [the cores].")
@click.option("--seed", type=IntRange(0), default=0, show_default=True)
@click.option("--cache", type=click.Path(path_type=Path), help="Shape cache folder.")
@one_sentence
def inspect(
    part: Path,
    photos: tuple[Path, ...],
    out: Path,
    rig: Path | None,
    material: str,
    scenes: int,
    objects: tuple[int, int],
    severity: str,
    hdri: Path | None,
    floors: Path | None,
    up: str | None,
    max_faces: int,
    views: int,
    floor: tuple[float, ...] | None,
    scale: float | None,
    resolution: int | None,
    preset: str,
    no_reference: bool,
    false_alarms: float | None,
    miss_cost: float | None,
    workers: int | None,
    seed: int,
    cache: Path | None,
) -> None:
    """Find the odd ones among pieces of PART, a mesh or CAD file, on photographs.

    Makes scenes of the part as the cameras see it, trains the detector that comes along further on
    them, and writes OUT/answers/NAME/verdict.html for each capture. The same command again goes on;
    new captures cost seconds. docs/own-part.md takes the same way step by step.
    """
    needs_torch()
    from benchmark.inspection.part import ANSWERS, InspectionJob
    from benchmark.inspection.part import inspect as run
    from benchmark.training.presets import PRESETS
    from datagen.run.request import Request

    request = Request(
        scenes=scenes,
        objects=objects,
        severity=severity,
        preset="draft",
        views=None if rig is not None else 8,
        resolution=resolution,
        hdri=hdri,
        floors=floors,
        up=up,
        material=material,
        max_faces=max_faces,
        seed=seed,
    )
    job = InspectionJob(
        part,
        photos,
        out,
        request,
        PRESETS[preset],
        cache or default_cache(),
        workers or os.cpu_count() or 1,
        views,
        rig,
        not no_reference,
        false_alarms,
        miss_cost,
        seed,
        floor,
        scale,
    )
    summary = run(job, console())
    tell_summary(summary, "captures")
    click.echo(f"next: open {out / ANSWERS}/*/verdict.html", err=True)
    click.echo(out / ANSWERS)
    if summary.failed:
        sys.exit(1)
