"""A bottle: for wine, for soda, for sauce or for milk, labelled and closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real, whole
from datagen.sources.builtin.edits import common, knurl, place
from datagen.sources.builtin.paints import Colour, metal, paints, plain, shade
from datagen.sources.builtin.paths import curve, fillet
from datagen.sources.builtin.solids import lathe, ring, rod, slab
from datagen.sources.builtin.toys.pottery import Emblem, draw_emblem, emblem_outline, zone

Kind = Literal["wine", "soda", "sauce", "milk"]
KINDS: tuple[Kind, ...] = ("wine", "soda", "sauce", "milk")
SKINS: list[tuple[str, Colour]] = [
    ("bottle green", (0.02, 0.15, 0.05)),
    ("brown", (0.16, 0.055, 0.015)),
    ("clear blue", (0.25, 0.5, 0.75)),
    ("red", (0.55, 0.02, 0.02)),
    ("yellow", (0.82, 0.48, 0.03)),
    ("milk white", (0.82, 0.8, 0.74)),
]
SKINS_OF: dict[Kind, list[int]] = {
    "wine": [0, 1],
    "soda": [0, 1, 2],
    "sauce": [3, 4],
    "milk": [2, 5],
}
SHOULDER_OF: dict[Kind, float] = {"wine": 0.62, "soda": 0.5, "sauce": 0.66, "milk": 0.62}
SLOPE_OF: dict[Kind, float] = {"wine": 0.1, "soda": 0.24, "sauce": 0.18, "milk": 0.2}


@dataclass(frozen=True)
class BottleCap:
    """ribs: round a ribbed one."""

    kind: Literal["cork", "foil", "nozzle", "ribbed"]
    material: Material
    ribs: int = 0


@dataclass(frozen=True)
class Label:
    """low, high: its edges, of the shoulder's height."""

    low: float
    high: float
    emblem: Emblem


@dataclass(frozen=True)
class Bottle:
    """shoulder: its height, of the kind's usual one; pinch: of the side, of the radius.

    collar: how far it lies below the mouth; ink: of the label's print.
    """

    kind: Kind
    skin: Material
    paper: Material
    ink: Material
    radius: float
    tall: float
    shoulder: float
    pinch: float
    collar: float
    cap: BottleCap
    label: Label
    has_neck_band: bool
    size: float


def draw(rng: Rng) -> Bottle:
    """Everything that makes one bottle differ from another."""
    kind = KINDS[rng.integers(4)]
    name, colour = SKINS[SKINS_OF[kind][rng.integers(len(SKINS_OF[kind]))]]
    skin = Material(name, shade(rng, colour), 0.0, rng.uniform(0.08, 0.3))
    paper, ink, lid = paints(rng, 3, "print", 0.5)
    return Bottle(
        kind,
        skin,
        paper,
        ink,
        radius=real(rng, 0.17, 0.21),
        tall=real(rng, 0.85, 1.0),
        shoulder=real(rng, 0.94, 1.04),
        pinch=real(rng, 0.05, 0.16) if kind in ("soda", "sauce") else 0.0,
        collar=real(rng, 0.045, 0.06),
        cap=_draw_cap(rng, kind, lid),
        label=Label(
            low=real(rng, 0.16, 0.28),
            high=real(rng, 0.78, 0.92),
            emblem=draw_emblem(rng, 0.26),
        ),
        has_neck_band=chance(rng, 0.4),
        size=draw_size(rng),
    )


def _draw_cap(rng: Rng, kind: Kind, lid: Material) -> BottleCap:
    if kind == "wine":
        if chance(rng, 0.5):
            return BottleCap("cork", plain("cork", (0.5, 0.29, 0.13), 0.8))
        return BottleCap("foil", [metal(rng, "gold"), lid][rng.integers(2)])
    if kind == "sauce" and chance(rng, 0.6):
        return BottleCap("nozzle", lid)
    ribs = whole(rng, 18, 29)
    brass = kind == "soda" and chance(rng, 0.5)
    return BottleCap("ribbed", metal(rng, "brass") if brass else lid, ribs)


