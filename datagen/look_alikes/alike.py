"""Look-alikes from a library: the neighbours of a shape that lie between its two thresholds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from anomalies.parameters import Parameters
from datagen.base.typed import parse
from datagen.errors import BadShape, OddgenError
from datagen.geometry.cache import ShapeCache
from datagen.geometry.shape import Shape
from datagen.look_alikes.chamfer import Aligned, Form, align, apply
from datagen.look_alikes.dress import by_nearness
from datagen.look_alikes.forms import Forms
from datagen.look_alikes.library import Library, Neighbour, open_library
from datagen.look_alikes.store import form_digest
from datagen.sources.open import open_source
from datagen.sources.ref import ShapeRef, Source

CANDIDATES = 12  # nearest neighbours of one split that are looked at
VERSION = 1  # of what is stored of them beside a shape
NONE_NEAR = "no neighbour between the thresholds"
Fits = tuple[tuple[int, float, float, tuple[tuple[float, ...], ...]], ...]
"""As stored: number, distance and mirror distance in metres, similarity (4, 4)."""


class LibraryAlikes:
    """Look-alikes by features (anomalies.types.look_alike.LookAlikes).

    splits: of every shape that may be one, by id; a shape and its look-alike are of one split, so
    that none is in two.
    """

    def __init__(self, library: Library, forms: Forms, splits: Mapping[str, str]) -> None:
        self.library = library
        self._forms, self._splits = forms, splits
        self._parent: tuple[str, dict[int, Aligned]] = ("", {})

    def holds(self, shape: Shape) -> bool:
        """Whether the library has the shape."""
        return self._number(shape) is not None

    def inapplicable(self, shape: Shape) -> str | None:
        """The reason why the shape can have no look-alike, or None."""
        number = self._number(shape)
        if number is None:
            return "the library of similar shapes does not hold it"
        return None if self._fits(shape, number) else NONE_NEAR

    def draw(self, rng: np.random.Generator, shape: Shape, severity: float) -> Parameters | str:
        """Severity: whether a nearer or a farther neighbour is tried first."""
        number = self._number(shape)
        assert number is not None
        candidates = self._candidates(number)
        rank = np.arange(len(candidates))
        wanted = severity * max(len(candidates) - 1, 0)
        jitter = rng.uniform(0, len(candidates) / 2, len(candidates))
        fits = self._fits(shape, number)
        for index in np.argsort(np.abs(rank - wanted) + jitter).tolist():
            near = candidates[index]
            if near.number in fits:
                return self._parameters(near, fits[near.number])
        return NONE_NEAR

    def make(self, shape: Shape, parameters: Parameters) -> Shape | str:
        """The neighbour, aligned, its parts in the shape's materials; or a rejection."""
        try:
            other = self._forms(self.library.number_of[parameters["neighbour"]]).shape
        except BadShape:
            return "bad shape"
        matrix = np.array(parameters["matrix"])
        return by_nearness(shape, other.with_vertices(apply(matrix, other.vertices)))

    def _parameters(self, near: Neighbour, aligned: Aligned) -> Parameters:
        entry, limits = near.entry, self.library.thresholds
        return {
            "neighbour": entry.id,
            "licence": entry.licence,
            "provenance": entry.provenance,
            "similarity": near.similarity,
            "chamfer": aligned.distance,
            "between": [limits.low, limits.high],
            "matrix": aligned.matrix.tolist(),
            "library": self.library.digest,
        }

    def _number(self, shape: Shape) -> int | None:
        """By name where that shape is meant, else by its geometry."""
        form = form_digest(shape)
        named = self.library.number_of.get(str(shape.info.get("id")))
        if named is not None and self.library.entries[named].form == form:
            return named
        return self.library.number_of_form.get(form)

    def _candidates(self, number: int) -> list[Neighbour]:
        entry = self.library.entries[number]
        split = self._splits.get(entry.id)
        feature = self.library.features([number])[0]
        found = self.library.neighbours(feature, 4 * CANDIDATES)
        return [
            near
            for near in found
            if near.entry.form != entry.form
            and near.entry.id in self._splits
            and split in (None, self._splits[near.entry.id])
        ][:CANDIDATES]

    def _fits(self, shape: Shape, number: int) -> dict[int, Aligned]:
        """How the candidates that are look-alikes lie on the shape, by number; kept for one shape.

        Worked out once and stored beside the shape: aligning them takes most of the time.
        """
        form = self.library.entries[number].form
        if self._parent[0] != form:
            near = [candidate.number for candidate in self._candidates(number)]
            told = f"{VERSION} {self.library.digest} {self.library.thresholds} {near}"
            name = f"alikes-{hashlib.sha256(told.encode()).hexdigest()[:16]}"
            stored = self._forms.cache.beside(
                shape, name, lambda: _to_bytes(self._align(shape, near))
            )
            self._parent = form, _from_bytes(stored)
        return self._parent[1]

    def _align(self, shape: Shape, near: Sequence[int]) -> dict[int, Aligned]:
        first, limits = Form(shape), self.library.thresholds
        found = {}
        for other in near:
            with suppress(BadShape):
                aligned = align(first, self._forms(other), limits.high)
                if limits.verdict(aligned) is None:
                    found[other] = aligned
        return found


def _to_bytes(fits: Mapping[int, Aligned]) -> bytes:
    rows = [
        [number, fit.distance, fit.mirror_distance, fit.matrix.tolist()]
        for number, fit in fits.items()
    ]
    return json.dumps(rows).encode()


def _from_bytes(content: bytes) -> dict[int, Aligned]:
    return {
        number: Aligned(distance, np.array(matrix), mirror_distance)
        for number, distance, mirror_distance, matrix in parse(Fits, content, finite=False)
    }


def open_alikes(
    root: Path, source: Source, cache: ShapeCache, split_of: Callable[[ShapeRef], str]
) -> LibraryAlikes:
    """The library at root, for a source's shapes. Raises OddgenError where it holds none of them.

    split_of: names the split of a shape.
    """
    library = open_library(root)
    refs = {ref.id: ref for ref in source.refs() if ref.id in library.number_of}
    if not refs:
        raise OddgenError(
            f"--similar {root}: was built of --source {library.config.source}, and holds none of "
            "the shapes to draw from; run oddgen similar build with this --source and --assets."
        )
    splits = {name: split_of(ref) for name, ref in refs.items()}
    return LibraryAlikes(library, Forms(library, source, refs.values(), cache), splits)


def open_own(root: Path, cache: ShapeCache) -> LibraryAlikes:
    """The library at root for any shape, with the files that it was built of."""
    config = open_library(root).config
    assets = None if config.assets is None else Path(config.assets)
    source = open_source(config.source, assets, cache, config.up, config.max_faces)
    return open_alikes(root, source, cache, lambda ref: "any")
