"""Which shapes a run may draw from, and how one is drawn: a category, then a shape of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from datagen.dataset.settings import Benchmark, Settings
from datagen.dataset.splits import SEEN_TEST, TRAIN, split_of_shape
from datagen.errors import OddgenError
from datagen.sources.many import ManyRefs
from datagen.sources.ref import ShapeRef, one_in_five

CHOICE = 0x5EED_0000  # beside the seed, for the choice of shapes; no scene has this number


class Groups:
    """Refs by category, both in a fixed order; refs: ascending by id."""

    def __init__(self, refs: Sequence[ShapeRef]) -> None:
        self.refs = refs
        codes = _categories(refs)
        self._order = np.argsort(codes, kind="stable")
        self._starts = np.searchsorted(codes[self._order], np.arange(_count(codes) + 1))

    def draw(self, rng: np.random.Generator) -> ShapeRef:
        """A category, then one of its shapes, each as likely as another."""
        group = rng.integers(len(self._starts) - 1)
        low, high = self._starts[group], self._starts[group + 1]
        return self.refs[int(self._order[low + rng.integers(high - low)])]


def select(
    refs: Iterable[ShapeRef], settings: Settings
) -> tuple[Sequence[ShapeRef], tuple[str, ...]]:
    """The refs that the settings ask for, ascending by id, and a sentence where there are fewer."""
    chosen = _in_order(refs)
    if settings.benchmark is not None:
        chosen = _of_benchmark(chosen, settings.benchmark)
    if settings.split != "all":
        chosen = _of_split(chosen, settings.split == "seen")
    wanted, here = settings.shapes, len(chosen)
    if wanted is not None and here > wanted:
        chosen = _some(chosen, wanted, settings.seed)
    elif wanted is not None and 0 < here < wanted:
        origin = settings.assets or settings.source
        of = " of its categories" if settings.benchmark and settings.benchmark.categories else ""
        return chosen, (f"shapes: {origin} has {here}{of}, not {wanted}; all are used",)
    return chosen, ()


def by_split(refs: Sequence[ShapeRef], benchmark: Benchmark) -> dict[str, Sequence[ShapeRef]]:
    """The shapes of every split of the benchmark, by its name, none in two.

    Raises OddgenError where a split gets none.
    """
    names = [name for name, _ in benchmark.splits]
    found: dict[str, list[int]] = {name: [] for name in names}
    for index, ref in enumerate(refs):
        found[split_in(ref, benchmark)].append(index)
    for name, indices in found.items():
        if not indices:
            raise OddgenError(
                f"--preset {benchmark.name}: none of the {len(refs)} shapes is for {name}; give "
                "--assets with more shapes, or more --shapes."
            )
    return {name: _at(refs, np.array(indices)) for name, indices in found.items()}


def split_in(ref: ShapeRef, benchmark: Benchmark) -> str:
    """The split of the benchmark that a shape is for."""
    split = split_of_shape(ref.id, ref.kind, ref.seen)
    merged = split == SEEN_TEST and SEEN_TEST not in dict(benchmark.splits)
    return TRAIN if merged else split


def spread(refs: Sequence[ShapeRef], mean: float, seed: int) -> dict[str, int]:
    """A whole number for every id, the mean over all of them as near as can be, 1 at least.

    seed: of the run, which chooses who gets one more.
    """
    least = max(int(mean), 1)
    more = round(max(mean - least, 0.0) * len(refs))
    counts = np.full(len(refs), least)
    counts[np.random.default_rng([seed, CHOICE, 1]).permutation(len(refs))[:more]] += 1
    return {ref.id: int(count) for ref, count in zip(refs, counts, strict=True)}


def _in_order(refs: Iterable[ShapeRef]) -> Sequence[ShapeRef]:
    return refs if isinstance(refs, ManyRefs) else sorted(refs, key=lambda ref: ref.id)


def _of_benchmark(refs: Sequence[ShapeRef], benchmark: Benchmark) -> Sequence[ShapeRef]:
    words = benchmark.categories
    if _all_parts(refs) and benchmark.kind == "part" and words is None:
        return refs
    fits = [
        ref.kind == benchmark.kind and (words is None or _first_word(ref.category) in words)
        for ref in refs
    ]
    return _at(refs, np.flatnonzero(fits))


def _first_word(category: str) -> str:
    """As the paper's Table 3 names them: light of light_bulb; builtin-mug is a mug."""
    return category.rpartition("-")[2].partition("_")[0]


def _of_split(refs: Sequence[ShapeRef], seen: bool) -> Sequence[ShapeRef]:
    if _all_parts(refs):
        fits = [one_in_five(name.decode()) != seen for name in refs.ids]
    else:
        fits = [ref.seen is None or ref.seen == seen for ref in refs]
    return _at(refs, np.flatnonzero(fits))


def _all_parts(refs: Sequence[ShapeRef]) -> TypeGuard[ManyRefs]:
    """Whether they are ABC's, of which a million need not be built to know that."""
    return isinstance(refs, ManyRefs) and refs.categories is None


def _some(refs: Sequence[ShapeRef], count: int, seed: int) -> Sequence[ShapeRef]:
    """By chance, as many of every category as there are; in order."""
    codes = _categories(refs)
    luck = np.random.default_rng([seed, CHOICE]).random(len(refs))
    order = np.lexsort((luck, codes))
    first = np.searchsorted(codes[order], codes[order])
    rank = np.empty(len(refs), dtype=np.int64)
    rank[order] = np.arange(len(refs)) - first
    return _at(refs, np.sort(np.lexsort((luck, rank))[:count]))


def _at(refs: Sequence[ShapeRef], indices: NDArray[np.int64]) -> Sequence[ShapeRef]:
    return refs.at(indices) if isinstance(refs, ManyRefs) else [refs[index] for index in indices]


def _categories(refs: Sequence[ShapeRef]) -> NDArray[np.int64]:
    """(N,) the rank of every ref's category among all, in the order of their names."""
    if isinstance(refs, ManyRefs):
        return refs.category_codes()
    names = [ref.category for ref in refs]
    code_of = {name: code for code, name in enumerate(sorted(set(names)))}
    return np.array([code_of[name] for name in names], dtype=np.int64)


def _count(codes: NDArray[np.int64]) -> int:
    return int(codes.max()) + 1 if len(codes) else 0
