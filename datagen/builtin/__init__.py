"""Procedural toys and mechanical parts that need no download."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from datagen.shape import Shape

UNSEEN_TOYS = (
    "mug", "plate", "robot", "glass", "sheep", "shoe",
    "train", "banana", "cup", "key", "penguin", "hammer",
)  # fmt: skip


@dataclass(frozen=True)
class Category:
    """A family of shapes. Toys are seen or unseen as a family, parts shape by shape."""

    name: str
    kind: Literal["toy", "part"]
    seen: bool
    make: Callable[[np.random.Generator], Shape]

    def seen_at(self, index: int) -> bool:
        """Whether the shape of this index belongs to the seen split."""
        return self.seen and not (self.kind == "part" and index % 5 == 4)


@cache
def categories() -> tuple[Category, ...]:
    """Every built-in category; the first call imports the generators."""
    from datagen.builtin.animals import ANIMALS
    from datagen.builtin.food import FOOD
    from datagen.builtin.parts import PARTS
    from datagen.builtin.tableware import TABLEWARE
    from datagen.builtin.things import THINGS
    from datagen.builtin.vehicles import VEHICLES

    toys = [
        Category(name, "toy", name not in UNSEEN_TOYS, make)
        for name, make in {**ANIMALS, **FOOD, **TABLEWARE, **THINGS, **VEHICLES}.items()
    ]
    parts = [Category(name, "part", True, make) for name, make in PARTS.items()]
    return (*toys, *parts)


def __getattr__(name: str) -> tuple[Category, ...]:
    """CATEGORIES is built when it is first asked for."""
    if name == "CATEGORIES":
        return categories()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def make_builtin(category: str, index: int) -> Shape:
    """The index-th shape of a category, the same on every call."""
    for entry in categories():
        if entry.name == category:
            return entry.make(np.random.default_rng([zlib.crc32(category.encode()), index]))
    raise KeyError(f"no built-in category {category!r}")
