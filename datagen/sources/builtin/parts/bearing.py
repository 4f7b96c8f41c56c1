"""A ball bearing: grooved races, balls, a cage, at times a seal on the far side."""

from __future__ import annotations

import numpy as np
import trimesh

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.edits import cut
from datagen.sources.builtin.parts import finishes
from datagen.sources.builtin.parts.machined import bolt_circle, moved, revolve, shift, tube

BEVEL = 0.014
CHROME = Material("chrome", (0.72, 0.72, 0.74), 1.0, 0.08)


def make(rng: Rng) -> Shape:
    builder = ShapeBuilder()
    steel = finishes.steel(rng)
    outer, bore = 0.5, rng.uniform(0.17, 0.27)
    gap = outer - bore
    ball, middle = gap * rng.uniform(0.24, 0.29), (outer + bore) / 2
    half = ball * rng.uniform(1.02, 1.3)
    land = ball * rng.uniform(0.5, 0.62)
    reach = np.arccos(land / (1.02 * ball))
    arc = np.linspace(-reach, reach, 9)

    def race(sign: float, far: float) -> Mesh:
        """The ring between radius far and the groove that the balls run in."""
        near = middle + sign * land
        groove = [(middle + sign * 1.02 * ball * np.cos(a), 1.02 * ball * np.sin(a)) for a in arc]
        back = [
            (far - sign * BEVEL, half),
            (far, half - BEVEL),
            (far, BEVEL - half),
            (far - sign * BEVEL, -half),
        ]
        return revolve([(near, -half), *groove, (near, half), *back], 80)

    builder.add("outer_race", race(1, outer), steel)
    builder.add("inner_race", race(-1, bore), steel)
    count = int(2 * np.pi * middle / (2 * ball * rng.uniform(1.15, 1.5)))
    sphere = trimesh.creation.icosphere(subdivisions=2, radius=ball)
    spots = bolt_circle(middle, count)
    for i, (x, y) in enumerate(spots):
        builder.add(f"ball_{i}", moved(sphere, shift(x, y)), CHROME)
    thin, tall = 0.3 * land, ball * rng.uniform(0.3, 0.6)
    pockets = [moved(sphere, shift(x, y)) for x, y in spots]
    cage = tube(middle - 2 * thin, middle + 2 * thin, -tall, tall, 0.004)
    cage_finish = finishes.brass(rng) if rng.random() < 0.6 else finishes.rubber(rng)
    builder.add("cage", cut(cage, *pockets), cage_finish)
    if rng.random() < 0.5:
        wide = land + 0.004
        low = 0.01 - half
        seal = tube(middle - wide, middle + wide, low, low + 0.015, 0.003)
        builder.add("seal", seal, finishes.rubber(rng))
    return builder.build()
