"""A drinking glass: a tumbler or a stemmed glass, often with a drink in it."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Rng, ShapeBuilder
from datagen.sources.builtin.edits import warp
from datagen.sources.builtin.paints import Colour, metal, paints, shade
from datagen.sources.builtin.paths import curve, fillet
from datagen.sources.builtin.solids import blob, lathe, ring, sweep
from datagen.sources.builtin.toys.pottery import radius_at, vessel, zone

TINTS: dict[str, Colour] = {
    "clear": (0.9, 0.93, 0.93),
    "blue": (0.35, 0.6, 0.88),
    "green": (0.4, 0.8, 0.5),
    "amber": (0.88, 0.55, 0.2),
    "rose": (0.88, 0.45, 0.55),
}
DRINKS: list[tuple[str, Colour]] = [
    ("orange juice", (0.85, 0.36, 0.02)),
    ("cola", (0.07, 0.02, 0.01)),
    ("milk", (0.85, 0.83, 0.78)),
    ("lemonade", (0.8, 0.75, 0.25)),
    ("berry juice", (0.45, 0.02, 0.1)),
]


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    tint, other = rng.permutation(list(TINTS))[:2]
    if rng.uniform() < 0.5:
        tint = "clear"
    pane, accent = _glass(rng, str(tint)), _glass(rng, str(other))
    if accent.name == pane.name:
        accent = _glass(rng, "blue")
    trim = metal(rng, "gold") if rng.uniform() < 0.4 else accent
    thick = rng.uniform(0.016, 0.022)
    stemmed = bool(rng.uniform() < 0.45)
    if stemmed:
        rows, floor = _add_stem(toy, rng, accent, trim)
    else:
        rows, floor = _add_base(toy, rng, accent)
    body = vessel(rows, thick, floor)
    rim, tall = rows[-1]
    sides = int(rng.integers(8, 17))
    if not stemmed and rng.uniform() < 0.4:
        body = warp(body, lambda p: _faceted(p, sides, 0.6 * tall))
    toy.add("bowl" if stemmed else "wall", body, pane)
    lip = ring(rim - thick / 2, thick * 0.75, thick * 0.7, tall + thick * 0.25, 64)
    toy.add("rim", lip, trim)
    if rng.uniform() < 0.75:
        _add_drink(toy, rng, rows, floor, thick)
        if not stemmed and rng.uniform() < 0.5:
            lean = rim * 0.62
            line = [(-lean * 0.5, 0, floor), (lean, 0, tall + 0.05), (lean * 1.5, 0, tall + 0.22)]
            straw = sweep(fillet(line, 0.05, 6), 0.024, 20, True)
            toy.add("straw", straw, paints(rng, 1)[0])
    if rng.uniform() < 0.5:
        z = tall - (tall - floor) * rng.uniform(0.06, 0.25)
        toy.add("band", zone(rows, z - 0.02, z, 0.006, thick * 0.6), trim)
    return toy.finish(rng)


def _glass(rng: Rng, tint: str) -> Material:
    return Material(f"{tint} glass", shade(rng, TINTS[tint], 0.05), 0.0, 0.03, 0.9)


def _add_stem(
    toy: ShapeBuilder, rng: Rng, accent: Material, trim: Material
) -> tuple[Floats, float]:
    """A foot and a stem; gives the wall of the bowl on it and the height of its floor."""
    foot, stem = rng.uniform(0.2, 0.26), rng.uniform(0.22, 0.4)
    r, tall = rng.uniform(0.2, 0.27), rng.uniform(0.32, 0.48)
    close = rng.uniform(0.78, 1.12)
    disc = [(0, 0), (foot, 0), (foot, 0.016), (0.05, 0.035), (0.025, 0.09), (0, 0.09)]
    toy.add("foot", lathe(fillet(disc, 0.02)), accent)
    line = curve([(0.03, 0.05), (0.019, stem * 0.5), (0.024, stem), (0.045, stem + 0.06)], 16)
    toy.add("stem", lathe([(0, 0.05), *line, (0, stem + 0.06)]), accent)
    if rng.uniform() < 0.5:
        knop = blob((0.045, 0.045, 0.035), (0, 0, stem * rng.uniform(0.5, 0.8)))
        toy.add("knop", knop, trim)
    bowl = [(0.035, stem + 0.02), (r * 0.8, stem + tall * 0.28), (r, stem + tall * 0.58)]
    return curve([*bowl, (r * close, stem + tall)], 28), stem + 0.05


def _add_base(toy: ShapeBuilder, rng: Rng, accent: Material) -> tuple[Floats, float]:
    """A thick base; gives the wall of the tumbler on it and the height of its floor."""
    r, tall = rng.uniform(0.22, 0.3), rng.uniform(0.5, 0.85)
    low, belly = rng.uniform(0.68, 0.98), rng.uniform(-0.02, 0.06)
    z = np.linspace(0.07, tall, 20)
    s = z / tall
    rows = np.column_stack([r * (low + (1 - low) * s) + belly * np.sin(np.pi * s), z])
    wide = rows[0, 0]
    toy.add(
        "base", lathe(fillet([(0, 0), (wide * 0.96, 0), (wide, 0.075), (0, 0.085)], 0.015)), accent
    )
    return rows, 0.08


def _faceted(p: Floats, sides: int, top: float) -> Floats:
    """Points with so many flutes up to a height."""
    flutes = 1 + 0.02 * np.cos(sides * np.arctan2(p[:, 1], p[:, 0])) * (p[:, 2] < top)
    return p * np.column_stack([flutes, flutes, np.ones(len(p))])


def _add_drink(toy: ShapeBuilder, rng: Rng, rows: Floats, floor: float, thick: float) -> None:
    name, colour = DRINKS[rng.integers(5)]
    level = floor + (rows[-1, 1] - floor) * rng.uniform(0.45, 0.82)
    z = np.linspace(floor + 0.035, level, 14)
    wet = np.column_stack([np.maximum(radius_at(rows, z) - thick * 0.9, 0.02), z])
    bottom = [(0, floor - 0.004), (wet[0, 0] * 0.8, floor - 0.004)]
    drink = lathe([*bottom, *wet, (0, level)], 64)
    toy.add("drink", drink, Material(name, shade(rng, colour), 0.0, 0.06))
