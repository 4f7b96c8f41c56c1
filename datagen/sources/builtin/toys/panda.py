"""A sitting panda, at times with bamboo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real
from datagen.sources.builtin.edits import place
from datagen.sources.builtin.paints import COLOURS, plain, shade
from datagen.sources.builtin.solids import blob, ring, rod
from datagen.sources.builtin.toys.animal_parts import BLACK, WHITE, add_eyes, add_pair, limb

FUR = plain("black fur", (0.02, 0.02, 0.022), 0.8)


@dataclass(frozen=True)
class Bamboo:
    """Materials of the stick that it holds and of its leaves."""

    stick: Material
    leaf: Material


@dataclass(frozen=True)
class Panda:
    """tall, rise, reach, lift: of the radius of the body.

    rise: of the head over the shoulders; reach, lift: how far forward and up the paws are held;
    head: its radius.
    """

    radius: float
    tall: float
    rise: float
    head: float
    reach: float
    lift: float
    bamboo: Bamboo | None
    size: float


def draw(rng: Rng) -> Panda:
    """Everything that makes one panda differ from another."""
    return Panda(
        radius=real(rng, 0.24, 0.28),
        tall=real(rng, 1.45, 1.75),
        rise=real(rng, 0.75, 0.85),
        head=real(rng, 0.2, 0.23),
        reach=real(rng, 0.75, 0.95),
        lift=real(rng, -0.25, 0.1),
        bamboo=_draw_bamboo(rng) if chance(rng, 0.5) else None,
        size=draw_size(rng),
    )


def _draw_bamboo(rng: Rng) -> Bamboo:
    return Bamboo(
        stick=plain("bamboo", shade(rng, COLOURS["lime"]), 0.4),
        leaf=plain("leaf", shade(rng, COLOURS["green"]), 0.5),
    )


def make(panda: Panda) -> Shape:
    """The panda of these parameters."""
    toy = ShapeBuilder()
    r = panda.radius
    tall = panda.tall * r
    toy.add(
        "body",
        limb([(0, 0, r * 0.85), (0, 0, r * 1.2), (0.01, 0, tall)], (r, r * 0.97, r * 0.7)),
        WHITE,
    )
    _add_head(toy, np.array([0.05, 0, tall + r * panda.rise]), panda.head)
    yoke = [(0.02, -r * 0.72, tall - 0.02), (-0.03, 0, tall), (0.02, r * 0.72, tall - 0.02)]
    toy.add("shoulders", limb(yoke, (r * 0.32, r * 0.4, r * 0.32)), FUR)
    reach, lift = panda.reach * r, panda.lift * r
    arm = [(0.02, r * 0.75, tall - 0.04), (r * 0.55, r * 0.85, tall - r * 0.45)]
    hand = (r * 0.3 + reach, r * 0.35, tall - r * 0.5 + lift)
    add_pair(toy, "arm", limb([*arm, hand], (r * 0.3, r * 0.27, r * 0.24)), FUR)
    leg = [
        (r * 0.1, r * 0.62, r * 0.34),
        (r * 0.7, r * 0.78, r * 0.32),
        (r * 1.2, r * 0.8, r * 0.36),
    ]
    add_pair(toy, "leg", limb(leg, (r * 0.4, r * 0.34, r * 0.33)), FUR)
    add_pair(toy, "sole", blob((0.03, r * 0.22, r * 0.24), (r * 1.5, r * 0.8, r * 0.38)), WHITE)
    toy.add("tail", blob(r * 0.26, (-r * 0.98, 0, r * 0.5)), WHITE)
    if panda.bamboo is not None:
        _add_bamboo(toy, panda.bamboo, (hand[0] + 0.02, 0, hand[2]), r)
    return toy.finish(panda.size)


def _add_head(toy: ShapeBuilder, at: Floats, size: float) -> None:
    toy.add("head", blob((size * 0.95, size * 1.08, size * 0.92), at), WHITE)
    ear = at + np.array([-0.02, size * 0.75, size * 0.75])
    add_pair(toy, "ear", blob((size * 0.22, size * 0.34, size * 0.34), ear), FUR)
    patch = blob((size * 0.22, size * 0.24, size * 0.32))
    spot = at + np.array([size * 0.76, size * 0.44, size * 0.12])
    add_pair(toy, "eye patch", place(patch, spot, rx=0.5), FUR)
    add_eyes(toy, at + (size * 0.92, size * 0.42, size * 0.16), size * 0.12)
    muzzle = blob((size * 0.34, size * 0.4, size * 0.3), at + (size * 0.8, 0, -size * 0.28))
    toy.add("muzzle", muzzle, WHITE)
    toy.add("nose", blob((0.03, 0.042, 0.028), at + (size * 1.1, 0, -size * 0.14)), BLACK)


def _add_bamboo(
    toy: ShapeBuilder, bamboo: Bamboo, at: tuple[float, float, float], r: float
) -> None:
    """A stick across both paws, with nodes and leaves."""
    half = r * 1.3
    toy.add("bamboo", place(rod(0.032, -half, half, 0.008), at, rx=np.pi / 2), bamboo.stick)
    for y in np.linspace(-0.8, 0.8, 5) * half:
        node = place(ring(0.032, 0.008, 0.01), (at[0], y, at[2]), rx=np.pi / 2)
        toy.add("bamboo", node, bamboo.stick)
    for y, turn in ((0.7, 0.5), (0.9, -0.4)):
        blade = place(blob((0.02, 0.035, 0.1), (0, 0, 0.1)), rx=turn)
        toy.add("bamboo leaf", place(blade, (at[0], y * half, at[2])), bamboo.leaf)
