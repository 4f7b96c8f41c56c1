"""A fox with a bushy tail."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real
from datagen.sources.builtin.paints import plain, shade
from datagen.sources.builtin.solids import blob
from datagen.sources.builtin.toys.animal_parts import (
    BLACK,
    WHITE,
    add_eyes,
    add_legs,
    add_pair,
    limb,
)


@dataclass(frozen=True)
class FoxHead:
    """rise: above the body's middle; snout: how far it reaches, of the size; ear: its height."""

    rise: float
    size: float
    snout: float
    ear: float


@dataclass(frozen=True)
class Tail:
    """up: how far its end is above the body's middle."""

    thick: float
    up: float


@dataclass(frozen=True)
class Fox:
    """long: half the body's length; clearance: from the ground up to it; leg: its radius."""

    coat: Material
    socks: Material
    long: float
    radius: float
    clearance: float
    head: FoxHead
    leg: float
    tail: Tail
    size: float


def draw(rng: Rng) -> Fox:
    """Everything that makes one fox differ from another."""
    return Fox(
        coat=plain("coat", shade(rng, (0.72, 0.2, 0.025), 0.2), 0.7),
        socks=BLACK if chance(rng, 0.75) else WHITE,
        long=real(rng, 0.23, 0.29),
        radius=real(rng, 0.105, 0.125),
        clearance=real(rng, 0.19, 0.26),
        head=FoxHead(
            rise=real(rng, 0.15, 0.2),
            size=real(rng, 0.115, 0.135),
            snout=real(rng, 1.5, 1.9),
            ear=real(rng, 0.12, 0.17),
        ),
        leg=real(rng, 0.034, 0.042),
        tail=Tail(thick=real(rng, 0.075, 0.095), up=real(rng, -0.05, 0.2)),
        size=draw_size(rng),
    )


def make(fox: Fox) -> Shape:
    """The fox of these parameters."""
    toy = ShapeBuilder()
    coat, long, r = fox.coat, fox.long, fox.radius
    height = r + fox.clearance
    trunk = [(-long, 0, height), (0, 0, height - 0.01), (long, 0, height + 0.01)]
    toy.add("body", limb(trunk, (r, r * 0.92, r), 20), coat)
    toy.add(
        "chest", blob((r * 0.75, r * 0.7, r * 0.9), (long + r * 0.42, 0, height - 0.015)), WHITE
    )
    _add_head(toy, fox.head, np.array([long + 0.16, 0, height + fox.head.rise]), coat)
    add_legs(toy, (long * 0.95, -long * 0.98), r * 0.55, height - 0.03, fox.leg, coat, fox.socks)
    _add_tail(toy, fox.tail, -long - r * 0.8, height, coat)
    return toy.finish(fox.size)


def _add_head(toy: ShapeBuilder, head: FoxHead, at: Floats, coat: Material) -> None:
    size = head.size
    toy.add("head", blob((size, size * 1.12, size * 0.92), at), coat)
    neck = [at - (0.17, 0, 0.14), at - (0.08, 0, 0.07), at]
    toy.add("neck", limb(neck, (0.085, 0.085, 0.09)), coat)
    out = size * head.snout
    snout = [at + (size * 0.35, 0, -0.02), at + (out * 0.7, 0, -0.04), at + (out, 0, -0.05)]
    toy.add("muzzle", limb(snout, (size * 0.66, size * 0.42, 0.02)), coat)
    toy.add("nose", blob(0.026, at + (out + 0.02, 0, -0.046)), BLACK)
    cheek = blob(
        (size * 0.62, size * 0.4, size * 0.34), at + (size * 0.55, size * 0.52, -size * 0.42)
    )
    add_pair(toy, "cheek", cheek, WHITE)
    root, tall = at + np.array([-0.02, size * 0.62, size * 0.55]), head.ear
    ear = np.array([root, root + (0, 0.015, tall * 0.5), root + (0, 0.03, tall)])
    add_pair(toy, "ear", limb(list(ear), (0.062, 0.042, 0.008)), coat)
    add_pair(toy, "ear tip", blob((0.024, 0.024, 0.035), ear[2] - (0, 0, 0.02)), BLACK)
    add_eyes(toy, at + (size * 0.72, size * 0.55, size * 0.24), 0.024)


def _add_tail(toy: ShapeBuilder, tail: Tail, x: float, height: float, coat: Material) -> None:
    thick, up = tail.thick, tail.up
    middle, end = (x - 0.22, 0, height + up * 0.3), np.array([x - 0.38, 0, height + up])
    toy.add(
        "tail", limb([(x + 0.05, 0, height + 0.02), middle, end], (0.035, thick, thick * 0.8)), coat
    )
    way = (end - middle) / np.linalg.norm(end - middle)
    tip = [end, end + way * 0.07, end + way * 0.14]
    toy.add("tail tip", limb(tip, (thick * 0.88, thick * 0.72, 0.015)), WHITE)
