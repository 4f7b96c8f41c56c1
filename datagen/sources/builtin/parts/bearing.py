"""A ball bearing: grooved races, balls, a cage, at times a seal on the far side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import trimesh

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder
from datagen.sources.builtin.drawn import Rng, real
from datagen.sources.builtin.edits import cut
from datagen.sources.builtin.parts import finishes
from datagen.sources.builtin.parts.machined import bolt_circle, moved, revolve, shift, tube

BEVEL = 0.014
CHROME = Material("chrome", (0.72, 0.72, 0.74), 1.0, 0.08)


@dataclass(frozen=True)
class Bearing:
    """ball: its radius, of the width between bore and rim.

    Of the ball's radius: half, that of the rings' width; land, from the middle circle to the
    shoulder of a groove; spacing, from ball to ball, of the diameter; cage_half, of its width.
    """

    steel: Material
    bore: float
    ball: float
    half: float
    land: float
    spacing: float
    cage_half: float
    cage: Material
    seal: Material | None


def draw(rng: Rng) -> Bearing:
    """Everything that makes one bearing differ from another."""
    return Bearing(
        steel=finishes.steel(rng),
        bore=real(rng, 0.17, 0.27),
        ball=real(rng, 0.24, 0.29),
        half=real(rng, 1.02, 1.3),
        land=real(rng, 0.5, 0.62),
        spacing=real(rng, 1.15, 1.5),
        cage_half=real(rng, 0.3, 0.6),
        cage=finishes.brass(rng) if rng.random() < 0.6 else finishes.rubber(rng),
        seal=finishes.rubber(rng) if rng.random() < 0.5 else None,
    )


def make(bearing: Bearing) -> Shape:
    """The bearing of these parameters."""
    builder = ShapeBuilder()
    outer, bore = 0.5, bearing.bore
    gap = outer - bore
    ball, middle = gap * bearing.ball, (outer + bore) / 2
    half = ball * bearing.half
    land = ball * bearing.land
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

    builder.add("outer_race", race(1, outer), bearing.steel)
    builder.add("inner_race", race(-1, bore), bearing.steel)
    count = int(2 * np.pi * middle / (2 * ball * bearing.spacing))
    sphere = trimesh.creation.icosphere(subdivisions=2, radius=ball)
    spots = bolt_circle(middle, count)
    for i, (x, y) in enumerate(spots):
        builder.add(f"ball_{i}", moved(sphere, shift(x, y)), CHROME)
    thin, tall = 0.3 * land, ball * bearing.cage_half
    pockets = [moved(sphere, shift(x, y)) for x, y in spots]
    cage = tube(middle - 2 * thin, middle + 2 * thin, -tall, tall, 0.004)
    builder.add("cage", cut(cage, *pockets), bearing.cage)
    if bearing.seal is not None:
        wide = land + 0.004
        low = 0.01 - half
        seal = tube(middle - wide, middle + wide, low, low + 0.015, 0.003)
        builder.add("seal", seal, bearing.seal)
    return builder.build()
