"""Aligned Chamfer distances of a library's pairs: nearest neighbours, and random ones."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from datagen.cache import ShapeCache
from datagen.errors import BadShape
from datagen.job import silenced
from datagen.progress import Progress
from datagen.similar.chamfer import Aligned, Form, align
from datagen.similar.library import Library
from datagen.similar.store import form_digest
from datagen.sources import ShapeRef, Source, load_shape

NEAREST = 3  # neighbours of each shape that are measured
KEPT_FORMS = 16


@dataclass(frozen=True)
class Pair:
    """first, second: ids; near: whether the second is a nearest neighbour, not a random shape.

    distance, mirror_distance: as of datagen.similar.chamfer.Aligned.
    """

    first: str
    second: str
    near: bool
    distance: float
    mirror_distance: float


class Forms:
    """Shapes of a library by number, ready for alignment; the last ones are kept."""

    def __init__(
        self, library: Library, source: Source, refs: Iterable[ShapeRef], cache: ShapeCache
    ) -> None:
        self.cache = cache
        self._library, self._source = library, source
        self._refs = {ref.id: ref for ref in refs}
        self._kept: OrderedDict[int, Form] = OrderedDict()

    def __call__(self, number: int) -> Form:
        """Raises BadShape where its file cannot be used, or is another than the library knew."""
        if number not in self._kept:
            entry = self._library.entries[number]
            if entry.id not in self._refs:
                raise BadShape(f"{entry.id}: not among the source's shapes any more.")
            with silenced():
                shape = load_shape(self._source, self._refs[entry.id], self.cache)
            if form_digest(shape) != entry.form:
                raise BadShape(f"{entry.id}: has changed since the library was made.")
            self._kept[number] = Form(shape)
            if len(self._kept) > KEPT_FORMS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(number)
        return self._kept[number]


def measure_pairs(
    library: Library,
    source: Source,
    refs: Sequence[ShapeRef],
    cache: ShapeCache,
    count: int,
    path: Path,
    console: Console,
) -> list[Pair]:
    """Of `count` shapes, spread evenly, the NEAREST neighbours and one random shape each.

    path: a line for every pair, so that a cut-off run goes on.
    """
    known = {(pair.first, pair.second): pair for pair in _read(path)}
    path.write_text("".join(_line(pair) for pair in known.values()), encoding="utf-8")
    forms = Forms(library, source, refs, cache)
    wanted = list(_wanted(library, count))
    result = []
    with (
        path.open("a", encoding="utf-8") as file,
        Progress(console, len(wanted), 0, "pairs") as bar,
    ):
        for first, second, near in wanted:
            names = library.entries[first].id, library.entries[second].id
            pair = known.get(names)
            if pair is None:
                try:
                    aligned = align(forms(first), forms(second))
                except BadShape:
                    bar.advance()
                    continue
                pair = _pair(names, near, aligned)
                file.write(_line(pair))
                file.flush()
            result.append(pair)
            bar.advance()
    return result


def _pair(names: tuple[str, str], near: bool, aligned: Aligned) -> Pair:
    return Pair(*names, near, aligned.distance, aligned.mirror_distance)


def _line(pair: Pair) -> str:
    return json.dumps(asdict(pair)) + "\n"


def _wanted(library: Library, count: int) -> Iterator[tuple[int, int, bool]]:
    """(first, second, near) by number."""
    total = len(library.entries)
    chosen = np.unique(np.linspace(0, total - 1, min(count, total)).astype(int))
    rng = np.random.default_rng(0)
    for number in chosen.tolist():
        feature = library.features([number])[0]
        found = library.neighbours(feature, NEAREST + 1)
        others = [item.number for item in found if item.number != number][:NEAREST]
        yield from ((number, other, True) for other in others)
        stranger = int(rng.integers(total - 1))
        yield number, stranger + (stranger >= number), False


def _read(path: Path) -> Iterator[Pair]:
    """The lines that are whole."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield Pair(**json.loads(line))
        except (ValueError, TypeError):
            continue
