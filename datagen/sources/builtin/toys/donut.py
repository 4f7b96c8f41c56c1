"""A donut with icing and sprinkles or a drizzle."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats, Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.edits import bumpy
from datagen.sources.builtin.paints import paints, plain
from datagen.sources.builtin.paths import turns, waves
from datagen.sources.builtin.scatter import scatter, sprinkle
from datagen.sources.builtin.solids import lathe, loft, sweep
from datagen.sources.builtin.toys.sweets import creams, dough

BIG = 0.34  # from the axis to the middle of the dough
AROUND = 96
PALE = plain("pale dough", (0.75, 0.52, 0.24), 0.7)


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    icing = creams(rng, 1, 0.2)[0]
    small, squash = rng.uniform(0.16, 0.21), rng.uniform(0.75, 0.95)
    v = turns(24)
    body = loft(np.array([_on_tube(np.full(24, small), v, a, squash) for a in _around()]), True)
    toy.add("dough", bumpy(rng, body, small * 0.08, 5), dough(rng))
    band = [(1.005, -0.025), (1.02, 0.0), (1.005, 0.025), (0.9, 0.02), (0.9, -0.02)]
    toy.add("pale band", lathe([(BIG + small * s, z) for s, z in band], AROUND), PALE)
    glaze, thick = _glaze(rng, small, squash)
    toy.add("icing", glaze, icing)
    mix = paints(rng, int(rng.integers(2, 5)), "sugar", 0.3)
    if rng.uniform() < 0.7:
        spots = scatter(rng, glaze, int(rng.integers(30, 70)), 0.05, lambda p, n: n[2] > 0.45)
        sprinkle(toy, "sprinkles", rng, spots, rng.uniform(0.018, 0.026), mix)
    else:
        bends = int(rng.integers(9, 16))
        t = turns(bends * 16)
        wave = np.pi / 2 + rng.uniform(0.5, 0.7) * np.sin(bends * t)
        line = _on_tube(np.full(len(t), small + thick * 0.95), wave, t, squash)
        drizzle = sweep(line, small * rng.uniform(0.06, 0.1), 10, closed=True)
        toy.add("drizzle", drizzle, mix[0])
    return toy.finish(rng)


def _around() -> list[Floats]:
    return [np.array(angle) for angle in turns(AROUND)]


def _on_tube(radius: Floats, at: Floats, angle: Floats, squash: float) -> Floats:
    """Points this far from the middle of the dough, at an angle of its section."""
    out = BIG + radius * np.cos(at)
    z = radius * np.sin(at) * squash
    return np.column_stack([out * np.cos(angle), out * np.sin(angle), z])


def _glaze(rng: Rng, small: float, squash: float) -> tuple[Mesh, float]:
    """Icing with wavy edges on the upper side, and its thickness."""
    outer, inner = waves(rng, 4, 0.35, 3, 11), waves(rng, 4, 0.3, 2, 8)
    level, thick = rng.uniform(0.3, 0.5), small * rng.uniform(0.07, 0.13)
    s = np.linspace(0, 1, 18)
    skin = small + thick * np.sin(np.pi * s) ** 0.35
    radius = np.concatenate([skin, np.full(16, small * 0.9)])
    rings = []
    for angle in _around():
        low, high = level + outer(angle) * 0.8, np.pi - level - inner(angle) * 0.8
        at = low + (high - low) * np.concatenate([s, s[-2:0:-1]])
        rings.append(_on_tube(radius, at, angle, squash))
    return loft(np.array(rings), True), thick
