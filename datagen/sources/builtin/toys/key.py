"""A key lying flat, the shaft along x: an old one with a round shaft, or a flat one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real, whole
from datagen.sources.builtin.edits import place
from datagen.sources.builtin.outlines import disc, heart_line, oblong, polygons, rounded
from datagen.sources.builtin.paints import metal, paints
from datagen.sources.builtin.solids import blob, brick, extrude, ring, rod, sweep

Wire = Literal["oval", "trefoil", "heart"]
Plate = Literal["oblong", "flower"]


@dataclass(frozen=True)
class WireBow:
    """wide: of an oval, of its length; scroll: whether an oval holds a smaller ring."""

    kind: Wire
    wide: float = 1.0
    scroll: bool = False


@dataclass(frozen=True)
class Notch:
    """at: along the bit, of its width; top: of its depth."""

    at: float
    top: float


@dataclass(frozen=True)
class Bit:
    """start: of the key's length; slot: the depth of a long slot, of the bit's."""

    start: float
    deep: float
    notches: tuple[Notch, ...]
    slot: float | None


@dataclass(frozen=True)
class OldKey:
    """thick: the wire's radius; shaft: the shaft's radius, of the wire's."""

    thick: float
    bow: WireBow
    shaft: float
    collars: int
    bit: Bit


@dataclass(frozen=True)
class Oblong:
    """deep, corner: the size across the key and the corners' radius, of the bow's radius."""

    deep: float
    corner: float


@dataclass(frozen=True)
class Flower:
    """petals: round the bow."""

    petals: int


@dataclass(frozen=True)
class FlatKey:
    """half: the blade's width, of the bow's radius; teeth: how deep they are, of half."""

    bow: Oblong | Flower
    eyelet: Material
    half: float
    teeth: tuple[float, ...]


@dataclass(frozen=True)
class Key:
    """long: of the shaft; flat: the thickness of plates; bow: its radius, about."""

    main: Material
    other: Material
    long: float
    flat: float
    bow: float
    form: OldKey | FlatKey
    size: float


def draw(rng: Rng) -> Key:
    """Everything that makes one key differ from another."""
    main = metal(rng, "brass", "steel", "gold", "copper", "iron")
    if chance(rng, 0.3):
        main = paints(rng, 1)[0]
    other = paints(rng, 1)[0] if chance(rng, 0.5) else main
    long, flat = real(rng, 0.5, 0.62), real(rng, 0.028, 0.04)
    kind: Wire | Plate = (*get_args(Wire), *get_args(Plate))[rng.integers(5)]
    bow = real(rng, 0.14, 0.19)
    form = (
        _draw_flat(rng, kind, main, other)
        if kind == "oblong" or kind == "flower"
        else _draw_old(rng, kind)
    )
    return Key(main, other, long, flat, bow, form, size=draw_size(rng))


def _draw_old(rng: Rng, kind: Wire) -> OldKey:
    return OldKey(
        thick=real(rng, 0.026, 0.036),
        bow=(
            WireBow("oval", wide=real(rng, 0.85, 1.35), scroll=chance(rng, 0.5))
            if kind == "oval"
            else WireBow(kind)
        ),
        shaft=real(rng, 0.85, 1.05),
        collars=whole(rng, 1, 3),
        bit=_draw_bit(rng),
    )


def _draw_bit(rng: Rng) -> Bit:
    start, deep, count = real(rng, 0.66, 0.74), real(rng, 0.15, 0.21), int(rng.integers(1, 4))
    notches = tuple(Notch(real(rng, 0.1, 0.8), real(rng, 0.55, 0.75)) for _ in range(count))
    slot = real(rng, 0.35, 0.5)
    return Bit(start, deep, notches, slot if chance(rng, 0.6) else None)


def _draw_flat(rng: Rng, kind: Plate, main: Material, other: Material) -> FlatKey:
    return FlatKey(
        bow=(
            Oblong(real(rng, 1.9, 2.5), real(rng, 0.4, 0.9))
            if kind == "oblong"
            else Flower(whole(rng, 5, 8))
        ),
        eyelet=metal(rng, "steel") if other is not main else main,
        half=real(rng, 0.26, 0.36),
        teeth=tuple(real(rng, 0.5, 1.4) for _ in range(int(rng.integers(4, 7)))),
    )


def make(key: Key) -> Shape:
    """The key of these parameters."""
    toy = ShapeBuilder()
    if isinstance(key.form, OldKey):
        _add_bow(toy, key.form.bow, key.bow, key.form.thick, key.other)
        _add_round_shaft(toy, key, key.form)
        _add_bit(toy, key.form.bit, key.long, key.flat, key.main)
    else:
        _add_flat_bow(toy, key, key.form)
        _add_blade(toy, key, key.form)
    return toy.finish(key.size)


