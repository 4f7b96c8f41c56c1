"""An elephant with tusks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real
from datagen.sources.builtin.edits import place
from datagen.sources.builtin.paints import plain, shade
from datagen.sources.builtin.solids import blob
from datagen.sources.builtin.toys.animal_parts import (
    BLACK,
    add_eyes,
    add_legs,
    add_pair,
    limb,
)

IVORY = plain("ivory", (0.8, 0.74, 0.6), 0.3)


@dataclass(frozen=True)
class ElephantTrunk:
    """drop: how far it hangs down, None if it is raised; lift: of its tip above the bend."""

    drop: float | None
    lift: float


@dataclass(frozen=True)
class ElephantHead:
    """ear: half its width; tusk: how far it reaches ahead of the head's middle."""

    trunk: ElephantTrunk
    ear: float
    tusk: float


@dataclass(frozen=True)
class Elephant:
    """long: half the body's length; height: of its middle; leg: its radius."""

    skin: Material
    pink: Material
    long: float
    radius: float
    height: float
    head: ElephantHead
    leg: float
    size: float


def draw(rng: Rng) -> Elephant:
    """Everything that makes one elephant differ from another."""
    colour = (0.3, 0.32, 0.36) if chance(rng, 0.7) else (0.25, 0.38, 0.55)
    return Elephant(
        skin=plain("skin", shade(rng, colour), 0.6),
        pink=plain("inner ear", shade(rng, (0.72, 0.4, 0.42)), 0.6),
        long=real(rng, 0.32, 0.42),
        radius=real(rng, 0.24, 0.3),
        height=real(rng, 0.42, 0.56),
        head=ElephantHead(
            trunk=_draw_trunk(rng),
            ear=real(rng, 0.17, 0.21),
            tusk=real(rng, 0.32, 0.4),
        ),
        leg=real(rng, 0.085, 0.1),
        size=draw_size(rng),
    )


def _draw_trunk(rng: Rng) -> ElephantTrunk:
    drop, lift = real(rng, 0.3, 0.42), real(rng, 0.05, 0.22)
    return ElephantTrunk(drop if chance(rng, 0.7) else None, lift)


def make(elephant: Elephant) -> Shape:
    """The elephant of these parameters."""
    toy = ShapeBuilder()
    skin = elephant.skin
    long, r, height = elephant.long, elephant.radius, elephant.height
    toy.add("body", blob((long, r, r * 1.05), (0, 0, height), square=2.4), skin)
    _add_head(toy, elephant.head, np.array([long + 0.06, 0, height + 0.16]), skin, elephant.pink)
    xs = (long * 0.6, -long * 0.6)
    add_legs(toy, xs, r * 0.55, height - 0.12, elephant.leg, skin, IVORY)
    tail = [(-long * 0.95, 0, height + 0.08), (-long - 0.08, 0, height - 0.05)]
    tail.append((-long - 0.1, 0, height - 0.18))
    toy.add("tail", limb(tail, (0.03, 0.02, 0.02)), skin)
    toy.add("tail tip", blob((0.035, 0.035, 0.055), (-long - 0.1, 0, height - 0.22)), BLACK)
    return toy.finish(elephant.size)


def _add_head(
    toy: ShapeBuilder, head: ElephantHead, at: Floats, skin: Material, pink: Material
) -> None:
    toy.add("head", blob((0.2, 0.19, 0.21), at), skin)
    drop, lift = head.trunk.drop, head.trunk.lift
    if drop is not None:
        trunk = [at + (0.1, 0, -0.02), at + (0.26, 0, -drop * 0.45)]
        trunk += [at + (0.29, 0, -drop), at + (0.4, 0, -drop + lift)]
    else:
        trunk = [at + (0.1, 0, -0.02), at + (0.3, 0, -0.16)]
        trunk += [at + (0.44, 0, -0.02), at + (0.46 - lift * 0.3, 0, 0.1 + lift)]
    toy.add("trunk", limb(trunk, (0.11, 0.075, 0.06, 0.045), 36), skin)
    ear = blob((0.045, head.ear, 0.2))
    add_pair(toy, "ear", place(ear, at + (-0.06, 0.27, 0.03), rz=0.5), skin)
    inner = blob((0.03, 0.14, 0.15))
    add_pair(toy, "ear", place(inner, at + (-0.035, 0.265, 0.03), rz=0.5), pink)
    tip = at + (head.tusk, 0.11, -0.16)
    tusk = [at + (0.14, 0.1, -0.08), at + (0.24, 0.12, -0.17), tip]
    add_pair(toy, "tusk", limb(tusk, (0.03, 0.027, 0.01)), IVORY)
    add_eyes(toy, at + (0.145, 0.125, 0.06), 0.024)
