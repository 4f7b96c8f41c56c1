"""Aligned Chamfer distances of a library's pairs: nearest neighbours, and random ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from rich.console import Console

from datagen.base.progress import Progress
from datagen.base.typed import WrongData, line, parse
from datagen.errors import BadShape
from datagen.geometry.cache import ShapeCache
from datagen.look_alikes.chamfer import Aligned, align
from datagen.look_alikes.forms import Forms
from datagen.look_alikes.library import Library
from datagen.look_alikes.thresholds import MeasuredPair
from datagen.sources.ref import ShapeRef, Source

NEAREST = 3  # neighbours of each shape that are measured


def measure_pairs(
    library: Library,
    source: Source,
    refs: Sequence[ShapeRef],
    cache: ShapeCache,
    count: int,
    path: Path,
    console: Console,
) -> list[MeasuredPair]:
    """Of `count` shapes, spread evenly, the NEAREST neighbours and one random shape each.

    path: a line for every pair, so that a cut-off run goes on.
    """
    known = {(pair.first, pair.second): pair for pair in _read(path)}
    path.write_text("".join(line(pair) for pair in known.values()), encoding="utf-8")
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
                file.write(line(pair))
                file.flush()
            result.append(pair)
            bar.advance()
    return result


def _pair(names: tuple[str, str], near: bool, aligned: Aligned) -> MeasuredPair:
    return MeasuredPair(*names, near, aligned.distance, aligned.mirror_distance)


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


def _read(path: Path) -> Iterator[MeasuredPair]:
    """The lines that are whole."""
    if not path.is_file():
        return
    for text in path.read_text(encoding="utf-8").splitlines():
        with suppress(WrongData):
            yield parse(MeasuredPair, text, finite=False)
