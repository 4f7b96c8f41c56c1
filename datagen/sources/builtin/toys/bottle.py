"""A bottle: for wine, for soda, for sauce or for milk, labelled and closed."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Rng, ShapeBuilder
from datagen.sources.builtin.edits import common, knurl, place
from datagen.sources.builtin.paints import Colour, metal, paints, plain, shade
from datagen.sources.builtin.paths import curve, fillet
from datagen.sources.builtin.solids import lathe, ring, rod, slab
from datagen.sources.builtin.toys.pottery import emblem, zone

WINE, SODA, SAUCE, MILK = range(4)
SKINS: list[tuple[str, Colour]] = [
    ("bottle green", (0.02, 0.15, 0.05)),
    ("brown", (0.16, 0.055, 0.015)),
    ("clear blue", (0.25, 0.5, 0.75)),
    ("red", (0.55, 0.02, 0.02)),
    ("yellow", (0.82, 0.48, 0.03)),
    ("milk white", (0.82, 0.8, 0.74)),
]
SKINS_OF = ([0, 1], [0, 1, 2], [3, 4], [2, 5])
SHOULDER_OF = (0.62, 0.5, 0.66, 0.62)
SLOPE_OF = (0.1, 0.24, 0.18, 0.2)


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    kind = int(rng.integers(4))
    name, colour = SKINS[SKINS_OF[kind][rng.integers(len(SKINS_OF[kind]))]]
    skin = Material(name, shade(rng, colour), 0.0, rng.uniform(0.08, 0.3))
    paper, ink, lid = paints(rng, 3, "print", 0.5)
    r, tall = rng.uniform(0.17, 0.21), rng.uniform(0.85, 1.0)
    neck = r * (0.6 if kind == MILK else 0.42)
    shoulder = tall * SHOULDER_OF[kind] * rng.uniform(0.94, 1.04)
    end = shoulder + tall * SLOPE_OF[kind]
    pinch = rng.uniform(0.05, 0.16) if kind in (SODA, SAUCE) else 0.0
    wall = _wall(r, neck, shoulder, end, pinch)
    toy.add("body", lathe([(0, 0.025), (r * 0.7, 0.004), *wall, (0, end)], 64), skin)
    top = max(tall, end + 0.1)
    throat = [(0, end - 0.02), (neck, end - 0.02), (neck * 0.94, top), (0, top)]
    toy.add("neck", lathe(fillet(throat, 0.01)), skin)
    collar = ring(neck * 0.98, 0.014, 0.014, top - rng.uniform(0.045, 0.06))
    toy.add("collar", collar, skin)
    _add_cap(toy, rng, kind, neck, top, lid)
    _add_label(toy, rng, wall, shoulder, paper, ink)
    if rng.uniform() < 0.4:
        rows = np.array([(neck, end - 0.02), (neck * 0.95, top)])
        toy.add("neck band", zone(rows, end + 0.01, end + 0.05, 0.006, 0.02), paper)
    return toy.finish(rng)


def _wall(radius: float, neck: float, shoulder: float, end: float, pinch: float) -> Floats:
    """The outside from the foot over the pinched side to the end of the shoulder."""
    z = np.linspace(0.05, shoulder, 14)
    side = radius * (1 - pinch * np.sin(np.pi * (z - 0.05) / (shoulder - 0.05)) ** 2)
    s = np.linspace(0, 1, 16)[1:]
    narrow = neck + (radius - neck) * (0.5 + 0.5 * np.cos(np.pi * s))
    fall = np.column_stack([narrow, shoulder + (end - shoulder) * s])
    base = curve([(radius * 0.85, 0.0), (radius * 0.96, 0.012), (radius, 0.05)], 6)
    return np.concatenate([base, np.column_stack([side, z])[1:], fall])


def _add_cap(
    toy: ShapeBuilder, rng: Rng, kind: int, neck: float, top: float, lid: Material
) -> None:
    """A cork or foil, a nozzle, or a ribbed cap."""
    if kind == WINE:
        if rng.uniform() < 0.5:
            cork = plain("cork", (0.5, 0.29, 0.13), 0.8)
            toy.add("cap", rod(neck * 0.8, top - 0.02, top + 0.07, 0.012), cork)
        else:
            foil = [metal(rng, "gold"), lid][rng.integers(2)]
            toy.add("cap", rod(neck * 1.12, top - 0.12, top + 0.02, 0.015), foil)
    elif kind == SAUCE and rng.uniform() < 0.6:
        toy.add("cap", rod(neck * 1.25, top - 0.05, top + 0.03, 0.012), lid)
        spout = [(0, top), (neck * 0.8, top + 0.02), (neck * 0.2, top + 0.2), (0, top + 0.2)]
        toy.add("nozzle", lathe(fillet(spout, 0.015)), lid)
    else:
        teeth = int(rng.integers(18, 30))
        low, high = top - 0.045, top + 0.045
        rows = fillet([(0, low), (neck * 1.2, low), (neck * 1.14, high), (0, high)], 0.015)
        brass = kind == SODA and rng.uniform() < 0.5
        cap = knurl(lathe(rows, teeth * 6), teeth, 0.025)
        toy.add("cap", cap, metal(rng, "brass") if brass else lid)


def _add_label(
    toy: ShapeBuilder, rng: Rng, wall: Floats, shoulder: float, paper: Material, ink: Material
) -> None:
    """A paper label with printed edges and an emblem on two sides."""
    low, high = shoulder * rng.uniform(0.16, 0.28), shoulder * rng.uniform(0.78, 0.92)
    toy.add("label", zone(wall, low, high, 0.006, 0.03), paper)
    for edge in (low, high - 0.02):
        toy.add("label edge", zone(wall, edge, edge + 0.02, 0.01, 0.02), ink)
    mark = slab(emblem(rng, (high - low) * 0.26), 2)
    shell = zone(wall, low, high, 0.011, 0.02)
    printed = common(place(mark, (0, -1, (low + high) / 2)), shell)
    for turn in (0.0, np.pi):
        toy.add("emblem", place(printed, rz=turn + 0.5), ink)
