"""A tea cup, at times with a drink in it and a saucer under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, chance, details, real
from datagen.sources.builtin.edits import ripple
from datagen.sources.builtin.paints import Colour, metal, paints, plain
from datagen.sources.builtin.paths import curve, fillet, waves
from datagen.sources.builtin.solids import lathe, ring, rod, sweep
from datagen.sources.builtin.toys.pottery import (
    Decoration,
    add_decoration,
    draw_decoration,
    handle_joints,
    handle_path,
    radius_at,
    vessel,
)

BASE, THICK = 0.06, 0.022
DRINKS: list[tuple[str, Colour]] = [
    ("tea", (0.3, 0.09, 0.015)),
    ("coffee", (0.06, 0.022, 0.01)),
    ("milk", (0.82, 0.77, 0.66)),
]


@dataclass(frozen=True)
class CupHandle:
    """high, low: its joints, of the bowl's height; kind: ear or drop."""

    high: float
    low: float
    reach: float
    kind: int
    material: Material


@dataclass(frozen=True)
class CupDrink:
    """level: of the bowl's height."""

    material: Material
    level: float


@dataclass(frozen=True)
class Saucer:
    """lift: of its edge above the middle; wave: of a wavy edge."""

    radius: float
    lift: float
    wave: Details | None
    material: Material


@dataclass(frozen=True)
class Cup:
    """flare: how far the lip leans out; belly: the wall's radius half way up, of that at the lip.

    gold: of the rims, gold or else the first paint.
    """

    glaze: Material
    first: Material
    second: Material
    gold: Material
    radius: float
    tall: float
    foot: float
    flare: float
    belly: float
    handle: CupHandle
    decoration: Decoration | None
    drink: CupDrink | None
    saucer: Saucer | None
    size: float


def draw(rng: Rng) -> Cup:
    """Everything that makes one cup differ from another."""
    glaze, first, second = paints(rng, 3, "porcelain", 0.15)
    if chance(rng, 0.45):
        glaze = plain("white porcelain", (0.85, 0.84, 0.8), 0.15)
    gold = metal(rng, "gold") if chance(rng, 0.5) else first
    return Cup(
        glaze,
        first,
        second,
        gold,
        radius=real(rng, 0.29, 0.35),
        tall=real(rng, 0.36, 0.5),
        foot=real(rng, 0.13, 0.18),
        flare=real(rng, 0.0, 0.05),
        belly=real(rng, 0.72, 0.95),
        handle=CupHandle(
            high=real(rng, 0.78, 0.86),
            low=real(rng, 0.22, 0.32),
            reach=real(rng, 0.15, 0.22),
            kind=int(rng.integers(2)),
            material=gold if chance(rng, 0.3) else glaze,
        ),
        decoration=draw_decoration(rng) if chance(rng, 0.85) else None,
        drink=_draw_drink(rng) if chance(rng, 0.6) else None,
        saucer=_draw_saucer(rng, glaze, first) if chance(rng, 0.65) else None,
        size=draw_size(rng),
    )


def _draw_drink(rng: Rng) -> CupDrink:
    name, colour = DRINKS[rng.integers(3)]
    return CupDrink(material=plain(name, colour, 0.08), level=real(rng, 0.7, 0.86))


def _draw_saucer(rng: Rng, glaze: Material, first: Material) -> Saucer:
    return Saucer(
        radius=real(rng, 0.44, 0.52),
        lift=real(rng, 0.04, 0.08),
        wave=details(rng, _wave) if chance(rng, 0.4) else None,
        material=first if chance(rng, 0.35) else glaze,
    )


def _wave(rng: Rng) -> Callable[[Floats], Floats]:
    return waves(rng, 1, 0.02, 6, 14)


def make(cup: Cup) -> Shape:
    """The cup of these parameters."""
    toy = ShapeBuilder()
    r, tall, flare = cup.radius, cup.tall, cup.flare
    low = [(cup.foot, BASE), (r * cup.belly * 0.85, BASE + tall * 0.22)]
    high = [(r * (cup.belly + 0.04), BASE + tall * 0.6), (r, BASE + tall * 0.9)]
    rows = curve([*low, *high, (r + flare, BASE + tall)], 26)
    toy.add("bowl", vessel(rows, THICK, BASE + 0.03), cup.glaze)
    toy.add("foot", _foot(cup.foot), cup.glaze)
    rim = ring(r + flare - THICK / 2, THICK * 0.7, THICK * 0.6, BASE + tall + 0.006)
    toy.add("rim", rim, cup.gold)
    toy.add("handle", _handle(cup.handle, rows, tall), cup.handle.material)
    if cup.decoration is not None:
        zone = (BASE + tall * 0.3, BASE + tall * 0.9)
        paint = [cup.first, cup.second]
        add_decoration(toy, cup.decoration, rows, *zone, THICK * 0.6, paint)
    if cup.drink is not None:
        level = BASE + tall * cup.drink.level
        wide = float(radius_at(rows, level))
        drink = rod(wide - THICK * 0.5, level - 0.03, level)
        toy.add(cup.drink.material.name, drink, cup.drink.material)
    if cup.saucer is not None:
        _add_saucer(toy, cup.saucer, cup.foot, cup.gold)
    return toy.finish(cup.size)


def _handle(handle: CupHandle, rows: Floats, tall: float) -> Mesh:
    high, low = BASE + tall * handle.high, BASE + tall * handle.low
    joints = handle_joints(rows, high, low, 0.01)
    path = handle_path(joints[0], joints[1], handle.reach, handle.kind)
    return sweep(path, (0.028, 0.02), up=(0, 1, 0))


def _foot(radius: float) -> Mesh:
    low = [(0, BASE * 0.3), (radius * 0.9, BASE * 0.3), (radius * 1.1, 0.005)]
    high = [(radius * 1.12, 0.02), (radius * 0.85, BASE * 0.8), (radius * 0.95, BASE + 0.03)]
    return lathe(fillet([*low, *high, (0, BASE + 0.03)], 0.01))


def _add_saucer(toy: ShapeBuilder, saucer: Saucer, foot: float, gold: Material) -> None:
    far, lift = saucer.radius, saucer.lift
    below = [(0, -0.03), (0.2, -0.03), (far, lift), (far - 0.005, lift + 0.02)]
    above = [(0.22, 0.0), (foot * 1.25, 0.004), (foot * 1.15, -0.004), (0, 0.008)]
    dish = lathe(fillet(below + above, 0.03), 96)
    edge = ring(far - 0.002, 0.012, 0.011, lift + 0.012, 96)
    if saucer.wave is not None:
        wave = _wave(saucer.wave.rng)
        dish, edge = (ripple(mesh, lambda angle: 1 + wave(angle)) for mesh in (dish, edge))
    toy.add("saucer", dish, saucer.material)
    toy.add("saucer rim", edge, gold)
