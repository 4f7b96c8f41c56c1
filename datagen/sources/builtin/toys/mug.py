"""A mug with a handle, often decorated."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats, Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.paints import paints, plain
from datagen.sources.builtin.paths import curve
from datagen.sources.builtin.solids import lathe, ring, rod, sweep
from datagen.sources.builtin.toys.pottery import (
    add_decoration,
    handle_joints,
    handle_path,
    vessel,
)


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    glaze, lining, first, second = paints(rng, 4, "glaze", 0.2)
    if rng.uniform() < 0.5:
        lining = plain("white glaze", (0.84, 0.83, 0.78), 0.2)
    r, tall, thick = rng.uniform(0.27, 0.37), rng.uniform(0.62, 0.86), rng.uniform(0.03, 0.045)
    rows = _wall(r, tall, rng.uniform(0.78, 1.0), rng.uniform(-0.06, 0.1))
    toy.add("body", vessel(rows, thick, 0.06), glaze)
    inside = rows[rows[:, 1] > 0.1] - [thick - 0.003, 0]
    shell = np.concatenate([inside, (inside - [0.01, 0])[::-1]])
    toy.add("lining", lathe(shell, 64), lining)
    toy.add("lining", rod(float(inside[0, 0]), 0.05, 0.108, 0.01), lining)
    handle = _handle(rng, rows, thick)
    toy.add("handle", handle, [glaze, first][rng.integers(2)])
    pale = rng.uniform() < 0.4
    toy.add("foot", ring(float(rows[5, 0]) * 0.85, 0.03, 0.02, 0.012), lining if pale else glaze)
    if rng.uniform() < 0.6:
        rim = ring(rows[-1, 0] - thick / 2, thick * 0.62, thick * 0.5, tall + thick * 0.2)
        toy.add("rim", rim, first)
    if rng.uniform() < 0.85:
        add_decoration(toy, rng, rows, 0.1, tall * 0.94, thick * 0.6, [first, second])
    return toy.finish(rng)


def _wall(radius: float, tall: float, foot: float, belly: float) -> Floats:
    """The outside, rounded at the foot, with a belly or a waist."""
    z = np.linspace(0.07, tall, 14)
    share = (z - 0.07) / (tall - 0.07)
    flare = radius * (foot + (1 - foot) * share**0.7)
    wide = flare + belly * radius * 4 * share * (1 - share)
    base = curve([(wide[0] * 0.86, 0.0), (wide[0] * 0.95, 0.012), (wide[0], 0.07)], 6)
    return np.concatenate([base, np.column_stack([wide, z])[1:]])


def _handle(rng: Rng, rows: Floats, thick: float) -> Mesh:
    """A grip that widens at its joints."""
    tall = rows[-1, 1]
    kind = int(rng.integers(3))
    high, low = tall * rng.uniform(0.8, 0.88), tall * rng.uniform(0.16, 0.28)
    joints = handle_joints(rows, high, low, thick * 0.4)
    path = handle_path(joints[0], joints[1], rng.uniform(0.2, 0.28), kind)
    grip = rng.uniform(0.032, 0.045)
    swell = 1 + 0.35 * np.abs(np.linspace(-1, 1, len(path))) ** 6
    size = swell[:, None] * [grip * rng.uniform(1, 1.5), grip]
    return sweep(path, size, flat=True, up=(0, 1, 0))
