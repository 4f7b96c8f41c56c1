"""A bowl, decorated, with soup, rice or cereal in it, or empty."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats, Shape
from datagen.sources.builtin.builder import Rng, ShapeBuilder
from datagen.sources.builtin.edits import place
from datagen.sources.builtin.paints import Colour, paints, plain, shade
from datagen.sources.builtin.paths import curve, fillet
from datagen.sources.builtin.solids import blob, lathe, ring, rod
from datagen.sources.builtin.toys.pottery import add_decoration, radius_at, vessel

BASE, THICK = 0.05, 0.028
FOODS: list[tuple[str, Colour, Colour]] = [  # the filling, and what floats on it
    ("soup", (0.6, 0.12, 0.02), (0.12, 0.35, 0.05)),
    ("rice", (0.83, 0.81, 0.74), (0.8, 0.78, 0.7)),
    ("milk", (0.82, 0.79, 0.72), (0.7, 0.36, 0.08)),
    ("pea soup", (0.3, 0.42, 0.06), (0.6, 0.3, 0.1)),
]


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    glaze, first, second = paints(rng, 3, "glaze", 0.2)
    if rng.uniform() < 0.4:
        glaze = plain("white glaze", (0.84, 0.83, 0.79), 0.18)
    r, tall = rng.uniform(0.38, 0.45), rng.uniform(0.26, 0.38)
    foot = r * rng.uniform(0.4, 0.5)
    low, flare = [(foot, BASE), (r * 0.78, BASE + tall * 0.35)], rng.uniform(-0.03, 0.05)
    rows = curve([*low, (r * 0.97, BASE + tall * 0.75), (r + flare, BASE + tall)], 24)
    toy.add("bowl", vessel(rows, THICK, BASE + 0.03), glaze)
    base = [(0, BASE * 0.4), (foot * 0.9, 0), (foot * 1.02, 0), (foot * 1.05, BASE * 1.4)]
    toy.add("foot", lathe(fillet([*base, (0, BASE * 1.4)], 0.012)), glaze)
    rim = ring(r + flare - THICK / 2, THICK * 0.65, THICK * 0.6, BASE + tall + 0.008, 48)
    toy.add("rim", rim, first)
    if rng.uniform() < 0.85:
        zone = (BASE + tall * 0.3, BASE + tall * 0.9)
        add_decoration(toy, rng, rows, *zone, THICK * 0.6, [first, second])
    if rng.uniform() < 0.65:
        _add_food(toy, rng, rows, BASE + tall * rng.uniform(0.62, 0.8))
    return toy.finish(rng)


def _add_food(toy: ShapeBuilder, rng: Rng, rows: Floats, level: float) -> None:
    name, colour, bits = FOODS[rng.integers(4)]
    wide = float(radius_at(rows, level)) - THICK * 0.6
    food = plain(name, shade(rng, colour), 0.25)
    toy.add(name, rod(wide, level - 0.04, level, 0.004), food)
    if name == "rice":
        toy.add(name, blob((wide * 0.92, wide * 0.92, 0.11), (0, 0, level - 0.01)), food)
    morsel = plain("morsels", shade(rng, bits), 0.6)
    for _ in range(int(rng.integers(9, 22))):
        angle, far = rng.uniform(0, 2 * np.pi), wide * 0.85 * np.sqrt(rng.uniform())
        lift = 0.1 * np.sqrt(max(1 - (far / (wide * 0.92)) ** 2, 0)) if name == "rice" else 0.0
        at = (far * np.cos(angle), far * np.sin(angle), level + lift)
        size = rng.uniform(0.025, 0.04)
        piece = place(blob((size, size * 0.8, size * 0.5)), at, rz=rng.uniform(0, 3))
        toy.add("morsels", piece, morsel)
