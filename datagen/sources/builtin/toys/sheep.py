"""A woolly sheep."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Rng, ShapeBuilder
from datagen.sources.builtin.edits import united
from datagen.sources.builtin.paints import COLOURS, plain, shade
from datagen.sources.builtin.scatter import scatter
from datagen.sources.builtin.solids import blob
from datagen.sources.builtin.toys.animal_parts import (
    BLACK,
    add_eyes,
    add_legs,
    add_pair,
    limb,
)


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    fleece = COLOURS["cream"] if rng.uniform() < 0.4 else COLOURS["white"]
    wool = plain("wool", shade(rng, fleece, 0.08), 0.9)
    dark = rng.uniform() < 0.6
    skin = plain("skin", shade(rng, (0.05, 0.04, 0.04) if dark else (0.5, 0.33, 0.22)), 0.6)
    long, wide, tall = rng.uniform(0.3, 0.44), rng.uniform(0.2, 0.28), rng.uniform(0.2, 0.28)
    height = tall + rng.uniform(0.17, 0.3)
    body = blob((long, wide, tall), (0, 0, height))
    curl = rng.uniform(0.068, 0.115)
    spots = scatter(rng, body, 70, curl * 0.9)
    curls = [blob(curl, point - normal * curl * 0.35, detail=2) for point, normal in spots]
    toy.add("body", united(body, *curls), wool)
    _add_head(toy, rng, np.array([long + 0.1, 0, height + rng.uniform(0.12, 0.2)]), wool, skin)
    xs = (long * 0.55, -long * 0.55)
    add_legs(toy, xs, wide * 0.5, height - 0.08, rng.uniform(0.04, 0.055), skin, BLACK)
    toy.add("tail", blob((0.08, 0.07, 0.1), (-long - 0.02, 0, height + 0.03)), wool)
    return toy.finish(rng)


def _add_head(toy: ShapeBuilder, rng: Rng, at: Floats, wool: Material, skin: Material) -> None:
    line = [at - (0.14, 0, -0.03), at, at + (0.13, 0, -0.07)]
    toy.add("head", limb(line, (0.1, 0.115, 0.075)), skin)
    top = at + np.array([-0.04, 0, 0.1])
    for _ in range(7):
        spot = top + rng.normal(size=3) * (0.03, 0.045, 0.012)
        toy.add("tuft", blob(0.055, spot), wool)
    droop = rng.uniform(0.0, 0.07)
    root = at + np.array([-0.03, 0.09, 0.05])
    ear = [root - (0, 0.03, 0), root + (0, 0.06, -droop / 2), root + (-0.01, 0.12, -droop)]
    add_pair(toy, "ear", limb(ear, (0.03, 0.04, 0.015)), skin)
    add_eyes(toy, at + (0.065, 0.07, 0.045), 0.03)
