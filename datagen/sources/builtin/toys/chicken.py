"""A hen or a cock: comb, wattles, wings and a fan of tail feathers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, real, whole
from datagen.sources.builtin.edits import place
from datagen.sources.builtin.paints import COLOURS, Colour, plain, shade
from datagen.sources.builtin.solids import blob
from datagen.sources.builtin.toys.animal_parts import add_eyes, add_pair, limb

PLUMAGE: list[tuple[Colour, Colour]] = [  # the body, and wings and tail
    ((0.83, 0.81, 0.76), (0.7, 0.66, 0.58)),
    ((0.42, 0.17, 0.05), (0.2, 0.07, 0.03)),
    ((0.72, 0.4, 0.1), (0.04, 0.1, 0.09)),
    ((0.05, 0.05, 0.055), (0.12, 0.12, 0.13)),
]


@dataclass(frozen=True)
class Chicken:
    """radius: of the body. clearance: from the ground up to it.

    head: its height above the body's middle, and tail: half a feather's length, both of the radius;
    comb: half the height of its tallest spike, of the head's size.
    """

    plumage: Material
    feather: Material
    red: Material
    yellow: Material
    radius: float
    clearance: float
    head: float
    comb: float
    tail: float
    tail_feathers: int
    size: float


def draw(rng: Rng) -> Chicken:
    """Everything that makes one chicken differ from another."""
    ground, dark = PLUMAGE[rng.integers(4)]
    return Chicken(
        plumage=plain("plumage", shade(rng, ground), 0.7),
        feather=plain("feather", shade(rng, dark), 0.6),
        red=plain("comb", shade(rng, COLOURS["red"]), 0.45),
        yellow=plain("beak", shade(rng, (0.82, 0.45, 0.04)), 0.4),
        radius=real(rng, 0.23, 0.27),
        clearance=real(rng, 0.13, 0.2),
        head=real(rng, 1.45, 1.7),
        comb=real(rng, 0.35, 0.6),
        tail=real(rng, 0.45, 0.85),
        tail_feathers=whole(rng, 4, 6),
        size=draw_size(rng),
    )


def make(chicken: Chicken) -> Shape:
    """The chicken of these parameters."""
    toy = ShapeBuilder()
    coat, feather = chicken.plumage, chicken.feather
    r = chicken.radius
    height = r + chicken.clearance
    back = [(-r * 0.9, 0, height + r * 0.5), (0, 0, height), (r * 0.65, 0, height + r * 0.45)]
    toy.add("body", limb(back, (r * 0.5, r, r * 0.62), 20), coat)
    head = (r * 1.15, 0, height + r * chicken.head)
    neck = [(r * 0.6, 0, height + r * 0.5), (r * 0.98, 0, height + r), head]
    toy.add("neck", limb(neck, (r * 0.62, r * 0.44, r * 0.42)), coat)
    _add_head(toy, chicken, np.array(head), r * 0.46)
    wing = place(
        blob((r * 0.72, r * 0.16, r * 0.45)), (-r * 0.15, r * 0.9, height + r * 0.12), ry=0.25
    )
    add_pair(toy, "wing", wing, feather)
    _add_tail(toy, chicken, np.array([-r * 1.05, 0, height + r * 0.6]))
    _add_legs(toy, height - r * 0.75, r, chicken.yellow)
    return toy.finish(chicken.size)


def _add_head(toy: ShapeBuilder, chicken: Chicken, at: Floats, size: float) -> None:
    tall = size * chicken.comb
    for x, share in ((-0.5, 0.75), (-0.05, 1.0), (0.4, 0.8)):
        spike = blob((size * 0.27, 0.024, tall * share), at + (x * size, 0, size * 0.95))
        toy.add("comb", spike, chicken.red)
    beak = [at + (size * 0.7, 0, 0.005), at + (size * 1.15, 0, -0.01), at + (size * 1.5, 0, -0.035)]
    toy.add("beak", limb(beak, (size * 0.3, size * 0.2, 0.008)), chicken.yellow)
    wattle = blob((size * 0.16, 0.022, size * 0.34), at + (size * 0.85, 0.025, -size * 0.62))
    add_pair(toy, "wattle", wattle, chicken.red)
    add_eyes(toy, at + (size * 0.55, size * 0.66, size * 0.3), size * 0.17)


def _add_tail(toy: ShapeBuilder, chicken: Chicken, at: Floats) -> None:
    """A fan of feathers, a cock's longer than a hen's."""
    r = chicken.radius
    long = r * chicken.tail
    for i, lean in enumerate(np.linspace(-1.25, -0.35, chicken.tail_feathers)):
        plume = place(blob((r * 0.24, 0.04, long), (0, 0, long * 0.75)), ry=lean)
        toy.add(f"tail feather {i + 1}", place(plume, at), chicken.feather)


def _add_legs(toy: ShapeBuilder, top: float, r: float, yellow: Material) -> None:
    x, y = 0.0, r * 0.42
    leg = [(x, y, top + 0.06), (x - 0.01, y, top * 0.5), (x, y, 0.02)]
    add_pair(toy, "leg", limb(leg, (0.03, 0.02, 0.02)), yellow)
    for way in (-0.6, 0.0, 0.6, np.pi):
        long = 0.07 if way == np.pi else 0.11
        tip = (x + long * np.cos(way), y + long * np.sin(way), 0.016)
        toe = [(x, y, 0.022), ((x + tip[0]) / 2, (y + tip[1]) / 2, 0.022), tip]
        add_pair(toy, "leg", limb(toe, (0.02, 0.018, 0.012), 6), yellow)
