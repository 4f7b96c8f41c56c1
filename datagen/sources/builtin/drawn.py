"""Drawn numbers that know their range: a near neighbour of a shape is asked for by their names.

Every maker has a frozen dataclass of parameters, `draw(rng)` that draws one, and `make(parameters)`
that uses it and draws nothing. What is worth a name is a field; where hundreds of spots lie is not,
and is kept as a Details, the generator that will choose them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np

Rng = np.random.Generator
Parameters = TypeVar("Parameters")


class Real(float):
    """A number that was drawn evenly between low and high, which it remembers."""

    low: float
    high: float

    def __new__(cls, value: float, low: float, high: float) -> Real:
        """The value, drawn from low to high."""
        number = super().__new__(cls, value)
        number.low, number.high = float(low), float(high)
        return number

    def __getnewargs__(self) -> tuple[float, float, float]:  # type: ignore[override]
        return float(self), self.low, self.high


class Whole(int):
    """A whole number that was drawn evenly from low to high, both included, which it remembers."""

    low: int
    high: int

    def __new__(cls, value: int, low: int, high: int) -> Whole:
        """The value, drawn from low to high, both included."""
        number = super().__new__(cls, value)
        number.low, number.high = int(low), int(high)
        return number

    def __getnewargs__(self) -> tuple[int, int, int]:  # type: ignore[override]
        return int(self), self.low, self.high


@dataclass(frozen=True, eq=False)
class Details:
    """A generator as it was when the shape was drawn, for what has no name of its own."""

    _then: Rng

    @property
    def rng(self) -> Rng:
        """The same numbers on every call."""
        return deepcopy(self._then)


def real(rng: Rng, low: float, high: float) -> float:
    """A number from low to high, as rng.uniform draws it."""
    return Real(rng.uniform(low, high), low, high)


def whole(rng: Rng, low: int, high: int) -> int:
    """A whole number from low to high, both included, as rng.integers draws it."""
    return Whole(int(rng.integers(low, high + 1)), low, high)


def chance(rng: Rng, share: float) -> bool:
    """True so often."""
    return bool(rng.uniform() < share)


def details(rng: Rng, use: Callable[[Rng], Any]) -> Details:
    """A Details of what `use` will draw; rng goes on from behind it."""
    then = deepcopy(rng)
    use(rng)
    return Details(then)


def numbers(parameters: Any) -> dict[str, Real | Whole]:
    """Every drawn number of a maker's parameters by name: `radius`, `bands.0.half`."""
    return dict(_numbers("", parameters))


def changed(parameters: Parameters, values: Mapping[str, float]) -> Parameters:
    """The parameters with other values of some numbers; their ranges stay.

    Raises KeyError for a name that `numbers` does not tell.
    """
    known = numbers(parameters)
    for name in values:
        if name not in known:
            raise KeyError(name)
    found: Parameters = _changed("", parameters, values)
    return found


def _numbers(name: str, value: Any) -> Iterator[tuple[str, Real | Whole]]:
    if isinstance(value, Real | Whole):
        yield name, value
    for key, item in _items(value):
        yield from _numbers(f"{name}.{key}" if name else key, item)


def _changed(name: str, value: Any, values: Mapping[str, float]) -> Any:
    if isinstance(value, Real) and name in values:
        return Real(values[name], value.low, value.high)
    if isinstance(value, Whole) and name in values:
        return Whole(round(values[name]), value.low, value.high)
    before = dict(_items(value))
    inner = {
        key: _changed(f"{name}.{key}" if name else key, item, values)
        for key, item in before.items()
    }
    if all(inner[key] is item for key, item in before.items()):
        return value
    return tuple(inner.values()) if isinstance(value, tuple) else replace(value, **inner)


def _items(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, tuple):
        return [(str(index), item) for index, item in enumerate(value)]
    if is_dataclass(value) and not isinstance(value, type | Details):
        return [(field.name, getattr(value, field.name)) for field in fields(value)]
    return []
