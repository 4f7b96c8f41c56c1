"""Near neighbours of built-in shapes in their parameter space: the same maker, other numbers.

A maker draws its numbers one after the other. The neighbour draws the same, but for a few that are
moved within the range that they were drawn from.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from datagen.errors import BadShape
from datagen.geometry.normalise import normalise
from datagen.geometry.shape import Shape
from datagen.look_alikes.chamfer import Form, align, apply
from datagen.look_alikes.dress import by_name
from datagen.look_alikes.thresholds import Thresholds
from datagen.sources.builtin import categories

PROVENANCE = "oddgen built-in "
THRESHOLDS = Thresholds(low=8e-4, high=0.02, near=0, random=0)
CHANGED = (1, 5)  # numbers that are moved, at severity 0 and 1
STEP = (0.12, 0.9)  # of a number's range, at severity 0 and 1


class BuiltinAlikes:
    """Look-alikes of built-in shapes (anomalies.types.look_alike.LookAlikes); needs no library."""

    def holds(self, shape: Shape) -> bool:
        return is_builtin(shape)

    def inapplicable(self, shape: Shape) -> str | None:
        return None

    def draw(self, rng: np.random.Generator, shape: Shape, severity: float) -> dict[str, Any] | str:
        """Severity: how many numbers are moved, and how far."""
        category, index = name_of(shape)
        changed = changed_numbers(rng, category, index, severity)
        other = _made(category, index, changed)
        if isinstance(other, str):
            return other
        if np.array_equal(other.vertices, shape.vertices):
            return "a copy"
        aligned = align(Form(shape), Form(other), THRESHOLDS.high)
        reason = THRESHOLDS.verdict(aligned)
        if reason is not None:
            return reason
        return {
            "changed": changed,
            "chamfer": aligned.distance,
            "between": [THRESHOLDS.low, THRESHOLDS.high],
            "matrix": aligned.matrix.tolist(),
        }

    def make(self, shape: Shape, parameters: Mapping[str, Any]) -> Shape | str:
        other = _made(*name_of(shape), parameters["changed"])
        if isinstance(other, str):
            return other
        placed = other.with_vertices(apply(np.array(parameters["matrix"]), other.vertices))
        return by_name(shape, placed)


def is_builtin(shape: Shape) -> bool:
    """Whether a maker of the built-in library made the shape."""
    return str(shape.info.get("provenance", "")).startswith(PROVENANCE)


def name_of(shape: Shape) -> tuple[str, int]:
    """Category and index of a built-in shape."""
    category, index = str(shape.info["provenance"]).removeprefix(PROVENANCE).split()
    return category, int(index)


def _made(category: str, index: int, changed: Mapping[str, float]) -> Shape | str:
    """Makers are proven on the numbers that they draw, not on combinations of moved ones."""
    try:
        return neighbour(category, index, changed)
    except (ArithmeticError, ValueError, IndexError, BadShape):
        return "no such shape"


class _Numbered(np.random.Generator):
    """Counts the single numbers that are drawn from a range, and replaces some of them.

    ranges: of every such draw its lowest and highest value, and whether it is whole; drawn: what
    it was.
    """

    def __init__(self, bits: Any, changed: Mapping[int, float]) -> None:
        super().__init__(bits)
        self._changed = changed
        self.ranges: list[tuple[float, float, bool]] = []
        self.drawn: list[float] = []

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
        """As of Generator."""
        value = super().uniform(low, high, size)
        if size is not None or np.ndim(value) or (low, high) == (0.0, 1.0):
            return value
        return self._noted(float(value), float(low), float(high), False)

    def integers(  # type: ignore[override]
        self, low: Any, high: Any = None, size: Any = None, **kwargs: Any
    ) -> Any:
        """As of Generator."""
        value = super().integers(low, high, size, **kwargs)
        if size is not None or kwargs or np.ndim(value):
            return value
        first, last = (0, low) if high is None else (low, high)
        return int(self._noted(int(value), float(first), float(last) - 1, True))

    def _noted(self, value: float, low: float, high: float, whole: bool) -> float:
        place = len(self.ranges)
        self.ranges.append((low, high, whole))
        self.drawn.append(value)
        return self._changed.get(place, value)


def changed_numbers(
    rng: np.random.Generator, category: str, index: int, severity: float
) -> dict[str, float]:
    """New values of a few of the maker's numbers, by their places (as text, for JSON)."""
    numbered = _maker(category, index, {})[1]
    open_ = [k for k, (low, high, _) in enumerate(numbered.ranges) if high > low]
    few, many = CHANGED
    count = min(len(open_), int(round(few + severity * (many - few))))
    share = STEP[0] + severity * (STEP[1] - STEP[0])
    changed = {}
    for place in sorted(rng.permutation(open_)[:count].tolist()):
        low, high, whole = numbered.ranges[place]
        step = share * (high - low) * float(rng.uniform(0.5, 1))
        if whole:
            step = max(1.0, round(step / 3))
        old = numbered.drawn[place]
        fits = [value for value in (old - step, old + step) if low <= value <= high]
        farthest = high if high - old > old - low else low
        changed[str(place)] = float(fits[rng.integers(len(fits))] if fits else farthest)
    return changed


def neighbour(category: str, index: int, changed: Mapping[str, float]) -> Shape:
    """The normalised shape with these numbers; a maker may raise on some."""
    shape = _maker(category, index, {int(place): value for place, value in changed.items()})[0]
    return normalise(shape, f"{category}_{index:03d}")


def _maker(category: str, index: int, changed: Mapping[int, float]) -> tuple[Shape, _Numbered]:
    rng = np.random.default_rng([zlib.crc32(category.encode()), index])
    numbered = _Numbered(rng.bit_generator, changed)
    entry = next(entry for entry in categories() if entry.name == category)
    return entry.make(numbered), numbered
