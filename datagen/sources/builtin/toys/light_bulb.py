"""A light bulb: frosted, coloured or clear with its filament."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real
from datagen.sources.builtin.edits import cut
from datagen.sources.builtin.paints import Colour, metal, plain, shade
from datagen.sources.builtin.paths import curve, dome, fillet
from datagen.sources.builtin.solids import lathe, ring, rod, sweep

NECK = 0.13
START = 0.27  # where the glass begins
TINTS: dict[str, Colour] = {
    "frosted": (0.87, 0.85, 0.78),
    "warm": (0.88, 0.7, 0.32),
    "red": (0.7, 0.05, 0.04),
    "blue": (0.06, 0.2, 0.65),
    "green": (0.07, 0.45, 0.12),
    "pink": (0.85, 0.3, 0.4),
}
CLEAR: Colour = (0.92, 0.9, 0.85)
INSULATOR = plain("black insulator", (0.02, 0.02, 0.022), 0.35)
MOUNT = plain("glass mount", (0.75, 0.78, 0.78), 0.2)
FILAMENT = plain("filament", (0.9, 0.42, 0.05), 0.3)
Kind = Literal["pear", "globe", "candle", "tube"]
KINDS: tuple[Kind, ...] = ("pear", "globe", "candle", "tube")
SLIM: dict[Kind, float] = {"pear": 1, "globe": 1, "candle": 0.62, "tube": 0.75}


@dataclass(frozen=True)
class Base:
    """radius: of the insulator's foot; wide: of the screw, of the neck; rounds: of its thread."""

    radius: float
    wide: float
    rounds: float
    contact: Material


@dataclass(frozen=True)
class LightBulb:
    """radius: before the kind makes it slim; tall: of the glass, None for a globe.

    filament: its height, of the glass's, None where the glass is not clear.
    """

    kind: Kind
    radius: float
    tall: float | None
    glass: Material
    tin: Material
    base: Base
    filament: float | None
    size: float


def draw(rng: Rng) -> LightBulb:
    """Everything that makes one light bulb differ from another."""
    kind = KINDS[rng.integers(4)]
    radius = real(rng, 0.24, 0.3)
    foot = real(rng, 0.085, 0.11)
    heights: dict[Kind, float] = {
        "pear": real(rng, 0.55, 0.66),
        "candle": real(rng, 0.6, 0.75),
        "tube": real(rng, 0.65, 0.85),
    }
    clear = chance(rng, 0.4)
    glass = _draw_glass(rng, clear)
    tin = metal(rng, "steel", "brass")
    return LightBulb(
        kind,
        radius,
        heights.get(kind),
        glass,
        tin,
        base=Base(
            foot,
            wide=real(rng, 0.85, 0.95),
            rounds=real(rng, 3, 4.5),
            contact=metal(rng, "brass" if tin.name == "steel" else "steel"),
        ),
        filament=real(rng, 0.38, 0.5) if clear else None,
        size=draw_size(rng),
    )


def _draw_glass(rng: Rng, clear: bool) -> Material:
    if clear:
        return Material("clear glass", shade(rng, CLEAR, 0.06), 0.0, 0.05, 0.9)
    name = str(rng.choice(list(TINTS), p=[0.3, 0.3, 0.1, 0.1, 0.1, 0.1]))
    return plain(f"{name} glass", shade(rng, TINTS[name], 0.06), 0.25)


def make(bulb: LightBulb) -> Shape:
    """The light bulb of these parameters."""
    toy = ShapeBuilder()
    tall = 2.15 * bulb.radius if bulb.tall is None else bulb.tall
    r = bulb.radius * SLIM[bulb.kind]
    rows = dome(np.array(_profile(bulb.kind, r)) * (1, tall), 44) + [0, START]
    toy.add("glass", _glass(rows, tall, hollow=bulb.filament is not None), bulb.glass)
    _add_base(toy, bulb.base, bulb.tin)
    if bulb.filament is not None:
        _add_filament(toy, START + tall * bulb.filament, min(r * 0.5, 0.11), bulb.tin)
    else:
        z = START + tall * 0.1
        wide = float(np.interp(z, rows[:20, 1], rows[:20, 0]))
        toy.add("neck ring", ring(wide, 0.008, 0.012, z), bulb.tin)
    return toy.finish(bulb.size)


