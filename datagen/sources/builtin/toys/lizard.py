"""A lizard with splayed legs and a long tail."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real, whole
from datagen.sources.builtin.paints import paints
from datagen.sources.builtin.solids import blob
from datagen.sources.builtin.toys.animal_parts import BLACK, add_eyes, limb, spine

NAMES = ("green", "lime", "teal", "orange", "yellow", "violet", "sky", "red")
RADII = (0.012, 0.03, 0.055, 0.09, 0.095, 0.07)  # along the spine from the tail


@dataclass(frozen=True)
class Crest:
    """tall: what the scales' heights are multiples of."""

    scales: int
    tall: float


@dataclass(frozen=True)
class Lizard:
    """bend: of the tail to the side, at its end, half-way and at its root; tail: its length.

    face: the head's length; strides: how far forward the feet are set: front left, front right,
    hind left, hind right.
    """

    skin: Material
    spot: Material
    claw: Material
    bend: tuple[float, ...]
    tail: float
    face: float
    tongue: Material | None
    strides: tuple[float, ...]
    crest: Crest
    size: float


def draw(rng: Rng) -> Lizard:
    """Everything that makes one lizard differ from another."""
    skin, spot, claw = paints(rng, 3, "skin", 0.35, NAMES)
    return Lizard(
        skin=skin,
        spot=spot,
        claw=claw,
        bend=tuple(rng.uniform(-0.22, 0.22, 3).tolist()),
        tail=real(rng, 0.45, 0.7),
        face=real(rng, 0.1, 0.15),
        tongue=paints(rng, 1, "tongue", 0.3, ("red",))[0] if chance(rng, 0.5) else None,
        strides=tuple(real(rng, -0.07, 0.07) for _ in range(4)),
        crest=Crest(scales=whole(rng, 9, 15), tall=real(rng, 0.03, 0.055)),
        size=draw_size(rng),
    )


def make(lizard: Lizard) -> Shape:
    """The lizard of these parameters."""
    toy = ShapeBuilder()
    skin, bend, tail = lizard.skin, lizard.bend, lizard.tail
    back = [(-0.25 - tail, bend[0], 0.05), (-0.25 - tail * 0.55, bend[1], 0.06)]
    back += [(-0.25, bend[2] * 0.4, 0.09), (-0.1, 0, 0.11), (0.14, 0, 0.12), (0.27, 0, 0.13)]
    toy.add("body", limb(back, RADII, 48), skin)
    rows = spine(back, RADII, 60)
    _add_head(toy, np.array([0.36, 0, 0.15]), lizard.face, skin, lizard.tongue)
    strides = iter(lizard.strides)
    for x, name, rear in ((0.17, "front leg", -0.02), (-0.13, "hind leg", -0.1)):
        for side, way in ((1, "left"), (-1, "right")):
            _add_leg(toy, f"{way} {name}", x, side, rear + next(strides), skin, lizard.claw)
    _add_crest(toy, rows, lizard.crest, lizard.spot)
    return toy.finish(lizard.size)


def _add_head(
    toy: ShapeBuilder, at: Floats, long: float, skin: Material, tongue: Material | None
) -> None:
    face = [at - (0.08, 0, 0.02), at, at + (long, 0, -0.02)]
    skull = limb(face, (0.075, 0.095, 0.05))
    toy.add("head", skull, skin)
    add_eyes(toy, at + (0.03, 0.07, 0.05), 0.032)
    nose = float(at[0]) + long + 0.04
    for y in (-0.02, 0.02):
        toy.add("nostrils", blob(0.008, (nose, y, at[2] + 0.005)), BLACK)
    if tongue is not None:
        x, z = nose, at[2] - 0.035
        line = [(x - 0.03, 0, z), (x + 0.05, 0, z - 0.01), (x + 0.11, 0, z + 0.015)]
        toy.add("tongue", limb(line, (0.014, 0.012, 0.01), 10), tongue)


def _add_leg(
    toy: ShapeBuilder, part: str, x: float, side: int, step: float, skin: Material, claw: Material
) -> None:
    """A leg bent outwards with four toes."""
    knee, foot = (x + step * 0.4, side * 0.2, 0.13), (x + step + 0.03, side * 0.25, 0.025)
    toy.add(part, limb([(x, side * 0.05, 0.1), knee, foot], (0.045, 0.036, 0.026)), skin)
    for angle in (-0.6, 0.0, 0.6, 1.2):
        tip = (foot[0] + 0.075 * np.cos(angle), foot[1] + side * 0.075 * np.sin(angle), 0.014)
        middle = ((foot[0] + tip[0]) / 2, (foot[1] + tip[1]) / 2, 0.02)
        toy.add(part, limb([foot, middle, tip], (0.018, 0.014, 0.013), 6), claw)


def _add_crest(toy: ShapeBuilder, rows: Floats, crest: Crest, spot: Material) -> None:
    """A row of scales on the back, along rows of (x, y, z, radius)."""
    for k in np.linspace(12, 57, crest.scales).astype(int):
        x, y, z, radius = rows[k]
        high = crest.tall * (0.4 + radius * 6)
        scale = blob((0.03, 0.012, high), (x, y, z + radius * 0.9))
        toy.add("crest", scale, spot)
