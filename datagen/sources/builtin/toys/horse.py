"""A horse with mane and tail, at times saddled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real
from datagen.sources.builtin.edits import stretch, warp
from datagen.sources.builtin.paints import Colour, paints, plain, shade
from datagen.sources.builtin.paths import curve
from datagen.sources.builtin.solids import blob
from datagen.sources.builtin.toys.animal_parts import (
    BLACK,
    add_eyes,
    add_legs,
    add_pair,
    limb,
)

COATS: list[tuple[Colour, Colour]] = [  # coat, and mane and tail
    ((0.28, 0.12, 0.05), (0.03, 0.025, 0.02)),
    ((0.5, 0.26, 0.1), (0.75, 0.65, 0.45)),
    ((0.8, 0.78, 0.74), (0.6, 0.58, 0.55)),
    ((0.05, 0.045, 0.045), (0.02, 0.02, 0.02)),
    ((0.62, 0.45, 0.25), (0.2, 0.1, 0.05)),
]


@dataclass(frozen=True)
class Saddle:
    """Materials of the saddle and of the cloth under it."""

    leather: Material
    cloth: Material


@dataclass(frozen=True)
class Horse:
    """long, radius: half the trunk's length, and its radius; above: height under the belly.

    reach, rise: how far the head is before the trunk and above its middle; drop: of the face's end
    below its root; legs: their radius; swing: how far back the tail swings.
    """

    coat: Material
    hair: Material
    long: float
    radius: float
    above: float
    reach: float
    rise: float
    drop: float
    legs: float
    swing: float
    saddle: Saddle | None
    size: float


def draw(rng: Rng) -> Horse:
    """Everything that makes one horse differ from another."""
    ground, dark = COATS[rng.integers(5)]
    return Horse(
        coat=plain("coat", shade(rng, ground), 0.5),
        hair=plain("hair", shade(rng, dark), 0.8),
        long=real(rng, 0.27, 0.33),
        radius=real(rng, 0.145, 0.17),
        above=real(rng, 0.3, 0.38),
        reach=real(rng, 0.2, 0.28),
        rise=real(rng, 0.32, 0.42),
        drop=real(rng, 0.1, 0.17),
        legs=real(rng, 0.042, 0.05),
        swing=real(rng, 0.06, 0.14),
        saddle=Saddle(*paints(rng, 2, "felt", 0.7)) if chance(rng, 0.4) else None,
        size=draw_size(rng),
    )


def make(horse: Horse) -> Shape:
    """The horse of these parameters."""
    toy = ShapeBuilder()
    coat, long, r = horse.coat, horse.long, horse.radius
    height = r + horse.above
    trunk = [(-long, 0, height), (0, 0, height - 0.025), (long, 0, height)]
    toy.add("body", limb(trunk, (r, r * 0.92, r), 20), coat)
    head = np.array([long + horse.reach, 0, height + horse.rise])
    neck = [
        np.array([long * 0.9, 0, height + 0.04]),
        np.array([long + 0.13, 0, height + 0.2]),
        head,
    ]
    toy.add("neck", limb(neck, (r * 0.85, 0.1, 0.085)), coat)
    _add_head(toy, head, horse.drop, coat)
    _add_mane(toy, neck, horse.hair)
    xs = (long * 0.95, -long * 0.98)
    add_legs(toy, xs, r * 0.55, height - 0.04, horse.legs, coat, BLACK)
    x, swing = -long - r * 0.85, horse.swing
    tail = [
        (x + 0.04, 0, height + 0.06),
        (x - swing, 0, height - 0.05),
        (x - swing, 0, height - 0.3),
    ]
    toy.add("tail", limb(tail, (0.04, 0.06, 0.018)), horse.hair)
    if horse.saddle is not None:
        _add_saddle(toy, horse.saddle, r, height)
    return toy.finish(horse.size)


def _add_head(toy: ShapeBuilder, at: Floats, drop: float, coat: Material) -> None:
    face = [at + (-0.02, 0, 0.0), at + (0.1, 0, -drop * 0.4), at + (0.22, 0, -drop)]
    toy.add("head", limb(face, (0.09, 0.085, 0.06)), coat)
    add_pair(toy, "nostril", blob((0.014, 0.012, 0.014), at + (0.262, 0.035, -drop)), BLACK)
    root = at + np.array([-0.03, 0.045, 0.06])
    ear = [root, root + (0, 0.008, 0.05), root + (0.01, 0.01, 0.1)]
    add_pair(toy, "ear", limb(ear, (0.028, 0.027, 0.008)), coat)
    add_eyes(toy, at + (0.07, 0.073, 0.02), 0.024)


def _add_mane(toy: ShapeBuilder, neck: list[Floats], hair: Material) -> None:
    """Locks along the neck's back, and a forelock."""
    line = curve(np.array(neck), 9)
    for before, here in zip(line[:-1], line[1:], strict=True):
        step = (here - before) / np.linalg.norm(here - before)
        back = np.array([-step[2], 0, step[0]])
        at = here + back * 0.09
        toy.add("mane", blob((0.06, 0.035, 0.065), at), hair)
    toy.add("mane", blob((0.06, 0.04, 0.04), neck[-1] + (0.02, 0, 0.085)), hair)


def _add_saddle(toy: ShapeBuilder, saddle: Saddle, r: float, height: float) -> None:
    """A blanket round the back with a saddle on it."""
    blanket = stretch(blob(1.0, square=3), 0.15, r * 1.04, r * 0.98)
    over = warp(blanket, lambda p: np.column_stack([p[:, :2], p[:, 2].clip(-0.02) + height]))
    toy.add("blanket", over, saddle.cloth)
    toy.add("saddle", blob((0.11, 0.09, 0.035), (0, 0, height + r * 0.95)), saddle.leather)
    pommel = blob((0.03, 0.04, 0.04), (0.09, 0, height + r * 0.97 + 0.02))
    toy.add("saddle", pommel, saddle.leather)
