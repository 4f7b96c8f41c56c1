"""A sitting frog with bulging eyes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, details, real, whole
from datagen.sources.builtin.paints import COLOURS, paints, plain, shade
from datagen.sources.builtin.scatter import scatter
from datagen.sources.builtin.solids import blob
from datagen.sources.builtin.toys.animal_parts import BLACK, WHITE, add_pair, limb


@dataclass(frozen=True)
class Frog:
    """wide, tall: half the body's width and height. knee: how far out it is, of the width.

    spot_count: the most that may find room.
    """

    skin: Material
    spot: Material
    belly: Material
    wide: float
    long: float
    tall: float
    eye: float
    knee: float
    spot_count: int
    spots: Details
    size: float


def draw(rng: Rng) -> Frog:
    """Everything that makes one frog differ from another."""
    skin, spot = paints(rng, 2, "skin", 0.3, ("green", "lime", "teal", "orange", "yellow", "sky"))
    belly = plain("belly", shade(rng, COLOURS["cream"]), 0.4)
    wide, long, tall = real(rng, 0.26, 0.32), real(rng, 0.3, 0.36), real(rng, 0.2, 0.25)
    eye, knee = real(rng, 0.075, 0.1), real(rng, 1.05, 1.25)
    body = _body(wide, long, tall)
    count = whole(rng, 4, 10)
    return Frog(
        skin=skin,
        spot=spot,
        belly=belly,
        wide=wide,
        long=long,
        tall=tall,
        eye=eye,
        knee=knee,
        spot_count=count,
        spots=details(rng, lambda rng: _spots(rng, body, count)),
        size=draw_size(rng),
    )


def make(frog: Frog) -> Shape:
    """The frog of these parameters."""
    toy = ShapeBuilder()
    wide, long, tall = frog.wide, frog.long, frog.tall
    body = _body(wide, long, tall)
    toy.add("body", body, frog.skin)
    chest = blob((long * 0.7, wide * 0.8, tall * 0.85), (long * 0.2, 0, tall * 0.95))
    toy.add("belly", chest, frog.belly)
    _add_face(toy, frog, np.array([long * 0.75, 0, tall * 1.85]))
    _add_limbs(toy, frog)
    for spot in _spots(frog.spots.rng, body, frog.spot_count):
        toy.add("spots", spot, frog.spot)
    return toy.finish(frog.size)


def _body(wide: float, long: float, tall: float) -> Mesh:
    trunk = [(-long * 0.75, 0, tall * 0.7), (0, 0, tall * 1.15), (long * 0.6, 0, tall * 1.75)]
    body = limb(trunk, (tall * 0.6, tall, tall * 0.85), 20)
    body.vertices[:, 1] *= wide / tall
    return body


def _spots(rng: Rng, body: Mesh, count: int) -> list[Mesh]:
    """Spots on the back."""
    spots = []
    for point, normal in scatter(rng, body, count, 0.12, lambda p, n: n[2] > 0.45):
        size = rng.uniform(0.03, 0.05)
        spots.append(blob(size, point - normal * size * 0.6))
    return spots


def _add_face(toy: ShapeBuilder, frog: Frog, at: Floats) -> None:
    """Eyes on top of the head and a mouth round its front."""
    wide, tall, skin, size = frog.wide, frog.tall, frog.skin, frog.eye
    eye = at + np.array([-0.02, wide * 0.55, tall * 0.75])
    add_pair(toy, "eyelid", blob(size * 1.12, eye - (0.025, 0, 0.02)), skin)
    add_pair(toy, "eye", blob(size * 0.9, eye + (0.02, 0.01, 0.015)), WHITE)
    add_pair(toy, "eye", blob(size * 0.52, eye + (size * 0.6, size * 0.35, size * 0.2)), BLACK)
    angle = np.linspace(-1.15, 1.15, 9)
    x, y = tall * 0.86 * np.cos(angle) - 0.06, wide * 0.86 * np.sin(angle)
    line = at + np.column_stack([x, y, -0.05 + 0.03 * np.abs(np.sin(angle))])
    toy.add("mouth", limb(list(line), [0.012] * 9, 24), BLACK)
    nostril = (at[0] * 0.8 + tall * 0.735, 0.045, at[2] + tall * 0.3)
    add_pair(toy, "nostril", blob(0.012, nostril), BLACK)


def _add_limbs(toy: ShapeBuilder, frog: Frog) -> None:
    """Bent hind legs, straight fore legs, and three toes a foot."""
    long, wide, tall, skin = frog.long, frog.wide, frog.tall, frog.skin
    out = wide * frog.knee
    thigh = [(-long * 0.75, wide * 0.6, tall * 0.6), (-long * 0.1, out, tall * 0.85)]
    hind = [*thigh, (-long * 0.55, out * 1.05, 0.06), (-long * 0.1, out * 1.15, 0.035)]
    add_pair(toy, "hind leg", limb(hind, (0.1, 0.085, 0.05, 0.035), 24), skin)
    foot = (long * 0.95, wide * 0.95, 0.03)
    fore = [(long * 0.55, wide * 0.65, tall * 1.2), (long * 0.72, wide * 0.98, tall * 0.6), foot]
    add_pair(toy, "front leg", limb(fore, (0.075, 0.05, 0.036)), skin)
    for name, x, y in (("hind leg", -long * 0.08, out * 1.15), ("front leg", *foot[:2])):
        for way in (-0.55, 0.0, 0.55):
            tip = (x + 0.15 * np.cos(way), y + 0.15 * np.sin(way), 0.02)
            middle = ((x + tip[0]) / 2, (y + tip[1]) / 2, 0.022)
            toe = limb([(x, y, 0.03), middle, tip], (0.028, 0.02, 0.028), 8)
            add_pair(toy, name, toe, skin)