def _add_bow(toy: ShapeBuilder, bow: WireBow, size: float, thick: float, paint: Material) -> None:
    """A bow of bent wire: an oval, three loops or a heart."""
    a = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    if bow.kind == "oval":
        y = size * bow.wide * np.sin(a)
        loop = np.column_stack([size * np.cos(a) - size, y, 0 * a])
        toy.add("bow", sweep(loop, thick, closed=True), paint)
        if bow.scroll:
            x, y = size * 0.5 * np.cos(a) - size * 0.5, size * 0.5 * np.sin(a)
            scroll = sweep(np.column_stack([x, y, 0 * a]), thick * 0.6, 16, closed=True)
            toy.add("scroll", scroll, paint)
    elif bow.kind == "trefoil":
        for i, turn in enumerate((-np.pi / 2, 0, np.pi / 2)):
            at = (-size * 0.75 - size * 0.75 * np.cos(turn), size * 0.75 * np.sin(turn), 0)
            toy.add(f"bow loop {i + 1}", place(ring(size * 0.55, thick, thick), at), paint)
        toy.add("bow", blob(thick * 1.9, (-size * 0.72, 0, 0)), paint)
        toy.add("bow", sweep([(-size * 0.72, 0, 0), (0, 0, 0)], thick), paint)
    else:
        y, x = heart_line(90).T
        loop = np.column_stack([(-x - (-x).max()) * size * 1.05 + 0.012, y * size * 1.05, 0 * a])
        toy.add("bow", sweep(loop, thick, closed=True), paint)


def _add_round_shaft(toy: ShapeBuilder, key: Key, old: OldKey) -> None:
    r, long = old.thick * old.shaft, key.long
    toy.add("shaft", place(rod(r, -0.03, long, 0.01), ry=np.pi / 2), key.main)
    toy.add("tip", blob((r * 1.35, r * 1.15, r * 1.15), (long, 0, 0)), key.main)
    for i in range(old.collars):
        collar = ring(r, 0.022, 0.017)
        toy.add("collar", place(collar, (0.03 + 0.045 * i, 0, 0), ry=np.pi / 2), key.other)


def _add_bit(toy: ShapeBuilder, bit: Bit, long: float, flat: float, main: Material) -> None:
    """The plate that turns the lock, notched."""
    start = long * bit.start
    deep, wide = bit.deep, long * 0.93 - start
    notches = []
    for notch in bit.notches:
        x = start + wide * notch.at
        notches.append(box(x, -deep - 0.1, x + wide * 0.16, -deep * notch.top))
    if bit.slot is not None:
        y = -deep * bit.slot
        notches.append(box(start - 0.1, y - 0.016, start + wide * 0.45, y + 0.016))
    plate = box(start, -deep, start + wide, 0) - unary_union(notches)
    for i, piece in enumerate(polygons(plate)):
        if piece.bounds[3] > -1e-6:
            name = f"teeth {i + 1}" if i else "teeth"
            toy.add(name, extrude(piece, -flat / 2, flat / 2, 0.004), main)


def _add_flat_bow(toy: ShapeBuilder, key: Key, form: FlatKey) -> None:
    """A plate with a hole."""
    size, flat = key.bow, key.flat
    if isinstance(form.bow, Oblong):
        deep = size * form.bow.deep
        bow = oblong(size * 1.9, deep, size * form.bow.corner, -size * 0.9)
    else:
        bow = Polygon(_flower(size, form.bow.petals))
    hole = disc(size * 0.28, -size * 1.35)
    toy.add("bow", extrude(bow - hole, -flat * 0.8, flat * 0.8, 0.012), key.other)
    eyelet = place(ring(size * 0.32, size * 0.07, flat * 1.05), (-size * 1.35, 0, 0))
    toy.add("eyelet", eyelet, form.eyelet)


def _flower(size: float, petals: int) -> Floats:
    a = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    reach = size * (1.05 + 0.12 * np.cos(petals * a + np.pi))
    return np.column_stack([reach * np.cos(a) - size * 0.9, reach * np.sin(a)])


def _add_blade(toy: ShapeBuilder, key: Key, form: FlatKey) -> None:
    """A grooved blade with a shoulder and teeth."""
    long, size, flat, main = key.long, key.bow, key.flat, key.main
    half = size * form.half
    back = [(-0.06, -half * 0.4), (long * 0.93, -half * 0.4), (long, half * 0.1)]
    blade = rounded([*back, (long * 0.96, half), (-0.06, half)], 0.02)
    toy.add("shaft", extrude(blade, -flat / 2, flat / 2, 0.006), main)
    groove = brick((long * 0.8, half * 0.28, flat * 1.25), (long * 0.45, half * 0.45, 0), 0.005)
    toy.add("groove", groove, main)
    shoulder = brick((0.05, half * 3, flat * 1.3), (size * 0.12 + 0.02, half * 0.1, 0), 0.012)
    toy.add("shoulder", shoulder, key.other)
    step = (long * 0.8) / len(form.teeth)
    for i, deep in enumerate(form.teeth):
        x = long * 0.15 + i * step
        low = -half * 0.4 - half * deep
        tooth = [(x, -half * 0.3), (x + step * 0.3, low), (x + step * 0.7, low)]
        tooth.append((x + step, -half * 0.3))
        toy.add(f"tooth {i + 1}", extrude(Polygon(tooth), -flat / 2, flat / 2, 0.004), main)
