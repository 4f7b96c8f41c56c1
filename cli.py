"""The commands `oddgen ...`; every heavy import waits until its command runs."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from datagen.errors import OddgenError

ANOMALIES = ("bend", "twist", "bump", "missing", "material")


def one_sentence(command: Callable[..., Any]) -> Callable[..., Any]:
    """Show an OddgenError as its one sentence instead of a traceback."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except OddgenError as error:
            raise click.ClickException(str(error)) from error

    return wrapped


class ObjectRange(click.ParamType):
    """`3-6` or `4`."""

    name = "range"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        low, _, high = value.partition("-")
        try:
            result = int(low), int(high or low)
        except ValueError:
            self.fail(f"{value!r} is not a range like 3-6.", param, ctx)
        if not 1 <= result[0] <= result[1] <= 40:
            self.fail(f"{value!r}: give 1 to 40 objects, the smaller number first.", param, ctx)
        return result


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="odd-one-out")
def oddgen() -> None:
    """Make scenes of near-identical objects in which some are odd, with labels for every pixel."""


@oddgen.command()
@click.option(
    "--source", default="builtin", show_default=True, help="builtin, toys4k, abc or folder."
)
@click.option("--assets", type=click.Path(path_type=Path), help="Folder with the source's files.")
@click.option("--up", type=click.Choice(["y", "z"]), help="Up axis of the files, if not standard.")
@click.option("--scenes", type=click.IntRange(1, 999_999), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True)
@click.option("--objects", type=ObjectRange(), help="Objects per scene [toys 3-6, parts 3-12].")
@click.option("--pose", type=click.Choice(["drop", "upright"]), default="drop", show_default=True)
@click.option(
    "--anomalies",
    "kinds",
    multiple=True,
    type=click.Choice(ANOMALIES),
    help="Types to use (repeatable) [all].",
)
@click.option(
    "--normal-share",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="Share of scenes without any anomaly.",
)
@click.option(
    "--split", type=click.Choice(["all", "seen", "unseen"]), default="all", show_default=True
)
@click.option(
    "--preset",
    type=click.Choice(["draft", "default", "published"]),
    default="default",
    show_default=True,
)
@click.option("--samples", type=click.IntRange(1, 65536), help="Cycles samples per pixel.")
@click.option("--resolution", type=click.IntRange(32, 4096), help="Image size in pixels.")
@click.option("--views", type=click.IntRange(1, 500), help="Views per scene.")
@click.option("--hdri", type=click.Path(path_type=Path), help="Folder of .hdr / .exr files.")
@click.option("--floors", type=click.Path(path_type=Path), help="Folder of PBR floor textures.")
@click.option("--device", type=click.Choice(["auto", "cpu"]), default="auto", show_default=True)
@click.option("--save-blend", is_flag=True, help="Keep every scene as a .blend too.")
@click.option("--scenes-per-shard", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option(
    "--timeout",
    type=click.FloatRange(1),
    default=1800.0,
    show_default=True,
    help="Seconds a scene may take.",
)
@click.option("--cache", type=click.Path(path_type=Path), help="Shape cache folder.")
@one_sentence
def generate(
    source: str,
    assets: Path | None,
    up: str | None,
    scenes: int,
    out: Path,
    seed: int,
    workers: int,
    objects: tuple[int, int] | None,
    pose: str,
    kinds: tuple[str, ...],
    normal_share: float,
    split: str,
    preset: str,
    samples: int | None,
    resolution: int | None,
    views: int | None,
    hdri: Path | None,
    floors: Path | None,
    device: str,
    save_blend: bool,
    scenes_per_shard: int,
    timeout: float,
    cache: Path | None,
) -> None:
    """Make scenes and pack them into HDF5 shards; the same command again goes on."""
    from rich.console import Console

    from datagen.generate import generate as run
    from datagen.generate import print_summary
    from datagen.spec import PRESETS, RenderSettings, Settings

    asked = {"samples": samples, "resolution": resolution, "views": views}
    quality = PRESETS[preset] | {key: value for key, value in asked.items() if value is not None}
    settings = Settings(
        source=source,
        assets=_absolute(assets),
        up=up,
        hdri=_absolute(hdri),
        floors=_absolute(floors),
        seed=seed,
        objects=objects,
        pose=pose,
        anomalies=tuple(sorted(set(kinds or ANOMALIES))),
        normal_share=normal_share,
        split=split,
        render=RenderSettings(**quality),
        scenes_per_shard=scenes_per_shard,
    )
    console = Console(stderr=True)
    summary = run(
        settings,
        scenes,
        out,
        cache or _default_cache(),
        workers,
        timeout,
        device,
        save_blend,
        console,
    )
    print_summary(summary, console)
    if summary.failed:
        sys.exit(1)


@oddgen.command()
@click.argument("out", type=click.Path(path_type=Path))
@one_sentence
def info(out: Path) -> None:
    """What a dataset holds: scenes, objects, anomaly types, sources, licences, sizes."""
    from datagen.info import print_info

    print_info(out)


@oddgen.command()
@click.argument("out", type=click.Path(path_type=Path))
@one_sentence
def verify(out: Path) -> None:
    """Check every checksum, every shard and every scene of a dataset."""
    from datagen.verify import verify as check

    problems = check(out)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(1)
    click.echo(f"{out}: every checksum, shard and scene is in order.")


@oddgen.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "destination",
    type=click.Path(path_type=Path),
    help="Folder for the pictures [OUT/gallery].",
)
@one_sentence
def gallery(out: Path, destination: Path | None) -> None:
    """Contact sheets (PNG) and one self-contained HTML page to look through a dataset."""
    from datagen.gallery import make_gallery

    for path in make_gallery(out, destination):
        click.echo(path)


@oddgen.group()
def assets() -> None:
    """The sources, HDRIs and floors that assets_manifest.yaml knows."""


@assets.command("list")
@one_sentence
def assets_list() -> None:
    """Name, kind, licence, home and how to get each."""
    from rich.console import Console
    from rich.table import Table

    from datagen.manifest import load_manifest, presence

    table = Table("name", "kind", "here", "licence", "home", "how to get it")
    for asset in load_manifest():
        table.add_row(
            asset.name, asset.kind, presence(asset, {}), asset.licence, asset.home, asset.get
        )
    Console().print(table)


@assets.command("verify")
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path))
@one_sentence
def assets_verify(name: str, folder: Path) -> None:
    """Check the files of asset NAME in FOLDER against the manifest's checksums."""
    from datagen.manifest import load_manifest
    from datagen.manifest import verify as check

    known = {asset.name: asset for asset in load_manifest()}
    if name not in known:
        raise OddgenError(f"{name}: not in the manifest; choose one of {', '.join(known)}.")
    problems = check(known[name], folder)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(1)
    click.echo(f"{folder}: in order.")


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())


def _default_cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("oddgen")
