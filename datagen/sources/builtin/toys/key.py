"""A key lying flat, the shaft along x: an old one with a round shaft, or a flat one."""

from __future__ import annotations

import numpy as np
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Rng, ShapeBuilder
from datagen.sources.builtin.edits import place
from datagen.sources.builtin.outlines import disc, heart_line, oblong, polygons, rounded
from datagen.sources.builtin.paints import metal, paints
from datagen.sources.builtin.solids import blob, brick, extrude, ring, rod, sweep

OVAL, TREFOIL, HEART, OBLONG, FLOWER = range(5)


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    main = metal(rng, "brass", "steel", "gold", "copper", "iron")
    if rng.uniform() < 0.3:
        main = paints(rng, 1)[0]
    other = paints(rng, 1)[0] if rng.uniform() < 0.5 else main
    long, flat = rng.uniform(0.5, 0.62), rng.uniform(0.028, 0.04)
    kind, size = int(rng.integers(5)), rng.uniform(0.14, 0.19)
    if kind in (OVAL, TREFOIL, HEART):
        thick = rng.uniform(0.026, 0.036)
        _add_bow(toy, rng, kind, size, thick, other)
        _add_round_shaft(toy, rng, long, thick, main, other)
        _add_bit(toy, rng, long, flat, main)
    else:
        _add_flat_bow(toy, rng, kind, size, flat, main, other)
        _add_blade(toy, rng, long, size, flat, main, other)
    return toy.finish(rng)


def _add_bow(
    toy: ShapeBuilder, rng: Rng, kind: int, size: float, thick: float, paint: Material
) -> None:
    """A bow of bent wire: an oval, three loops or a heart."""
    a = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    if kind == OVAL:
        y = size * rng.uniform(0.85, 1.35) * np.sin(a)
        loop = np.column_stack([size * np.cos(a) - size, y, 0 * a])
        toy.add("bow", sweep(loop, thick, closed=True), paint)
        if rng.uniform() < 0.5:
            x, y = size * 0.5 * np.cos(a) - size * 0.5, size * 0.5 * np.sin(a)
            scroll = sweep(np.column_stack([x, y, 0 * a]), thick * 0.6, 16, closed=True)
            toy.add("scroll", scroll, paint)
    elif kind == TREFOIL:
        for i, turn in enumerate((-np.pi / 2, 0, np.pi / 2)):
            at = (-size * 0.75 - size * 0.75 * np.cos(turn), size * 0.75 * np.sin(turn), 0)
            toy.add(f"bow loop {i + 1}", place(ring(size * 0.55, thick, thick), at), paint)
        toy.add("bow", blob(thick * 1.9, (-size * 0.72, 0, 0)), paint)
        toy.add("bow", sweep([(-size * 0.72, 0, 0), (0, 0, 0)], thick), paint)
    else:
        y, x = heart_line(90).T
        loop = np.column_stack([(-x - (-x).max()) * size * 1.05 + 0.012, y * size * 1.05, 0 * a])
        toy.add("bow", sweep(loop, thick, closed=True), paint)


def _add_round_shaft(
    toy: ShapeBuilder, rng: Rng, long: float, thick: float, main: Material, other: Material
) -> None:
    r = thick * rng.uniform(0.85, 1.05)
    toy.add("shaft", place(rod(r, -0.03, long, 0.01), ry=np.pi / 2), main)
    toy.add("tip", blob((r * 1.35, r * 1.15, r * 1.15), (long, 0, 0)), main)
    for i in range(int(rng.integers(1, 4))):
        collar = ring(r, 0.022, 0.017)
        toy.add("collar", place(collar, (0.03 + 0.045 * i, 0, 0), ry=np.pi / 2), other)


def _add_bit(toy: ShapeBuilder, rng: Rng, long: float, flat: float, main: Material) -> None:
    """The plate that turns the lock, notched."""
    start = long * rng.uniform(0.66, 0.74)
    deep, wide = rng.uniform(0.15, 0.21), long * 0.93 - start
    notches = []
    for _ in range(int(rng.integers(1, 4))):
        x = start + wide * rng.uniform(0.1, 0.8)
        notches.append(box(x, -deep - 0.1, x + wide * 0.16, -deep * rng.uniform(0.55, 0.75)))
    y = -deep * rng.uniform(0.35, 0.5)
    if rng.uniform() < 0.6:
        notches.append(box(start - 0.1, y - 0.016, start + wide * 0.45, y + 0.016))
    plate = box(start, -deep, start + wide, 0) - unary_union(notches)
    for i, piece in enumerate(polygons(plate)):
        if piece.bounds[3] > -1e-6:
            name = f"teeth {i + 1}" if i else "teeth"
            toy.add(name, extrude(piece, -flat / 2, flat / 2, 0.004), main)


def _add_flat_bow(
    toy: ShapeBuilder,
    rng: Rng,
    kind: int,
    size: float,
    flat: float,
    main: Material,
    other: Material,
) -> None:
    """A plate with a hole: a rounded oblong or a flower."""
    if kind == OBLONG:
        deep = size * rng.uniform(1.9, 2.5)
        bow = oblong(size * 1.9, deep, size * rng.uniform(0.4, 0.9), -size * 0.9)
    else:
        bow = Polygon(_flower(size, int(rng.integers(5, 9))))
    hole = disc(size * 0.28, -size * 1.35)
    toy.add("bow", extrude(bow - hole, -flat * 0.8, flat * 0.8, 0.012), other)
    eyelet = place(ring(size * 0.32, size * 0.07, flat * 1.05), (-size * 1.35, 0, 0))
    toy.add("eyelet", eyelet, metal(rng, "steel") if other is not main else main)


def _flower(size: float, petals: int) -> Floats:
    a = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    reach = size * (1.05 + 0.12 * np.cos(petals * a + np.pi))
    return np.column_stack([reach * np.cos(a) - size * 0.9, reach * np.sin(a)])


def _add_blade(
    toy: ShapeBuilder,
    rng: Rng,
    long: float,
    size: float,
    flat: float,
    main: Material,
    other: Material,
) -> None:
    """A grooved blade with a shoulder and teeth."""
    half = size * rng.uniform(0.26, 0.36)
    back = [(-0.06, -half * 0.4), (long * 0.93, -half * 0.4), (long, half * 0.1)]
    blade = rounded([*back, (long * 0.96, half), (-0.06, half)], 0.02)
    toy.add("shaft", extrude(blade, -flat / 2, flat / 2, 0.006), main)
    groove = brick((long * 0.8, half * 0.28, flat * 1.25), (long * 0.45, half * 0.45, 0), 0.005)
    toy.add("groove", groove, main)
    shoulder = brick((0.05, half * 3, flat * 1.3), (size * 0.12 + 0.02, half * 0.1, 0), 0.012)
    toy.add("shoulder", shoulder, other)
    count = int(rng.integers(4, 7))
    step = (long * 0.8) / count
    for i in range(count):
        x = long * 0.15 + i * step
        low = -half * 0.4 - half * rng.uniform(0.5, 1.4)
        tooth = [(x, -half * 0.3), (x + step * 0.3, low), (x + step * 0.7, low)]
        tooth.append((x + step, -half * 0.3))
        toy.add(f"tooth {i + 1}", extrude(Polygon(tooth), -flat / 2, flat / 2, 0.004), main)
