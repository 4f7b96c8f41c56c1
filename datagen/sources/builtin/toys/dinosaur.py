"""A long-necked dinosaur with a crest of plates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, real, whole
from datagen.sources.builtin.paints import COLOURS, paints, plain, shade
from datagen.sources.builtin.solids import blob
from datagen.sources.builtin.toys.animal_parts import BLACK, add_eyes, add_legs, limb, spine

RADII = (0.015, 0.09, 0.2, 0.17, 0.085, 0.075)  # along the spine


@dataclass(frozen=True)
class Dinosaur:
    """swing: how far to the left the tail's tip is; leg: its radius."""

    skin: Material
    plate: Material
    belly: Material
    tail: float
    neck: float
    swing: float
    leg: float
    plates: int
    size: float


def draw(rng: Rng) -> Dinosaur:
    """Everything that makes one dinosaur differ from another."""
    skin, plate = paints(rng, 2, names=("green", "teal", "lime", "orange", "violet", "sky"))
    return Dinosaur(
        skin=skin,
        plate=plate,
        belly=plain("belly", shade(rng, COLOURS["cream"]), 0.5),
        tail=real(rng, 0.42, 0.7),
        neck=real(rng, 0.28, 0.56),
        swing=real(rng, -0.25, 0.25),
        leg=real(rng, 0.06, 0.075),
        plates=whole(rng, 8, 13),
        size=draw_size(rng),
    )


def make(dinosaur: Dinosaur) -> Shape:
    """The dinosaur of these parameters."""
    toy = ShapeBuilder()
    skin, belly = dinosaur.skin, dinosaur.belly
    tail, neck = dinosaur.tail, dinosaur.neck
    back = [(-0.3 - tail, dinosaur.swing, 0.12), (-0.42, 0, 0.26), (-0.1, 0, 0.42), (0.16, 0, 0.42)]
    back += [(0.36, 0, 0.42 + neck * 0.55), (0.44, 0, 0.42 + neck)]
    toy.add("body", limb(back, RADII, 48), skin)
    toy.add("belly", blob((0.24, 0.12, 0.12), (0.0, 0, 0.31)), belly)
    _add_head(toy, back[-1][0], back[-1][2], skin)
    add_legs(toy, (0.14, -0.16), 0.1, 0.32, dinosaur.leg, skin, belly)
    rows = spine(back, RADII, 120)
    _add_plates(toy, rows, dinosaur.plates, dinosaur.plate)
    return toy.finish(dinosaur.size)


def _add_head(toy: ShapeBuilder, x: float, z: float, skin: Material) -> None:
    skull = [(x - 0.04, 0, z + 0.03), (x + 0.06, 0, z + 0.035), (x + 0.2, 0, z - 0.03)]
    toy.add("head", limb(skull, (0.075, 0.092, 0.06)), skin)
    add_eyes(toy, (x + 0.08, 0.07, z + 0.075), 0.03)
    lips = [(x + 0.2, -0.05, z - 0.05), (x + 0.262, 0, z - 0.055), (x + 0.2, 0.05, z - 0.05)]
    toy.add("mouth", limb(lips, (0.012, 0.012, 0.012)), BLACK)


def _add_plates(toy: ShapeBuilder, rows: Floats, count: int, plate: Material) -> None:
    """Plates on the back, along rows of (x, y, z, radius)."""
    for k in np.linspace(18, 108, count).astype(int):
        step = rows[k + 1, :3] - rows[k - 1, :3]
        up = np.array([-step[2], 0, step[0]]) / np.linalg.norm(step)
        high = 0.035 + 0.25 * max(rows[k, 3] - 0.03, 0.02)
        foot = rows[k, :3] + up * rows[k, 3] * 0.85
        line = [foot, foot + up * high, foot + up * high * 2]
        toy.add("plates", limb(line, (high * 0.55, high * 0.42, 0.006)), plate)
