"""A smiling octopus."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import Rng, ShapeBuilder
from datagen.sources.builtin.edits import bumpy
from datagen.sources.builtin.paints import paints
from datagen.sources.builtin.scatter import scatter
from datagen.sources.builtin.solids import blob
from datagen.sources.builtin.toys.animal_parts import BLACK, add_eyes, limb

ARMS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    skin, spot = paints(rng, 2, "rubber", 0.45)
    head = blob((0.24, 0.24, rng.uniform(0.24, 0.38)), (0, 0, 0.4))
    toy.add("head", bumpy(rng, head, 0.01, 6.0), skin)
    _add_arms(toy, rng, skin)
    count = int(rng.integers(5, 10))
    spots = scatter(rng, head, count, 0.12, lambda p, n: n[2] > 0.15 and n[0] < 0.5)
    for point, normal in spots:
        size = rng.uniform(0.025, 0.045)
        toy.add("spots", blob(size, point - normal * 0.015), spot)
    add_eyes(toy, (0.19, 0.1, 0.45), 0.055)
    smile = [(0.235, -0.06, 0.345), (0.25, 0, 0.325), (0.235, 0.06, 0.345)]
    toy.add("mouth", limb(smile, (0.014, 0.018, 0.014)), BLACK)
    return toy.finish(rng)


def _add_arms(toy: ShapeBuilder, rng: Rng, skin: Material) -> None:
    reach, curl = rng.uniform(0.36, 0.56), rng.uniform(0.04, 0.2)
    for k, name in enumerate(ARMS):
        a = (k + 0.5) * np.pi / 4
        out, side = np.array([np.cos(a), np.sin(a), 0]), np.array([-np.sin(a), np.cos(a), 0])
        bend = rng.uniform(-0.14, 0.14)
        path = [
            out * 0.12 + (0, 0, 0.24),
            out * 0.26 + (0, 0, 0.1),
            out * reach * 0.85 + side * bend * 0.5 + (0, 0, 0.045),
            out * reach * 1.1 + side * bend + (0, 0, 0.04 + curl),
        ]
        toy.add(f"{name} arm", limb(path, (0.085, 0.07, 0.045, 0.02), 32), skin)
