"""A drinking glass: a tumbler or a stemmed glass, often with a drink in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real, whole
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


@dataclass(frozen=True)
class Stemmed:
    """A bowl on a stem and a foot; foot: its radius; stem: its height.

    radius, tall: of the bowl; close: the radius of its lip over its widest; knop: its height, of
    the stem's.
    """

    foot: float
    stem: float
    radius: float
    tall: float
    close: float
    knop: float | None


@dataclass(frozen=True)
class Tumbler:
    """low: the radius at the base, of that at the lip; belly: the wall's swelling."""

    radius: float
    tall: float
    low: float
    belly: float


@dataclass(frozen=True)
class GlassDrink:
    """level: of the height from the floor to the lip; straw: of a straw in it."""

    level: float
    material: Material
    straw: Material | None


@dataclass(frozen=True)
class Glass:
    """facets: round a tumbler's wall, 0 for a smooth one; band: how far a painted band lies below
    the lip, of the height from the floor.
    """

    pane: Material
    accent: Material
    trim: Material
    thick: float
    form: Stemmed | Tumbler
    facets: int
    drink: GlassDrink | None
    band: float | None
    size: float


def draw(rng: Rng) -> Glass:
    """Everything that makes one glass differ from another."""
    tint, other = rng.permutation(list(TINTS))[:2]
    if chance(rng, 0.5):
        tint = "clear"
    pane, accent = _glass(rng, str(tint)), _glass(rng, str(other))
    if accent.name == pane.name:
        accent = _glass(rng, "blue")
    trim = metal(rng, "gold") if chance(rng, 0.4) else accent
    thick = real(rng, 0.016, 0.022)
    stemmed = chance(rng, 0.45)
    form = _draw_stemmed(rng) if stemmed else _draw_tumbler(rng)
    sides = whole(rng, 8, 16)
    return Glass(
        pane,
        accent,
        trim,
        thick,
        form,
        facets=sides if not stemmed and chance(rng, 0.4) else 0,
        drink=_draw_drink(rng, stemmed) if chance(rng, 0.75) else None,
        band=real(rng, 0.06, 0.25) if chance(rng, 0.5) else None,
        size=draw_size(rng),
    )


def _glass(rng: Rng, tint: str) -> Material:
    return Material(f"{tint} glass", shade(rng, TINTS[tint], 0.05), 0.0, 0.03, 0.9)


def _draw_stemmed(rng: Rng) -> Stemmed:
    return Stemmed(
        foot=real(rng, 0.2, 0.26),
        stem=real(rng, 0.22, 0.4),
        radius=real(rng, 0.2, 0.27),
        tall=real(rng, 0.32, 0.48),
        close=real(rng, 0.78, 1.12),
        knop=real(rng, 0.5, 0.8) if chance(rng, 0.5) else None,
    )


def _draw_tumbler(rng: Rng) -> Tumbler:
    return Tumbler(
        radius=real(rng, 0.22, 0.3),
        tall=real(rng, 0.5, 0.85),
        low=real(rng, 0.68, 0.98),
        belly=real(rng, -0.02, 0.06),
    )


def _draw_drink(rng: Rng, stemmed: bool) -> GlassDrink:
    name, colour = DRINKS[rng.integers(5)]
    return GlassDrink(
        level=real(rng, 0.45, 0.82),
        material=Material(name, shade(rng, colour), 0.0, 0.06),
        straw=paints(rng, 1)[0] if not stemmed and chance(rng, 0.5) else None,
    )


def make(glass: Glass) -> Shape:
    """The glass of these parameters."""
    toy = ShapeBuilder()
    thick, trim = glass.thick, glass.trim
    if isinstance(glass.form, Stemmed):
        part = "bowl"
        rows, floor = _add_stem(toy, glass.form, glass.accent, trim)
    else:
        part = "wall"
        rows, floor = _add_base(toy, glass.form, glass.accent)
    body = vessel(rows, thick, floor)
    rim, tall = rows[-1]
    if glass.facets:
        body = warp(body, lambda p: _faceted(p, glass.facets, 0.6 * tall))
    toy.add(part, body, glass.pane)
    lip = ring(rim - thick / 2, thick * 0.75, thick * 0.7, tall + thick * 0.25, 64)
    toy.add("rim", lip, trim)
    if glass.drink is not None:
        _add_drink(toy, glass.drink, rows, floor, thick)
    if glass.band is not None:
        z = tall - (tall - floor) * glass.band
        toy.add("band", zone(rows, z - 0.02, z, 0.006, thick * 0.6), trim)
    return toy.finish(glass.size)


def _add_stem(
    toy: ShapeBuilder, form: Stemmed, accent: Material, trim: Material
) -> tuple[Floats, float]:
    """A foot and a stem; gives the wall of the bowl on it and the height of its floor."""
    foot, stem, r, tall = form.foot, form.stem, form.radius, form.tall
    disc = [(0, 0), (foot, 0), (foot, 0.016), (0.05, 0.035), (0.025, 0.09), (0, 0.09)]
    toy.add("foot", lathe(fillet(disc, 0.02)), accent)
    line = curve([(0.03, 0.05), (0.019, stem * 0.5), (0.024, stem), (0.045, stem + 0.06)], 16)
    toy.add("stem", lathe([(0, 0.05), *line, (0, stem + 0.06)]), accent)
    if form.knop is not None:
        toy.add("knop", blob((0.045, 0.045, 0.035), (0, 0, stem * form.knop)), trim)
    bowl = [(0.035, stem + 0.02), (r * 0.8, stem + tall * 0.28), (r, stem + tall * 0.58)]
    return curve([*bowl, (r * form.close, stem + tall)], 28), stem + 0.05


def _add_base(toy: ShapeBuilder, form: Tumbler, accent: Material) -> tuple[Floats, float]:
    """A thick base; gives the wall of the tumbler on it and the height of its floor."""
    r, tall, low = form.radius, form.tall, form.low
    z = np.linspace(0.07, tall, 20)
    s = z / tall
    rows = np.column_stack([r * (low + (1 - low) * s) + form.belly * np.sin(np.pi * s), z])
    wide = rows[0, 0]
    toy.add(
        "base", lathe(fillet([(0, 0), (wide * 0.96, 0), (wide, 0.075), (0, 0.085)], 0.015)), accent
    )
    return rows, 0.08


def _faceted(p: Floats, sides: int, top: float) -> Floats:
    """Points with so many flutes up to a height."""
    flutes = 1 + 0.02 * np.cos(sides * np.arctan2(p[:, 1], p[:, 0])) * (p[:, 2] < top)
    result: Floats = p * np.column_stack([flutes, flutes, np.ones(len(p))])
    return result


def _add_drink(
    toy: ShapeBuilder, drink: GlassDrink, rows: Floats, floor: float, thick: float
) -> None:
    rim, tall = rows[-1]
    level = floor + (tall - floor) * drink.level
    z = np.linspace(floor + 0.035, level, 14)
    wet = np.column_stack([np.maximum(radius_at(rows, z) - thick * 0.9, 0.02), z])
    bottom = [(0, floor - 0.004), (wet[0, 0] * 0.8, floor - 0.004)]
    toy.add("drink", lathe([*bottom, *wet, (0, level)], 64), drink.material)
    if drink.straw is not None:
        lean = rim * 0.62
        line = [(-lean * 0.5, 0, floor), (lean, 0, tall + 0.05), (lean * 1.5, 0, tall + 0.22)]
        toy.add("straw", sweep(fillet(line, 0.05, 6), 0.024, 20, True), drink.straw)
