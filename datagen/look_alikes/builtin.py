"""Near neighbours of built-in shapes: the same maker, a few named numbers moved in their range."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from anomalies.parameters import Parameters
from datagen.errors import BadShape
from datagen.geometry.normalise import normalise
from datagen.geometry.shape import Shape
from datagen.look_alikes.chamfer import Form, align, apply
from datagen.look_alikes.dress import by_name
from datagen.look_alikes.thresholds import Thresholds
from datagen.sources.builtin import category_of, draw_builtin
from datagen.sources.builtin.drawn import Whole, changed, numbers

PROVENANCE = "oddgen built-in "
THRESHOLDS = Thresholds(low=8e-4, high=0.02, near=0, random=0)
CHANGED = (1, 5)  # numbers that are moved, at severity 0 and 1
STEP = (0.12, 0.9)  # of a number's range, at severity 0 and 1


class BuiltinAlikes:
    """Look-alikes of built-in shapes (anomalies.types.look_alike.LookAlikes); needs no library."""

    def holds(self, shape: Shape) -> bool:
        """Whether the shape is built in."""
        return is_builtin(shape)

    def inapplicable(self, shape: Shape) -> str | None:
        """None: every built-in shape can be changed."""
        return None

    def draw(self, rng: np.random.Generator, shape: Shape, severity: float) -> Parameters | str:
        """Severity: how many numbers are moved, and how far."""
        category, index = name_of(shape)
        values = changed_numbers(rng, category, index, severity)
        other = _made(category, index, values)
        if isinstance(other, str):
            return other
        if np.array_equal(other.vertices, shape.vertices):
            return "a copy"
        aligned = align(Form(shape), Form(other), THRESHOLDS.high)
        reason = THRESHOLDS.verdict(aligned)
        if reason is not None:
            return reason
        return {
            "changed": values,
            "chamfer": aligned.distance,
            "between": [THRESHOLDS.low, THRESHOLDS.high],
            "matrix": aligned.matrix.tolist(),
        }

    def make(self, shape: Shape, parameters: Parameters) -> Shape | str:
        """The shape with its changed numbers, aligned, in the same materials; or a rejection."""
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


def _made(category: str, index: int, values: Mapping[str, float]) -> Shape | str:
    """Makers are proven on the numbers that they draw, not on combinations of moved ones."""
    try:
        return neighbour(category, index, values)
    except (ArithmeticError, ValueError, IndexError, BadShape):
        return "no such shape"


def changed_numbers(
    rng: np.random.Generator, category: str, index: int, severity: float
) -> dict[str, float]:
    """New values of a few of the shape's numbers, by name."""
    known = numbers(draw_builtin(category, index))
    names = sorted(name for name, number in known.items() if number.high > number.low)
    few, many = CHANGED
    count = min(len(names), int(round(few + severity * (many - few))))
    share = STEP[0] + severity * (STEP[1] - STEP[0])
    found = {}
    for position in sorted(rng.permutation(len(names))[:count].tolist()):
        number = known[names[position]]
        step = share * (number.high - number.low) * float(rng.uniform(0.5, 1))
        if isinstance(number, Whole):
            step = max(1.0, round(step / 3))
        old = float(number)
        fits = [value for value in (old - step, old + step) if number.low <= value <= number.high]
        farthest = number.high if number.high - old > old - number.low else number.low
        found[names[position]] = float(fits[rng.integers(len(fits))] if fits else farthest)
    return found


def neighbour(category: str, index: int, values: Mapping[str, float]) -> Shape:
    """The normalised shape with these numbers; a maker may raise on some."""
    parameters = changed(draw_builtin(category, index), values)
    return normalise(category_of(category).make(parameters), f"{category}_{index:03d}")