def _profile(kind: Kind, r: float) -> list[tuple[float, float]]:
    """(radius, share of the height) of the glass."""
    n = NECK
    profiles: dict[Kind, list[tuple[float, float]]] = {
        "pear": [(n, 0), (n * 1.25, 0.18), (r * 0.9, 0.48), (r, 0.68), (r * 0.72, 0.92)],
        "globe": [(n, 0), (n * 1.1, 0.05), (r * 0.86, 0.28), (r, 0.52), (r * 0.78, 0.84)],
        "candle": [(n * 0.8, 0), (r * 0.85, 0.16), (r, 0.32), (r * 0.6, 0.66), (r * 0.2, 0.93)],
        "tube": [(n, 0), (r * 0.92, 0.14), (r, 0.3), (r, 0.72), (r * 0.7, 0.93)],
    }
    return [*profiles[kind], (0, 1)]


def _glass(rows: Floats, tall: float, hollow: bool) -> Mesh:
    outer = np.concatenate([[(0, START)], rows])
    if not hollow:
        return lathe(outer, 64)
    middle = np.array([0, START + 0.4 * tall])
    inner = (outer - middle) * 0.955 + middle
    return cut(lathe(outer, 64), lathe(inner, 64))


def _add_base(toy: ShapeBuilder, base: Base, tin: Material) -> None:
    """The screw base with its collar, insulator and contact."""
    wide = NECK * base.wide
    collar = [(0, 0.24), (wide, 0.24), (NECK * 1.04, 0.27), (NECK * 1.06, 0.305), (0, 0.305)]
    toy.add("collar", lathe(fillet(collar, 0.012)), tin)
    toy.add("screw base", rod(wide, 0.075, 0.25, 0.01), tin)
    rounds = base.rounds
    a = np.linspace(0, 2 * np.pi * rounds, int(rounds * 30))
    line = np.column_stack([wide * np.cos(a), wide * np.sin(a), 0.09 + 0.14 * a / a[-1]])
    toy.add("screw base", sweep(line, 0.14 / rounds * 0.4, 12), tin)
    cup = [(0, 0.03), (base.radius * 0.6, 0.03), (wide * 0.95, 0.08), (0, 0.08)]
    toy.add("insulator", lathe(fillet(cup, 0.012)), INSULATOR)
    toy.add("contact", rod(base.radius * 0.5, 0, 0.04, 0.012), base.contact)


def _add_filament(toy: ShapeBuilder, high: float, span: float, tin: Material) -> None:
    """A coil between two wires on a glass mount of this height."""
    foot = [(0, START - 0.02), (0.07, START - 0.02), (0.03, START + 0.1)]
    mount = [*foot, (0.02, high - 0.06), (0, high - 0.06)]
    toy.add("mount", lathe(fillet(mount, 0.02)), MOUNT)
    for side, part in ((-1, "left wire"), (1, "right wire")):
        bent = [(0, 0, high - 0.1), (side * span * 0.6, 0, high - 0.05)]
        wire = curve([*bent, (side * span, 0, high + 0.06)], 16)
        toy.add(part, sweep(wire, 0.007, 10), tin)
    t = np.linspace(0, 1, 150)
    z = high + 0.06 + 0.06 * np.sin(np.pi * t) + 0.013 * np.sin(44 * t)
    coil = np.column_stack([span * (2 * t - 1), 0.013 * np.cos(44 * t), z])
    toy.add("filament", sweep(coil, 0.0065, 8), FILAMENT)
