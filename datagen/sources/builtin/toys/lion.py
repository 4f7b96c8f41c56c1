"""A lion with a mane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real, whole
from datagen.sources.builtin.paints import plain, shade
from datagen.sources.builtin.paths import turns
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
class LionHead:
    """size: its radius; lock: the radius of a lock of the mane, of that; locks: how many."""

    size: float
    lock: float
    locks: int


@dataclass(frozen=True)
class Lion:
    """long, radius: half the trunk's length, and its radius; above: height under the belly.

    rise: of the head over the trunk's middle; legs: their radius; tail: how far its end rises.
    """

    coat: Material
    mane: Material
    long: float
    radius: float
    above: float
    rise: float
    head: LionHead
    legs: float
    tail: float
    size: float


def draw(rng: Rng) -> Lion:
    """Everything that makes one lion differ from another."""
    coat = plain("coat", shade(rng, (0.75, 0.45, 0.12)), 0.6)
    hair = (0.32, 0.12, 0.03) if chance(rng, 0.7) else (0.72, 0.25, 0.04)
    return Lion(
        coat=coat,
        mane=plain("mane", shade(rng, hair), 0.85),
        long=real(rng, 0.28, 0.36),
        radius=real(rng, 0.16, 0.19),
        above=real(rng, 0.2, 0.28),
        rise=real(rng, 0.15, 0.22),
        head=LionHead(
            size=real(rng, 0.14, 0.165),
            lock=real(rng, 0.42, 0.52),
            locks=whole(rng, 11, 15),
        ),
        legs=real(rng, 0.058, 0.07),
        tail=real(rng, 0.08, 0.24),
        size=draw_size(rng),
    )


def make(lion: Lion) -> Shape:
    """The lion of these parameters."""
    toy = ShapeBuilder()
    coat, mane, long, r = lion.coat, lion.mane, lion.long, lion.radius
    height = r + lion.above
    trunk = [(-long, 0, height), (0, 0, height - 0.01), (long * 0.8, 0, height + 0.03)]
    toy.add("body", limb(trunk, (r * 0.92, r * 0.88, r), 20), coat)
    _add_head(toy, lion.head, np.array([long + 0.12, 0, height + lion.rise]), coat, mane)
    add_legs(toy, (long * 0.75, -long * 0.9), r * 0.58, height - 0.06, lion.legs, coat, coat)
    back, up = -long - r, lion.tail
    tail = [(back + 0.03, 0, height + 0.05), (back - 0.15, 0, height + 0.02)]
    tail.append((back - 0.24, 0, height + 0.02 + up))
    toy.add("tail", limb(tail, (0.034, 0.024, 0.02)), coat)
    toy.add("tail tuft", blob((0.05, 0.05, 0.065), (back - 0.25, 0, height + 0.07 + up)), mane)
    return toy.finish(lion.size)


def _add_head(
    toy: ShapeBuilder, head: LionHead, at: Floats, coat: Material, mane: Material
) -> None:
    size = head.size
    toy.add("head", blob((size, size, size), at), coat)
    toy.add(
        "mane", blob((size * 0.75, size * 1.35, size * 1.35), at - (size * 0.55, 0, 0.01)), mane
    )
    lock = size * head.lock
    for angle in turns(head.locks):
        out = np.array([-size * 0.3, np.sin(angle) * size * 1.28, np.cos(angle) * size * 1.28])
        toy.add("mane", blob((lock * 0.9, lock, lock), at + out), mane)
    cheek = blob(
        (size * 0.36, size * 0.36, size * 0.3), at + (size * 0.85, size * 0.24, -size * 0.3)
    )
    add_pair(toy, "cheek", cheek, WHITE)
    toy.add("chin", blob(size * 0.24, at + (size * 0.82, 0, -size * 0.58)), WHITE)
    toy.add("nose", blob((0.034, 0.048, 0.03), at + (size * 1.12, 0, -size * 0.06)), BLACK)
    ear = at + np.array([-size * 0.05, size * 0.78, size * 0.92])
    add_pair(toy, "ear", blob((0.035, 0.065, 0.065), ear), coat)
    add_eyes(toy, at + (size * 0.8, size * 0.42, size * 0.3), size * 0.18)
