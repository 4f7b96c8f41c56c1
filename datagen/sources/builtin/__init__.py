"""Procedural toys and mechanical parts that need no download."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from datagen.geometry.shape import Shape

SEEN_TOYS = (
    "fish", "bunny", "pig", "elephant", "giraffe", "octopus", "dinosaur", "dog", "cow",
    "horse", "deer", "lion", "fox", "panda", "monkey", "chicken", "frog", "lizard", "shark",
    "butterfly", "orange", "bread", "bowl",
    "cake", "cupcake", "donut", "hamburger", "ice_cream", "apple", "cookie",
    "bottle", "hat", "light_bulb", "chess_piece", "car", "airplane", "boat", "bus",
)  # fmt: skip
UNSEEN_TOYS = (
    "mug", "plate", "robot", "glass", "sheep", "shoe",
    "train", "banana", "cup", "key", "penguin", "hammer",
)  # fmt: skip
PARTS = (
    "gear", "flange", "bracket", "bearing", "shaft",
    "housing", "pulley", "pipe_elbow", "bolt", "heatsink",
)  # fmt: skip


@dataclass(frozen=True)
class Category:
    """A family of shapes. Toys are seen or unseen as a family, parts shape by shape.

    kind: toy or part.
    """

    name: str
    kind: Literal["toy", "part"]
    seen: bool

    def seen_at(self, index: int) -> bool:
        """Whether the shape of this index belongs to the seen split."""
        return self.seen and not (self.kind == "part" and index % 5 == 4)

    def draw(self, rng: np.random.Generator) -> Any:
        """Parameters of a shape of this category: its maker's own frozen dataclass."""
        return self._maker.draw(rng)

    def make(self, parameters: Any) -> Shape:
        """The shape of these parameters."""
        shape: Shape = self._maker.make(parameters)
        return shape

    @property
    def _maker(self) -> ModuleType:
        """Only the category's own module is imported."""
        return import_module(f"datagen.sources.builtin.{self.kind}s.{self.name}")


@cache
def categories() -> tuple[Category, ...]:
    """Every built-in category."""
    return (
        *(Category(name, "toy", True) for name in SEEN_TOYS),
        *(Category(name, "toy", False) for name in UNSEEN_TOYS),
        *(Category(name, "part", True) for name in PARTS),
    )


def category_of(name: str) -> Category:
    """The category of that name. Raises KeyError."""
    for entry in categories():
        if entry.name == name:
            return entry
    raise KeyError(f"no built-in category {name!r}")


def draw_builtin(category: str, index: int) -> Any:
    """Parameters of the index-th shape of a category, the same on every call.

    Raises KeyError for an unknown category.
    """
    rng = np.random.default_rng([zlib.crc32(category.encode()), index])
    return category_of(category).draw(rng)


def make_builtin(category: str, index: int) -> Shape:
    """A shape of the built-in library, the same on every call and every machine.

    Args:
        category: Such as `mug` or `gear`; docs/builtin.md shows all.
        index: Which of the category's endless family, from 0 on.

    Returns:
        The shape in about unit size, z up, as it was made; load_shape gives the canonical one.

    Raises:
        KeyError: For an unknown category.
    """
    return category_of(category).make(draw_builtin(category, index))
