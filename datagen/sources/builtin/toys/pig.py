"""A pig with a curly tail, at times spotted."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Rng, ShapeBuilder
from datagen.sources.builtin.paints import plain, shade
from datagen.sources.builtin.scatter import scatter
from datagen.sources.builtin.solids import blob, sweep
from datagen.sources.builtin.toys.animal_parts import (
    BLACK,
    add_eyes,
    add_legs,
    add_pair,
    limb,
)


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    skin = plain("skin", shade(rng, (0.82, 0.38, 0.36), 0.25), 0.5)
    dark = plain("snout", shade(rng, (0.7, 0.2, 0.22)), 0.5)
    long, r = rng.uniform(0.3, 0.44), rng.uniform(0.22, 0.29)
    height = r + rng.uniform(0.08, 0.16)
    body = blob((long, r, r), (0, 0, height), square=2.3)
    toy.add("body", body, skin)
    _add_head(toy, rng, np.array([long * 0.95, 0, height + 0.1]), skin, dark)
    xs = (long * 0.58, -long * 0.58)
    add_legs(toy, xs, r * 0.55, height - 0.08, rng.uniform(0.06, 0.075), skin, dark)
    t = np.linspace(0, 1, 20)
    turn = 2 * np.pi * rng.uniform(1.3, 1.8) * t
    rise = height + 0.06 + 0.045 * (1 - np.cos(turn))
    curl = np.column_stack([-long * 0.97 - 0.16 * t, 0.045 * np.sin(turn), rise])
    toy.add("tail", sweep(curl, np.linspace(0.022, 0.012, 20), 16), dark)
    if rng.uniform() < 0.5:
        patch = plain("patch", shade(rng, (0.25, 0.1, 0.08)), 0.5)
        for point, normal in scatter(rng, body, 4, 0.25, lambda p, n: n[2] > -0.2):
            toy.add("patches", blob(rng.uniform(0.06, 0.1), point - normal * 0.045), patch)
    return toy.finish(rng)


def _add_head(toy: ShapeBuilder, rng: Rng, at: Floats, skin: Material, dark: Material) -> None:
    size = rng.uniform(0.17, 0.2)
    toy.add("head", blob((size, size * 1.05, size), at), skin)
    x, z = at[0] + size, at[2]
    snout = [(x - 0.1, 0, z - 0.04), (x + 0.01, 0, z - 0.045), (x + 0.05, 0, z - 0.045)]
    toy.add("snout", limb(snout, (0.1, 0.085, 0.08)), dark)
    for y in (-0.032, 0.032):
        nostril = blob((0.02, 0.018, 0.026), (x + 0.12, y, z - 0.04))
        toy.add("snout", nostril, BLACK)
    root = at + np.array([0, size * 0.62, size * 0.72])
    ear = [root - (0.02, 0, 0.04), root + (0.02, 0.04, 0.06), root + (0.09, 0.05, 0.09)]
    add_pair(toy, "ear", limb(ear, (0.07, 0.06, 0.012)), dark)
    add_eyes(toy, at + (size * 0.76, size * 0.55, size * 0.38), 0.028)