def make(bottle: Bottle) -> Shape:
    """The bottle of these parameters."""
    toy = ShapeBuilder()
    kind, r, tall = bottle.kind, bottle.radius, bottle.tall
    neck = r * (0.6 if kind == "milk" else 0.42)
    shoulder = tall * SHOULDER_OF[kind] * bottle.shoulder
    end = shoulder + tall * SLOPE_OF[kind]
    wall = _wall(r, neck, shoulder, end, bottle.pinch)
    body = lathe([(0, 0.025), (r * 0.7, 0.004), *wall, (0, end)], 64)
    toy.add("body", body, bottle.skin)
    top = max(tall, end + 0.1)
    throat = [(0, end - 0.02), (neck, end - 0.02), (neck * 0.94, top), (0, top)]
    toy.add("neck", lathe(fillet(throat, 0.01)), bottle.skin)
    toy.add("collar", ring(neck * 0.98, 0.014, 0.014, top - bottle.collar), bottle.skin)
    _add_cap(toy, bottle.cap, neck, top)
    _add_label(toy, bottle, wall, shoulder)
    if bottle.has_neck_band:
        rows = np.array([(neck, end - 0.02), (neck * 0.95, top)])
        toy.add("neck band", zone(rows, end + 0.01, end + 0.05, 0.006, 0.02), bottle.paper)
    return toy.finish(bottle.size)


def _wall(radius: float, neck: float, shoulder: float, end: float, pinch: float) -> Floats:
    """The outside from the foot over the pinched side to the end of the shoulder."""
    z = np.linspace(0.05, shoulder, 14)
    side = radius * (1 - pinch * np.sin(np.pi * (z - 0.05) / (shoulder - 0.05)) ** 2)
    s = np.linspace(0, 1, 16)[1:]
    narrow = neck + (radius - neck) * (0.5 + 0.5 * np.cos(np.pi * s))
    fall = np.column_stack([narrow, shoulder + (end - shoulder) * s])
    base = curve([(radius * 0.85, 0.0), (radius * 0.96, 0.012), (radius, 0.05)], 6)
    return np.concatenate([base, np.column_stack([side, z])[1:], fall])


def _add_cap(toy: ShapeBuilder, cap: BottleCap, neck: float, top: float) -> None:
    if cap.kind == "cork":
        toy.add("cap", rod(neck * 0.8, top - 0.02, top + 0.07, 0.012), cap.material)
    elif cap.kind == "foil":
        toy.add("cap", rod(neck * 1.12, top - 0.12, top + 0.02, 0.015), cap.material)
    elif cap.kind == "nozzle":
        toy.add("cap", rod(neck * 1.25, top - 0.05, top + 0.03, 0.012), cap.material)
        spout = [(0, top), (neck * 0.8, top + 0.02), (neck * 0.2, top + 0.2), (0, top + 0.2)]
        toy.add("nozzle", lathe(fillet(spout, 0.015)), cap.material)
    else:
        low, high = top - 0.045, top + 0.045
        rows = fillet([(0, low), (neck * 1.2, low), (neck * 1.14, high), (0, high)], 0.015)
        toy.add("cap", knurl(lathe(rows, cap.ribs * 6), cap.ribs, 0.025), cap.material)


def _add_label(toy: ShapeBuilder, bottle: Bottle, wall: Floats, shoulder: float) -> None:
    """A paper label with printed edges and an emblem on two sides."""
    low, high = shoulder * bottle.label.low, shoulder * bottle.label.high
    toy.add("label", zone(wall, low, high, 0.006, 0.03), bottle.paper)
    for edge in (low, high - 0.02):
        toy.add("label edge", zone(wall, edge, edge + 0.02, 0.01, 0.02), bottle.ink)
    mark = slab(emblem_outline(bottle.label.emblem, high - low), 2)
    shell = zone(wall, low, high, 0.011, 0.02)
    printed = common(place(mark, (0, -1, (low + high) / 2)), shell)
    for turn in (0.0, np.pi):
        toy.add("emblem", place(printed, rz=turn + 0.5), bottle.ink)
