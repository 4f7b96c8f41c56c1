"""A woolly sheep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, chance, details, real
from datagen.sources.builtin.edits import united
from datagen.sources.builtin.paints import COLOURS, plain, shade
from datagen.sources.builtin.scatter import Spot, scatter
from datagen.sources.builtin.solids import blob
from datagen.sources.builtin.toys.animal_parts import (
    BLACK,
    add_eyes,
    add_legs,
    add_pair,
    limb,
)


@dataclass(frozen=True)
class Sheep:
    """long, wide, tall: half the body's sizes; above: height under the belly.

    curl, legs: their radii; rise: of the head over the body's middle; tuft: where its seven balls
    lie about its middle, in their spread; droop: of the ears' ends.
    """

    wool: Material
    skin: Material
    long: float
    wide: float
    tall: float
    above: float
    curl: float
    curls: Details
    rise: float
    tuft: tuple[tuple[float, ...], ...]
    droop: float
    legs: float
    size: float


def draw(rng: Rng) -> Sheep:
    """Everything that makes one sheep differ from another."""
    fleece = COLOURS["cream"] if chance(rng, 0.4) else COLOURS["white"]
    wool = plain("wool", shade(rng, fleece, 0.08), 0.9)
    bare = (0.05, 0.04, 0.04) if chance(rng, 0.6) else (0.5, 0.33, 0.22)
    skin = plain("skin", shade(rng, bare), 0.6)
    long, wide, tall = real(rng, 0.3, 0.44), real(rng, 0.2, 0.28), real(rng, 0.2, 0.28)
    above, curl = real(rng, 0.17, 0.3), real(rng, 0.068, 0.115)
    body = _body(long, wide, tall, above)
    return Sheep(
        wool=wool,
        skin=skin,
        long=long,
        wide=wide,
        tall=tall,
        above=above,
        curl=curl,
        curls=details(rng, lambda rng: _spots(rng, body, curl)),
        rise=real(rng, 0.12, 0.2),
        tuft=tuple(tuple(rng.normal(size=3).tolist()) for _ in range(7)),
        droop=real(rng, 0.0, 0.07),
        legs=real(rng, 0.04, 0.055),
        size=draw_size(rng),
    )


def make(sheep: Sheep) -> Shape:
    """The sheep of these parameters."""
    toy = ShapeBuilder()
    wool, skin, long, wide, curl = sheep.wool, sheep.skin, sheep.long, sheep.wide, sheep.curl
    height = sheep.tall + sheep.above
    body = _body(long, wide, sheep.tall, sheep.above)
    spots = _spots(sheep.curls.rng, body, curl)
    curls = [blob(curl, point - normal * curl * 0.35, detail=2) for point, normal in spots]
    toy.add("body", united(body, *curls), wool)
    _add_head(toy, sheep, np.array([long + 0.1, 0, height + sheep.rise]))
    xs = (long * 0.55, -long * 0.55)
    add_legs(toy, xs, wide * 0.5, height - 0.08, sheep.legs, skin, BLACK)
    toy.add("tail", blob((0.08, 0.07, 0.1), (-long - 0.02, 0, height + 0.03)), wool)
    return toy.finish(sheep.size)


def _body(long: float, wide: float, tall: float, above: float) -> Mesh:
    return blob((long, wide, tall), (0, 0, tall + above))


def _spots(rng: Rng, body: Mesh, curl: float) -> list[Spot]:
    """Where the curls sit."""
    return scatter(rng, body, 70, curl * 0.9)


def _add_head(toy: ShapeBuilder, sheep: Sheep, at: Floats) -> None:
    line = [at - (0.14, 0, -0.03), at, at + (0.13, 0, -0.07)]
    toy.add("head", limb(line, (0.1, 0.115, 0.075)), sheep.skin)
    top = at + np.array([-0.04, 0, 0.1])
    for offset in sheep.tuft:
        spot = top + np.array(offset) * (0.03, 0.045, 0.012)
        toy.add("tuft", blob(0.055, spot), sheep.wool)
    droop = sheep.droop
    root = at + np.array([-0.03, 0.09, 0.05])
    ear = [root - (0, 0.03, 0), root + (0, 0.06, -droop / 2), root + (-0.01, 0.12, -droop)]
    add_pair(toy, "ear", limb(ear, (0.03, 0.04, 0.015)), sheep.skin)
    add_eyes(toy, at + (0.065, 0.07, 0.045), 0.03)
