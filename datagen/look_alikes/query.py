"""`oddgen similar query`: the neighbours of one shape, with their distances and a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from datagen.errors import BadShape, OddgenError
from datagen.geometry.cache import ShapeCache
from datagen.geometry.shape import Shape
from datagen.geometry.thumbnail import contact_sheet, thumbnail, write_image
from datagen.look_alikes import features, views
from datagen.look_alikes.chamfer import Aligned, Form, align, apply
from datagen.look_alikes.forms import Forms
from datagen.look_alikes.library import Library, Neighbour
from datagen.look_alikes.store import form_digest
from datagen.sources.named import load_one
from datagen.sources.open import open_source

TILE = 224


@dataclass(frozen=True)
class QueryAnswer:
    """shape: the neighbour on the queried shape; verdict: why it is no look-alike, or None."""

    neighbour: Neighbour
    aligned: Aligned
    verdict: str | None
    shape: Shape


def load(library: Library, name: str, up: str | None, cache: ShapeCache) -> Shape:
    """The shape of that name in the library, else of a file or the built-in library."""
    if name not in library.number_of or Path(name).is_file():
        return load_one(name, up, cache)
    return _forms(library, cache)(library.number_of[name]).shape


def feature_of(library: Library, shape: Shape, weights: str | None, device: str) -> np.ndarray:
    """(D,) from the library where it holds the shape, else by the network that made it."""
    number = library.number_of_form.get(form_digest(shape))
    if number is not None:
        return library.features([number])[0]
    config = library.config
    given = weights or config.weights_file
    extractor = features.open_extractor(config.features, given, device)
    if extractor.source != config.weights:
        raise OddgenError(
            f"{library.root}: its features were made with {config.weights}, not with "
            f"{extractor.source}; give those --weights."
        )
    return extractor(views.pictures(shape, config.size))


def query(
    library: Library,
    shape: Shape,
    feature: np.ndarray,
    count: int,
    cache: ShapeCache,
    console: Console,
) -> list[QueryAnswer]:
    """The `count` nearest entries by features, without the shape itself, aligned to it."""
    forms = _forms(library, cache)
    own = form_digest(shape)
    name = shape.info.get("id")
    found = library.neighbours(feature, count + 8)
    others = [near for near in found if near.entry.form != own or near.entry.id != name][:count]
    form = Form(shape)
    answers = []
    for near in track(others, "aligning", console=console, disable=not console.is_terminal):
        try:
            other = forms(near.number)
        except BadShape as error:
            console.print(f"skipped: {error}", style="yellow", highlight=False, markup=False)
            continue
        aligned = align(form, other)
        placed = other.shape.with_vertices(apply(aligned.matrix, other.shape.vertices))
        answers.append(QueryAnswer(near, aligned, library.thresholds.verdict(aligned), placed))
    return answers


def _forms(library: Library, cache: ShapeCache) -> Forms:
    config = library.config
    assets = None if config.assets is None else Path(config.assets)
    source = open_source(config.source, assets, cache, config.up, config.max_faces)
    return Forms(library, source, source.refs(), cache)


def table(library: Library, answers: Sequence[QueryAnswer]) -> Table:
    """One line a neighbour."""
    limits = library.thresholds
    result = Table(
        title=f"{library.config.features} features; look-alikes lie from {limits.low:.4f} to "
        f"{limits.high:.4f} (Chamfer, of a radius of .5)"
    )
    result.add_column("neighbour", overflow="fold")
    for heading in ("similarity", "Chamfer", "mirrored"):
        result.add_column(heading, justify="right")
    result.add_column("verdict")
    for answer in answers:
        result.add_row(
            answer.neighbour.entry.id,
            f"{answer.neighbour.similarity:.4f}",
            f"{answer.aligned.distance:.5f}",
            f"{answer.aligned.mirror_distance:.5f}",
            answer.verdict or "look-alike",
        )
    return result


def picture(shape: Shape, answers: Sequence[QueryAnswer], path: Path, columns: int = 6) -> None:
    """The shape and its neighbours, turned and scaled onto it, from one direction."""
    bounds = np.stack([shape.bounds, *(answer.shape.bounds for answer in answers)])
    frame = np.stack([bounds[:, 0].min(axis=0), bounds[:, 1].max(axis=0)])
    tiles = [thumbnail(item, TILE, frame=frame) for item in (shape, *(a.shape for a in answers))]
    captions = [_short(str(shape.info.get("id", "the shape")), 34)]
    for answer in answers:
        name = _short(answer.neighbour.entry.id, 14)
        captions.append(f"{answer.aligned.distance:.4f} {answer.verdict or 'look-alike'} {name}")
    sheet = contact_sheet(tiles, captions, columns)
    try:
        write_image(path, sheet)
    except (OSError, ValueError) as error:
        raise OddgenError(
            f"--picture {path}: cannot be written ({error}); give a .png in a folder that can be "
            "written."
        ) from error


def _short(name: str, most: int) -> str:
    """The end of a file's name, without what many files are called."""
    return name.removesuffix("/mesh.obj")[-most:]
