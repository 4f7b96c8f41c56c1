"""A cow with patches, horns and an udder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, chance, details, real, whole
from datagen.sources.builtin.paints import Colour, metal, plain, shade
from datagen.sources.builtin.scatter import scatter
from datagen.sources.builtin.solids import blob
from datagen.sources.builtin.toys.animal_parts import (
    BLACK,
    add_eyes,
    add_legs,
    add_pair,
    limb,
)

COATS: list[tuple[Colour, Colour]] = [
    ((0.82, 0.8, 0.76), (0.03, 0.028, 0.028)),
    ((0.82, 0.8, 0.76), (0.28, 0.12, 0.05)),
    ((0.45, 0.22, 0.09), (0.8, 0.76, 0.68)),
]


@dataclass(frozen=True)
class CowHead:
    """rise: above the body's middle; horn_out, horn_up: how far a horn reaches."""

    rise: float
    horn_out: float
    horn_up: float
    bell: Material | None


@dataclass(frozen=True)
class Cow:
    """long: half the body's length. clearance: from the ground up to it. leg: its radius.

    patch_count: the most that may find room.
    """

    coat: Material
    patch: Material
    pink: Material
    horn: Material
    long: float
    radius: float
    clearance: float
    patch_count: int
    patches: Details
    head: CowHead
    leg: float
    size: float


def draw(rng: Rng) -> Cow:
    """Everything that makes one cow differ from another."""
    ground, spot = COATS[rng.integers(3)]
    coat, patch = plain("coat", shade(rng, ground, 0.1), 0.6), plain("patch", shade(rng, spot), 0.6)
    pink = plain("pink", shade(rng, (0.8, 0.42, 0.38)), 0.5)
    horn = plain("horn", shade(rng, (0.75, 0.68, 0.5)), 0.35)
    long, radius, clearance = real(rng, 0.36, 0.43), real(rng, 0.2, 0.24), real(rng, 0.2, 0.27)
    body = _body(long, radius, radius + clearance)
    count = whole(rng, 5, 8)
    return Cow(
        coat=coat,
        patch=patch,
        pink=pink,
        horn=horn,
        long=long,
        radius=radius,
        clearance=clearance,
        patch_count=count,
        patches=details(rng, lambda rng: _patches(rng, body, count)),
        head=CowHead(
            rise=real(rng, 0.13, 0.22),
            horn_out=real(rng, 0.05, 0.1),
            horn_up=real(rng, 0.09, 0.15),
            bell=metal(rng, "brass") if chance(rng, 0.4) else None,
        ),
        leg=real(rng, 0.058, 0.07),
        size=draw_size(rng),
    )


def make(cow: Cow) -> Shape:
    """The cow of these parameters."""
    toy = ShapeBuilder()
    coat, patch, pink = cow.coat, cow.patch, cow.pink
    long, r = cow.long, cow.radius
    height = r + cow.clearance
    body = _body(long, r, height)
    toy.add("body", body, coat)
    for mesh in _patches(cow.patches.rng, body, cow.patch_count):
        toy.add("patches", mesh, patch)
    _add_head(toy, cow, np.array([long + 0.13, 0, height + cow.head.rise]))
    add_legs(toy, (long * 0.68, -long * 0.68), r * 0.58, height - 0.08, cow.leg, coat, BLACK)
    toy.add("udder", blob((0.1, 0.09, 0.075), (-long * 0.4, 0, height - r * 0.98)), pink)
    for x in (-0.05, 0.05):
        teat = blob((0.02, 0.02, 0.03), (-long * 0.4 + x, 0.05, height - r * 0.98 - 0.065))
        add_pair(toy, "teat", teat, pink)
    back = -long - 0.03
    tail = [
        (-long * 0.95, 0, height + 0.1),
        (back - 0.03, 0, height),
        (back - 0.03, 0, height - 0.2),
    ]
    toy.add("tail", limb(tail, (0.03, 0.018, 0.016)), coat)
    toy.add("tail tuft", blob((0.035, 0.035, 0.06), (back - 0.03, 0, height - 0.24)), patch)
    return toy.finish(cow.size)


def _body(long: float, radius: float, height: float) -> Mesh:
    return blob((long, radius, radius * 1.05), (0, 0, height), square=2.8)


def _patches(rng: Rng, body: Mesh, count: int) -> list[Mesh]:
    """Patches all over but for the belly."""
    patches = []
    for point, normal in scatter(rng, body, count, 0.17, lambda p, n: n[2] > -0.6):
        size = rng.uniform(0.08, 0.13)
        patches.append(blob(size, point - normal * (size - 0.03)))
    return patches


def _add_head(toy: ShapeBuilder, cow: Cow, at: Floats) -> None:
    head, coat = cow.head, cow.coat
    neck = [at + (-0.25, 0, -0.12), at + (-0.1, 0, -0.03), at]
    toy.add("neck", limb(neck, (0.16, 0.14, 0.12)), coat)
    face = [at, at + (0.09, 0, -0.03), at + (0.17, 0, -0.09)]
    toy.add("head", limb(face, (0.135, 0.125, 0.1)), coat)
    toy.add("muzzle", blob((0.09, 0.115, 0.085), at + (0.22, 0, -0.12)), cow.pink)
    nostril = blob((0.012, 0.02, 0.016), at + (0.3, 0.045, -0.1))
    add_pair(toy, "nostril", nostril, BLACK)
    root = at + np.array([-0.01, 0.07, 0.1])
    out, up = head.horn_out, head.horn_up
    line = [root, root + (0, out, up * 0.5), root + (0.02, out * 0.8, up)]
    add_pair(toy, "horn", limb(line, (0.034, 0.027, 0.01)), cow.horn)
    side = at + np.array([-0.03, 0.11, 0.05])
    ear = [side, side + (-0.01, 0.08, 0.01), side + (-0.02, 0.15, -0.03)]
    add_pair(toy, "ear", limb(ear, (0.03, 0.048, 0.018)), coat)
    add_eyes(toy, at + (0.115, 0.085, 0.045), 0.03)
    if head.bell is not None:
        toy.add("bell", blob((0.05, 0.05, 0.055), at + (-0.05, 0, -0.19)), head.bell)
