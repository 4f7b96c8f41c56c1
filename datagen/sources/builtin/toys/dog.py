"""A dog with a collar, its ears floppy or pricked, at times spotted."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Rng, ShapeBuilder
from datagen.sources.builtin.edits import place
from datagen.sources.builtin.paints import Colour, metal, paints, plain, shade
from datagen.sources.builtin.scatter import scatter
from datagen.sources.builtin.solids import blob, ring, rod
from datagen.sources.builtin.toys.animal_parts import (
    BLACK,
    add_eyes,
    add_legs,
    add_pair,
    limb,
)

COATS: list[tuple[Colour, Colour]] = [  # the coat, and the ears and spots
    ((0.62, 0.38, 0.16), (0.3, 0.14, 0.05)),
    ((0.8, 0.77, 0.7), (0.12, 0.08, 0.06)),
    ((0.3, 0.16, 0.07), (0.12, 0.06, 0.03)),
    ((0.06, 0.055, 0.055), (0.5, 0.27, 0.1)),
    ((0.75, 0.55, 0.28), (0.75, 0.7, 0.6)),
]


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    coat, mark = (
        plain(name, shade(rng, colour), 0.7)
        for name, colour in zip(("coat", "marking"), COATS[rng.integers(5)], strict=True)
    )
    long, r = rng.uniform(0.27, 0.38), rng.uniform(0.13, 0.17)
    height = r + rng.uniform(0.16, 0.28)
    trunk = [(-long, 0, height), (0, 0, height - 0.01), (long * 0.9, 0, height + 0.02)]
    body = limb(trunk, (r * 0.92, r * 0.88, r), 20)
    toy.add("body", body, coat)
    head = (long + 0.13, 0, height + rng.uniform(0.2, 0.28))
    neck = [(long * 0.8, 0, height + 0.03), (long + 0.03, 0, height + 0.1), head]
    toy.add("neck", limb(neck, (r * 0.8, r * 0.72, r * 0.68)), coat)
    _add_collar(toy, rng, (np.array(neck[1]) + head) / 2, r * 0.74)
    _add_head(toy, rng, np.array(head), rng.uniform(0.14, 0.17), coat, mark)
    legs = rng.uniform(0.045, 0.058)
    add_legs(toy, (long * 0.85, -long * 0.95), r * 0.6, height - 0.03, legs, coat, coat)
    up, curl = rng.uniform(0.14, 0.26), rng.uniform(0.0, 0.12)
    tail = [(-long - r * 0.6, 0, height + 0.05), (-long - r - 0.08, 0, height + 0.05 + up * 0.6)]
    tail.append((-long - r - 0.08 + curl, 0, height + 0.08 + up))
    toy.add("tail", limb(tail, (0.045, 0.035, 0.022)), coat)
    if rng.uniform() < 0.5:
        for point, normal in scatter(rng, body, 6, 0.16, lambda p, n: n[2] > -0.3):
            toy.add("spots", blob(rng.uniform(0.05, 0.08), point - normal * 0.03), mark)
    return toy.finish(rng)


def _add_collar(toy: ShapeBuilder, rng: Rng, at: Floats, radius: float) -> None:
    leather = paints(rng, 1, "leather", 0.5, ("red", "blue", "green", "violet", "teal"))[0]
    toy.add("collar", place(ring(radius, 0.022, 0.028), at, ry=0.75), leather)
    tag = place(rod(0.032, -0.008, 0.008, 0.003), at + [radius * 0.8, 0, -radius * 0.85], ry=1.2)
    toy.add("tag", tag, metal(rng, "gold", "steel"))


def _add_head(
    toy: ShapeBuilder, rng: Rng, at: Floats, size: float, coat: Material, mark: Material
) -> None:
    toy.add("head", blob((size, size * 0.95, size * 0.92), at), coat)
    out = size * rng.uniform(1.15, 1.6)
    snout = [at + (size * 0.5, 0, -0.05), at + (out, 0, -0.06)]
    snout.insert(1, (snout[0] + snout[1]) / 2)
    toy.add("muzzle", limb(snout, (size * 0.58, size * 0.5, size * 0.42)), coat)
    toy.add("nose", blob((0.035, 0.045, 0.032), at + (out + size * 0.38, 0, -0.03)), BLACK)
    root = at + np.array([-size * 0.1, size * 0.72, size * 0.55])
    if rng.uniform() < 0.6:
        long = rng.uniform(0.14, 0.24)
        ear = [root - (0, 0.04, 0), root + (-0.02, 0.05, -long * 0.3), root + (0, 0.05, -long)]
        flap = limb(ear, (0.04, 0.065, 0.04))
    else:
        ear = [root - (0, 0.03, 0.04), root + (0, 0.0, 0.06), root + (0, 0.02, 0.15)]
        flap = limb(ear, (0.065, 0.05, 0.012))
    add_pair(toy, "ear", flap, mark)
    add_eyes(toy, at + (size * 0.78, size * 0.46, size * 0.3), size * 0.19)
