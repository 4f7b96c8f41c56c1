"""Pots turned on a wheel, what is painted on them, and their handles.

A pot is given by the outside of its wall: rows of (radius, z) from the foot to the lip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from shapely.geometry import Polygon

from datagen.geometry.shape import Floats, Material
from datagen.sources.builtin.builder import Mesh, ShapeBuilder
from datagen.sources.builtin.drawn import Rng, real, whole
from datagen.sources.builtin.edits import common, place
from datagen.sources.builtin.outlines import heart_line, star
from datagen.sources.builtin.paths import curve, fillet
from datagen.sources.builtin.solids import blob, lathe, slab


def radius_at(rows: Floats, z: Floats | float) -> Floats:
    """The pot's outer radius at these heights."""
    result: Floats = np.interp(z, rows[:, 1], rows[:, 0])
    return result


def vessel(rows: Floats, thick: float, floor: float) -> Mesh:
    """An open pot: a wall of this thickness, a lip, a floor at this height."""
    inner = rows[rows[:, 1] > floor + 0.02]
    inside = np.column_stack([np.maximum(inner[:, 0] - thick, 0.02), inner[:, 1]])[::-1]
    rim, top = rows[-1]
    lip = [(rim - thick * 0.15, top + thick * 0.4), (rim - thick * 0.85, top + thick * 0.4)]
    low = [(max(inside[-1, 0] - 0.03, 0.01), floor), (0, floor)]
    return lathe(np.concatenate([[(0, rows[0, 1])], rows, lip, inside, low]), 64)


def zone(rows: Floats, low: float, high: float, out: float, deep: float) -> Mesh:
    """A painted zone around a pot between two heights, so far out of its wall and into it."""
    z = np.linspace(low, high, 12)
    r = radius_at(rows, z)
    outside = np.column_stack([r + out, z])
    outside[[0, -1], 0] -= out * 0.6
    return lathe(np.concatenate([outside, np.column_stack([r - deep, z])[::-1]]), 64)


@dataclass(frozen=True)
class Emblem:
    """size: of the room it has; points: of a star or a flower; depth: of a star's notches."""

    kind: Literal["heart", "star", "flower", "dot"]
    size: float
    points: int = 0
    depth: float = 0.0


@dataclass(frozen=True)
class Band:
    """middle: height over that of the zone, off its even one; half: half the width."""

    middle: float
    half: float


@dataclass(frozen=True)
class Decoration:
    """One of the three; repeated: whether the emblem is painted three times round."""

    bands: tuple[Band, ...] = ()
    dots: int = 0
    emblem: Emblem | None = None
    repeated: bool = False


def draw_decoration(rng: Rng) -> Decoration:
    """Bands, dots, or an emblem once or three times round."""
    kind = rng.integers(4)
    if kind == 0:
        count = int(rng.integers(1, 4))
        bands = (Band(real(rng, 0.15, 0.25), real(rng, 0.03, 0.09)) for _ in range(count))
        return Decoration(bands=tuple(bands))
    if kind == 3:
        return Decoration(dots=whole(rng, 7, 12))
    return Decoration(emblem=draw_emblem(rng, real(rng, 0.24, 0.33)), repeated=kind == 2)


def draw_emblem(rng: Rng, size: float) -> Emblem:
    """A heart, a star, a flower or a dot of this size."""
    kind = rng.integers(4)
    if kind == 0:
        return Emblem("heart", size)
    if kind == 1:
        return Emblem("star", size, whole(rng, 5, 7), real(rng, 0.42, 0.6))
    return Emblem("flower", size, whole(rng, 5, 7)) if kind == 2 else Emblem("dot", size)


def add_decoration(
    toy: ShapeBuilder,
    decoration: Decoration,
    rows: Floats,
    low: float,
    high: float,
    deep: float,
    paint: Sequence[Material],
) -> None:
    """Add bands, emblems or dots between two heights of a pot."""
    tall = high - low
    for i, band in enumerate(decoration.bands):
        middle = low + tall * band.middle + i * tall * 0.27
        half = tall * band.half
        toy.add("bands", zone(rows, middle - half, middle + half, 0.007, deep), paint[i % 2])
    if decoration.dots:
        _add_dots(toy, rows, low, tall, decoration.dots, paint[0])
    if decoration.emblem is not None:
        mark = slab(emblem_outline(decoration.emblem, tall), 2)
        shell = zone(rows, low, high, 0.008, deep)
        painted = common(place(mark, (0, -1, (low + high) / 2)), shell)
        turns = (-0.4, np.pi / 2 - 0.4, np.pi - 0.4) if decoration.repeated else (0.0,)
        for i, turn in enumerate(turns):
            toy.add("emblem", place(painted, rz=turn), paint[i % 2])


def emblem_outline(emblem: Emblem, room: float) -> Polygon:
    """The outline where there is so much room."""
    size = room * emblem.size
    if emblem.kind == "heart":
        return Polygon(heart_line(60) * size)
    if emblem.kind == "star":
        return star(emblem.points, size, size * emblem.depth, size * 0.12, np.pi / 2)
    a = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    petals = emblem.points
    edge = size * (0.78 + 0.22 * np.cos(petals * a) if petals else np.full(60, 0.9))
    return Polygon(np.column_stack([edge * np.cos(a), edge * np.sin(a)]))


def _add_dots(
    toy: ShapeBuilder, rows: Floats, low: float, tall: float, count: int, paint: Material
) -> None:
    """Three rows of dots, staggered."""
    for i in range(count):
        for level in (0.25, 0.5, 0.75):
            a = 2 * np.pi * (i + (0.5 if level == 0.5 else 0)) / count
            z = low + tall * level
            r = float(radius_at(rows, z))
            slope = float(radius_at(rows, z + 0.01) - radius_at(rows, z - 0.01)) / 0.02
            dot = place(blob((0.008, 0.03, 0.03)), ry=np.arctan(slope))
            toy.add("dots", place(dot, (r * np.cos(a), r * np.sin(a), z), rz=a), paint)


def handle_path(top: Sequence[float], low: Sequence[float], reach: float, kind: int) -> Floats:
    """A path in the x, z plane from the top to the low (radius, z) joint: ear, drop or square."""
    (x0, z0), (x1, z1) = top, low
    far, tall = max(x0, x1) + reach, z0 - z1
    if kind == 0:
        points = [(x0, z0), (x0 + reach * 0.55, z0 + tall * 0.1)]
        points += [
            (far, (z0 + z1) / 2 + tall * 0.1),
            (x1 + reach * 0.6, z1 - tall * 0.02),
            (x1, z1),
        ]
        line = curve(points, 36)
    elif kind == 1:
        points = [(x0, z0), (far * 0.96, z0 + tall * 0.02), (far, z1 + tall * 0.6), (x1, z1)]
        line = curve(points, 36)
    else:
        line = fillet([(x0, z0), (far, z0), (far, z1), (x1, z1)], reach * 0.5, 8)
    return np.column_stack([line[:, 0], 0 * line[:, 0], line[:, 1]])


def handle_joints(rows: Floats, high: float, low: float, into: float) -> list[tuple[float, float]]:
    """Where a handle meets the wall at these heights, so far into it."""
    return [(float(radius_at(rows, z)) - into, z) for z in (high, low)]
