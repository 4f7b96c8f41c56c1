"""oddgen generate and remake: scenes."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import Any

import click

from datagen.commands.options import (
    AnomalyName,
    Choice,
    Command,
    FloatRange,
    IntRange,
    ObjectRange,
    SpanType,
    console,
    default_cache,
    max_faces_option,
    one_sentence,
)
from datagen.errors import OddgenError
from datagen.run.request import BENCHMARK_NAMES, MATERIAL_NAMES, Request, settled

SOURCES = (
    "builtin",
    "toys4k",
    "abc",
    "folder",
    "builtin+toys4k",
    "builtin+abc",
    "builtin+folder",
)


@click.command(cls=Command)
@click.option("--source", type=Choice(SOURCES), help="Where shapes come from [builtin].")
@click.option("--assets", type=click.Path(path_type=Path), help="Folder with the source's files.")
@click.option("--up", type=Choice(["y", "z"]), help="Up axis of the files, if not standard.")
@max_faces_option
@click.option("--scenes", type=IntRange(1, 999_999), help="How many; the paper's presets know.")
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--seed", type=IntRange(0), default=Request.seed, show_default=True)
@click.option("--workers", type=IntRange(1, 256), default=1, show_default=True)
@click.option(
    "--objects",
    type=ObjectRange(),
    help="Objects per scene [toys 3-6, parts 3-12]; below 3 none is anomalous.",
)
@click.option("--pose", type=Choice(["drop", "upright"]), help="[drop]")
@click.option(
    "--anomalies",
    multiple=True,
    type=AnomalyName(),
    help="Types to use (repeatable) [all].",
)
@click.option(
    "--severity",
    default=Request.severity,
    show_default=True,
    help="subtle, normal, gross or a range such as 0.2-0.6.",
)
@click.option(
    "--normal-share",
    type=FloatRange(0, 1),
    default=Request.normal_share,
    show_default=True,
    help="Share of scenes without any anomaly.",
)
@click.option(
    "--split", type=Choice(["all", "seen", "unseen"]), default=Request.split, show_default=True
)
@click.option(
    "--preset",
    type=Choice(["draft", "default", "published", *BENCHMARK_NAMES]),
    default=Request.preset,
    show_default=True,
    help="Quality of the images, or one of the paper's datasets as a whole.",
)
@click.option("--shapes", type=IntRange(1), help="Draw from so many of the source's shapes [all].")
@click.option(
    "--versions",
    type=FloatRange(1),
    help="Odd versions a shape has on average [new ones in every scene].",
)
@click.option(
    "--similar", type=click.Path(path_type=Path), help="Library of look-alikes (oddgen similar)."
)
@click.option("--samples", type=IntRange(1, 65536), help="Cycles samples per pixel.")
@click.option("--resolution", type=IntRange(32, 4096), help="Image size in pixels.")
@click.option("--views", type=IntRange(1, 500), help="Views per scene.")
@click.option("--hdri", type=click.Path(path_type=Path), help="Folder of .hdr / .exr files.")
@click.option("--floors", type=click.Path(path_type=Path), help="Folder of PBR floor textures.")
@click.option(
    "--material",
    type=Choice(["keep", *MATERIAL_NAMES]),
    default=Request.material,
    show_default=True,
    help="What all shapes are made of, instead of what their files say.",
)
@click.option(
    "--rig",
    type=click.Path(path_type=Path),
    help="Your cameras, a rig.yaml (oddbench rig makes one of a capture).",
)
@click.option("--lens", type=FloatRange(4, 2000), help="mm, for an image 36 mm wide [30].")
@click.option(
    "--distance", type=SpanType(), help="From cameras to objects, horizontally, m [0.67-0.77]."
)
@click.option("--camera-height", type=SpanType(), help="Above the floor, m [0.36-0.42].")
@click.option("--arc", type=SpanType(), help="Azimuths of the views, degrees [all round].")
@click.option(
    "--object-size", type=SpanType(), help="Diameter of an object's sphere, m [0.40-0.41]."
)
@click.option("--exposure", type=FloatRange(-10, 10), help="Stops by which images are brighter.")
@click.option("--labels-only", is_flag=True, help="Make no images: all labels, ten times faster.")
@click.option(
    "--shared-defect",
    type=FloatRange(0, 1),
    is_flag=False,
    flag_value=1.0,
    default=Request.shared_defect,
    help="Let the odd objects of a scene all have the same defect, in this share of scenes "
    "(alone: in all) [0].",
)
@click.option(
    "--odd-series",
    is_flag=True,
    help="Scenes in series of one shape, one odd version, floor and light: 1, 2, ... N - 1 of N "
    "objects are odd.",
)
@click.option(
    "--rank", type=IntRange(0), help="Make only every scene n with n % world-size = rank."
)
@click.option("--world-size", type=IntRange(1), help="Of --rank: how many runs share the scenes.")
@click.option("--device", type=Choice(["auto", "cpu"]), default="auto", show_default=True)
@click.option("--save-blend", is_flag=True, help="Keep every scene as a .blend too.")
@click.option(
    "--scenes-per-shard",
    type=IntRange(1, 10_000),
    default=Request.scenes_per_shard,
    show_default=True,
)
@click.option(
    "--timeout",
    type=FloatRange(1),
    default=1800.0,
    show_default=True,
    help="Seconds a scene may take.",
)
@click.option("--cache", type=click.Path(path_type=Path), help="Shape cache folder.")
@one_sentence
def generate(
    source: str | None,
    assets: Path | None,
    up: str | None,
    max_faces: int,
    scenes: int | None,
    out: Path,
    seed: int,
    workers: int,
    objects: tuple[int, int] | None,
    pose: str | None,
    anomalies: tuple[str, ...],
    severity: str,
    normal_share: float,
    split: str,
    preset: str,
    shapes: int | None,
    versions: float | None,
    similar: Path | None,
    samples: int | None,
    resolution: int | None,
    views: int | None,
    hdri: Path | None,
    floors: Path | None,
    material: str,
    rig: Path | None,
    lens: float | None,
    distance: tuple[float, float] | None,
    camera_height: tuple[float, float] | None,
    arc: tuple[float, float] | None,
    object_size: tuple[float, float] | None,
    exposure: float | None,
    labels_only: bool,
    shared_defect: float,
    odd_series: bool,
    rank: int | None,
    world_size: int | None,
    device: str,
    save_blend: bool,
    scenes_per_shard: int,
    timeout: float,
    cache: Path | None,
) -> None:
    """Make scenes and pack them into HDF5 shards; the same command again goes on."""
    from datagen.run.generate import generate as run
    from datagen.run.pool import run_local
    from datagen.run.summary import print_summary

    request = Request(
        scenes=scenes,
        source=source,
        assets=assets,
        up=up,
        max_faces=max_faces,
        seed=seed,
        objects=objects,
        pose=pose,
        anomalies=anomalies or None,
        severity=severity,
        normal_share=normal_share,
        split=split,
        preset=preset,
        shapes=shapes,
        versions=versions,
        similar=similar,
        samples=samples,
        resolution=resolution,
        views=views,
        hdri=hdri,
        floors=floors,
        scenes_per_shard=scenes_per_shard,
        labels_only=labels_only,
        shared_defect=shared_defect,
        odd_series=odd_series,
        rig=rig,
        lens=lens,
        distance=distance,
        camera_height=camera_height,
        arc=arc,
        object_size=object_size,
        exposure=exposure,
        material=material,
    )
    settings, count = settled(request)
    engine = functools.partial(run_local, workers=workers, timeout=timeout)
    stderr = console()
    share = _share(rank, world_size)
    folder = cache or default_cache()
    summary = run(settings, count, out, folder, engine, device, save_blend, stderr, share)
    print_summary(summary, stderr)
    if summary.failed:
        sys.exit(1)


def _share(rank: int | None, world_size: int | None) -> Any:
    """Raises OddgenError where one is given without the other, or they do not fit."""
    from datagen.dataset.schema import Share

    if (rank is None) != (world_size is None):
        raise OddgenError("oddgen generate: give --rank and --world-size together.")
    if rank is None or world_size is None:
        return None
    if rank >= world_size:
        raise OddgenError(f"--rank {rank}: counts from 0 to {world_size - 1} (--world-size - 1).")
    return Share(rank, world_size)


@click.command(cls=Command)
@click.argument("parts", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@one_sentence
def merge(parts: tuple[Path, ...], out: Path) -> None:
    """Make one dataset of PARTS, which oddgen generate made with --rank and --world-size.

    Checked: the same settings, no scene twice, none missing. The result is what one run would have
    made; the same command again goes on.
    """
    from datagen.run.merge import merge as run

    made = run(parts, out, console())
    click.echo(f"written {made.written}, kept {made.kept}, failed {len(made.failed)}", err=True)
    for number, reason in sorted(made.failed.items()):
        click.echo(f"failed: scene {number}: {reason}", err=True)
    if made.failed:
        sys.exit(1)
    click.echo(out)


@click.command(cls=Command)
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("scene", type=IntRange(0, 999_999))
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True)
@click.option("--assets", type=click.Path(path_type=Path), help="Where the source's files are now.")
@click.option("--similar", type=click.Path(path_type=Path), help="Where the library is now.")
@click.option("--hdri", type=click.Path(path_type=Path), help="Where the HDRIs are now.")
@click.option("--floors", type=click.Path(path_type=Path), help="Where the floors are now.")
@click.option("--device", type=Choice(["auto", "cpu"]), default="auto", show_default=True)
@click.option("--save-blend", is_flag=True, help="Write the scene as a .blend too.")
@click.option("--cache", type=click.Path(path_type=Path), help="Shape cache folder.")
@one_sentence
def remake(
    out: Path,
    scene: int,
    folder: Path,
    assets: Path | None,
    similar: Path | None,
    hdri: Path | None,
    floors: Path | None,
    device: str,
    save_blend: bool,
    cache: Path | None,
) -> None:
    """Make scene number SCENE of the dataset OUT again, from the specification stored with it."""
    from datagen.run.remake import remake_to

    folders = {"assets": assets, "similar": similar, "hdri": hdri, "floors": floors}
    moved = {key: str(path.resolve()) for key, path in folders.items() if path is not None}
    path, differing = remake_to(
        out, scene, folder, cache or default_cache(), moved, device, save_blend
    )
    if differing:
        raise OddgenError(
            f"{path}: {', '.join(differing)} differ from the dataset; use the device and the "
            "versions that it was made with."
        )
    click.echo(f"{path}: equal to the dataset in every array.")
