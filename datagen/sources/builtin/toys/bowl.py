"""A bowl, decorated, with soup, rice or cereal in it, or empty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, chance, details, real, whole
from datagen.sources.builtin.edits import place
from datagen.sources.builtin.paints import Colour, paints, plain, shade
from datagen.sources.builtin.paths import curve, fillet
from datagen.sources.builtin.solids import blob, lathe, ring, rod
from datagen.sources.builtin.toys.pottery import (
    Decoration,
    add_decoration,
    draw_decoration,
    radius_at,
    vessel,
)

BASE, THICK = 0.05, 0.028
FOODS: list[tuple[str, Colour, Colour]] = [  # the filling, and what floats on it
    ("soup", (0.6, 0.12, 0.02), (0.12, 0.35, 0.05)),
    ("rice", (0.83, 0.81, 0.74), (0.8, 0.78, 0.7)),
    ("milk", (0.82, 0.79, 0.72), (0.7, 0.36, 0.08)),
    ("pea soup", (0.3, 0.42, 0.06), (0.6, 0.3, 0.1)),
]


@dataclass(frozen=True)
class Food:
    """level: of the bowl's height; count: of the morsels on the filling, which lie at the spots."""

    level: float
    filling: Material
    morsel: Material
    count: int
    spots: Details


@dataclass(frozen=True)
class Bowl:
    """foot: its radius, of the bowl's; flare: how far the lip leans out."""

    glaze: Material
    first: Material
    second: Material
    radius: float
    tall: float
    foot: float
    flare: float
    decoration: Decoration | None
    food: Food | None
    size: float


def draw(rng: Rng) -> Bowl:
    """Everything that makes one bowl differ from another."""
    glaze, first, second = paints(rng, 3, "glaze", 0.2)
    if chance(rng, 0.4):
        glaze = plain("white glaze", (0.84, 0.83, 0.79), 0.18)
    return Bowl(
        glaze,
        first,
        second,
        radius=real(rng, 0.38, 0.45),
        tall=real(rng, 0.26, 0.38),
        foot=real(rng, 0.4, 0.5),
        flare=real(rng, -0.03, 0.05),
        decoration=draw_decoration(rng) if chance(rng, 0.85) else None,
        food=_draw_food(rng) if chance(rng, 0.65) else None,
        size=draw_size(rng),
    )


def _draw_food(rng: Rng) -> Food:
    level = real(rng, 0.62, 0.8)
    name, colour, bits = FOODS[rng.integers(4)]
    filling = plain(name, shade(rng, colour), 0.25)
    morsel = plain("morsels", shade(rng, bits), 0.6)
    count = whole(rng, 9, 21)
    return Food(level, filling, morsel, count, details(rng, lambda rng: _spots(rng, count)))


def _spots(rng: Rng, count: int) -> list[tuple[float, float, float, float]]:
    """Of every morsel its angle, the share of the surface inside it, its size and its turn."""
    return [
        (rng.uniform(0, 2 * np.pi), rng.uniform(), rng.uniform(0.025, 0.04), rng.uniform(0, 3))
        for _ in range(count)
    ]


def make(bowl: Bowl) -> Shape:
    """The bowl of these parameters."""
    toy = ShapeBuilder()
    r, tall, flare = bowl.radius, bowl.tall, bowl.flare
    foot = r * bowl.foot
    low = [(foot, BASE), (r * 0.78, BASE + tall * 0.35)]
    rows = curve([*low, (r * 0.97, BASE + tall * 0.75), (r + flare, BASE + tall)], 24)
    toy.add("bowl", vessel(rows, THICK, BASE + 0.03), bowl.glaze)
    base = [(0, BASE * 0.4), (foot * 0.9, 0), (foot * 1.02, 0), (foot * 1.05, BASE * 1.4)]
    toy.add("foot", lathe(fillet([*base, (0, BASE * 1.4)], 0.012)), bowl.glaze)
    rim = ring(r + flare - THICK / 2, THICK * 0.65, THICK * 0.6, BASE + tall + 0.008, 48)
    toy.add("rim", rim, bowl.first)
    if bowl.decoration is not None:
        zone = (BASE + tall * 0.3, BASE + tall * 0.9)
        paint = [bowl.first, bowl.second]
        add_decoration(toy, bowl.decoration, rows, *zone, THICK * 0.6, paint)
    if bowl.food is not None:
        _add_food(toy, bowl.food, rows, BASE + tall * bowl.food.level)
    return toy.finish(bowl.size)


def _add_food(toy: ShapeBuilder, food: Food, rows: Floats, level: float) -> None:
    name = food.filling.name
    wide = float(radius_at(rows, level)) - THICK * 0.6
    toy.add(name, rod(wide, level - 0.04, level, 0.004), food.filling)
    if name == "rice":
        toy.add(name, blob((wide * 0.92, wide * 0.92, 0.11), (0, 0, level - 0.01)), food.filling)
    for angle, inside, size, turn in _spots(food.spots.rng, food.count):
        far = wide * 0.85 * np.sqrt(inside)
        lift = 0.1 * np.sqrt(max(1 - (far / (wide * 0.92)) ** 2, 0)) if name == "rice" else 0.0
        at = (far * np.cos(angle), far * np.sin(angle), level + lift)
        piece = place(blob((size, size * 0.8, size * 0.5)), at, rz=turn)
        toy.add("morsels", piece, food.morsel)
