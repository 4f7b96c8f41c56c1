"""A striped fish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, Vector, draw_size
from datagen.sources.builtin.drawn import Rng, real, whole
from datagen.sources.builtin.edits import place
from datagen.sources.builtin.paints import paints
from datagen.sources.builtin.solids import blob
from datagen.sources.builtin.toys.animal_parts import add_eyes, add_pair, limb


@dataclass(frozen=True)
class FishFins:
    """spread: of the tail's two tips, up and down; upper, lower: how far back they are.

    back: the radius of the fin on the back, before it is pressed flat.
    """

    spread: float
    upper: float
    lower: float
    back: float


@dataclass(frozen=True)
class Fish:
    """long, deep, wide: half the body's extents."""

    main: Material
    fin: Material
    stripe: Material
    long: float
    deep: float
    wide: float
    stripes: int
    fins: FishFins
    size: float


def draw(rng: Rng) -> Fish:
    """Everything that makes one fish differ from another."""
    main, fin, stripe = paints(rng, 3)
    return Fish(
        main=main,
        fin=fin,
        stripe=stripe,
        long=real(rng, 0.36, 0.46),
        deep=real(rng, 0.19, 0.29),
        wide=real(rng, 0.1, 0.14),
        stripes=whole(rng, 2, 3),
        fins=FishFins(
            spread=real(rng, 0.16, 0.24),
            upper=real(rng, 0.16, 0.2),
            lower=real(rng, 0.16, 0.2),
            back=real(rng, 0.07, 0.11),
        ),
        size=draw_size(rng),
    )


def make(fish: Fish) -> Shape:
    """The fish of these parameters."""
    toy = ShapeBuilder()
    long, deep, wide = fish.long, fish.deep, fish.wide
    z = deep + 0.06
    body = blob((long, wide, deep), (0, 0, z), detail=4)
    tapered = np.array(body.vertices)
    axis = np.array([0, z])
    tapered[:, 1:] = (tapered[:, 1:] - axis) * _taper(tapered[:, :1] / long) + axis
    toy.add("body", Mesh(tapered, body.faces, process=False), fish.main)
    for x in np.linspace(-0.35, 0.3, fish.stripes):
        grow = 1.03 * np.sqrt(1 - x * x) * _taper(x)
        size = (0.035, wide * grow + 0.006, deep * grow + 0.006)
        toy.add("stripes", blob(size, (x * long, 0, z), square=2.4), fish.stripe)
    _add_fins(toy, fish)
    add_eyes(toy, (long * 0.66, wide * 0.72, z + deep * 0.3), 0.045)
    mouth = z - deep * 0.12
    for side in (1, -1):
        toy.add("lips", blob((0.04, 0.055, 0.024), (long * 0.98, 0, mouth + side * 0.02)), fish.fin)
    return toy.finish(fish.size)


def _taper(x: Floats) -> Floats:
    """How much thicker than an ellipsoid the body is, x from -1 at the tail to 1."""
    return np.clip(1.05 + 0.45 * x, 0.3, 1.25)


def _flat(points: Sequence[Vector], radii: Sequence[float], thick: float) -> Mesh:
    """A limb pressed to this share of its thickness."""
    fin = limb(points, radii)
    fin.vertices[:, 1] *= thick
    return fin


def _add_fins(toy: ShapeBuilder, fish: Fish) -> None:
    long, deep, wide, fin = fish.long, fish.deep, fish.wide, fish.fin
    z = deep + 0.06
    spread = fish.fins.spread
    for side, reach in ((1, fish.fins.upper), (-1, fish.fins.lower)):
        tip = (-long - reach, 0, z + side * spread)
        line = [(-long * 0.8, 0, z), (-long - 0.08, 0, z + side * spread * 0.5), tip]
        toy.add("tail", _flat(line, (0.05, 0.065, 0.03), 0.35), fin)
    back = [(long * 0.3, 0, z + deep * 0.95), (-0.02, 0, z + deep * 1.15)]
    back.append((-long * 0.5, 0, z + deep * 0.8))
    toy.add("back fin", _flat(back, (0.03, fish.fins.back, 0.03), 0.25), fin)
    side_fin = blob((0.1, 0.018, 0.06))
    at = (long * 0.2, wide * 1.1, z - deep * 0.2)
    add_pair(toy, "side fin", place(side_fin, at, rz=2.7, ry=-0.4), fin)
    belly = [(0.1, 0, z - deep * 0.9), (-0.02, 0, z - deep * 1.1), (-0.12, 0, z - deep * 1.15)]
    toy.add("belly fin", _flat(belly, (0.05, 0.05, 0.02), 0.4), fin)
