"""A cupcake in a pleated wrapper, with frosting, sprinkles or a cherry."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats, Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.edits import bumpy, ripple
from datagen.sources.builtin.paints import paints, plain
from datagen.sources.builtin.paths import curve, fillet
from datagen.sources.builtin.scatter import scatter, sprinkle
from datagen.sources.builtin.solids import blob, lathe
from datagen.sources.builtin.toys.sweets import add_cherry, creams, dough, swirl


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    cream = creams(rng, 1, 0.35)[0]
    paper, *mix = paints(rng, 4, "sugar", 0.4)
    low, high, tall = rng.uniform(0.26, 0.31), rng.uniform(0.38, 0.45), rng.uniform(0.38, 0.48)
    pleats, deep = int(rng.integers(18, 30)), rng.uniform(0.025, 0.04)
    wrapper = _wrapper(low, high, tall, pleats, deep)
    toy.add("wrapper", wrapper, plain("paper", paper.base_color, 0.7))
    muffin = blob((high * 1.04, high * 1.04, 0.17), (0, 0, tall))
    toy.add("muffin", bumpy(rng, muffin, 0.02, 9), dough(rng))
    height, wide = rng.uniform(0.32, 0.5), high * rng.uniform(0.85, 1.02)
    base = tall + 0.17
    rope = swirl(rng, wide, base, height, rng.uniform(2.6, 3.8))
    toy.add("frosting", rope, cream)
    core = [(0, base - 0.1), (wide * 0.75, base - 0.08), (0, base + height * 0.95)]
    toy.add("frosting", lathe(fillet(core, 0.05)), cream)
    top = rng.integers(3)
    if top != 1:
        spots = scatter(rng, rope, int(rng.integers(18, 50)), 0.05, _on_frosting)
        sprinkle(toy, "sprinkles", rng, spots, 0.02, mix)
    if top != 0:
        size = rng.uniform(0.075, 0.1)
        add_cherry(toy, rng, np.array([0, 0, base + height + size * 0.7]), size)
    return toy.finish(rng)


def _on_frosting(point: Floats, normal: Floats) -> bool:
    return bool(normal[2] > 0.2 and np.hypot(point[0], point[1]) > 0.1)


def _wrapper(low: float, high: float, tall: float, pleats: int, deep: float) -> Mesh:
    """A cup of pleated paper."""
    side = curve([(low, 0), (high, tall)], 6)[1:]
    rows = [(0, 0), (low, 0), *side, (high - 0.03, tall), (0, tall - 0.1)]

    def pleat(angle: Floats) -> Floats:
        wave = np.cos(pleats * angle)
        return 1 + deep * np.sign(wave) * np.abs(wave) ** 0.6

    return ripple(lathe(rows, pleats * 8), pleat)
