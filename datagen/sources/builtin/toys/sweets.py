"""Dough, cream, icing and cherries."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats, Material
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.edits import warp
from datagen.sources.builtin.paints import Colour, plain, shade
from datagen.sources.builtin.paths import curve, fillet
from datagen.sources.builtin.solids import blob, lathe, sweep

DOUGH: Colour = (0.55, 0.28, 0.08)
CHOCOLATE: Colour = (0.07, 0.025, 0.012)
CREAMS: dict[str, Colour] = {
    "vanilla": (0.85, 0.74, 0.48),
    "strawberry": (0.8, 0.25, 0.32),
    "chocolate": (0.11, 0.04, 0.018),
    "mint": (0.35, 0.68, 0.45),
    "blueberry": (0.3, 0.2, 0.55),
    "lemon": (0.85, 0.65, 0.15),
    "whipped": (0.86, 0.83, 0.78),
    "caramel": (0.6, 0.27, 0.06),
    "pistachio": (0.4, 0.5, 0.16),
}


def creams(rng: Rng, count: int, rough: float = 0.4) -> list[Material]:
    """Creams of distinct flavours."""
    names = rng.permutation(list(CREAMS))[:count]
    return [plain(f"{n} cream", shade(rng, CREAMS[str(n)]), rough) for n in names]


def dough(rng: Rng) -> Material:
    return plain("dough", shade(rng, DOUGH, 0.25), 0.65)


def draped(rng: Rng, radius: float, top: float, drop: float, thick: float) -> Mesh:
    """Icing over a cylinder's top, running down its side in drips."""
    t = thick
    over = [(0, t), (radius + t, t), (radius + t, -1)]
    under = [(radius - t, -1), (radius - t, -t), (0, -t)]
    count = int(rng.integers(7, 13))
    at = (np.arange(count) + rng.uniform(-0.25, 0.25, count)) * 2 * np.pi / count
    size = rng.uniform(0.25, 1, count)

    def run_down(p: Floats) -> Floats:
        angle = np.arctan2(p[:, 1], p[:, 0])
        near = np.angle(np.exp(1j * (angle[:, None] - at)))
        depth = drop * (0.25 + (0.75 * size * np.exp(-((near * count / 2.1) ** 2))).sum(axis=1))
        low = np.minimum(p[:, 2], 0)
        return np.column_stack([p[:, :2], np.maximum(p[:, 2], 0) + low * depth + top])

    return warp(lathe(fillet(over + under, 1.5 * t, 3), 96), run_down)


def swirl(rng: Rng, radius: float, low: float, height: float, rounds: float) -> Mesh:
    """Piped cream: a rope wound up into a point."""
    t = np.linspace(0, 1, int(30 * rounds))
    angle = 2 * np.pi * rounds * t * rng.choice([-1, 1]) + rng.uniform(0, 6)
    thick = radius * (0.36 - 0.25 * t)
    reach = (radius - thick) * (1 - t) ** 0.85
    path = np.column_stack([reach * np.cos(angle), reach * np.sin(angle), low + height * t])
    return sweep(path, thick, 16)


def add_cherry(toy: ShapeBuilder, rng: Rng, at: Floats, size: float) -> None:
    red = plain("cherry", (0.5, 0.008, 0.02), 0.15)
    toy.add("cherry", blob((size, size, size * 0.94), at), red)
    tip = np.array([rng.uniform(-1, 1), rng.uniform(-1, 1), 2.6]) * size
    line = curve([at + [0, 0, size * 0.8], at + tip * (0.2, 0.2, 0.7), at + tip], 10)
    toy.add("cherry stem", sweep(line, size * 0.09, 10), plain("stem", (0.12, 0.14, 0.03)))
