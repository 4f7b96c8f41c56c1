"""An orange with its navel and a leaf, whole or cut to show its segments."""

from __future__ import annotations

import numpy as np
from shapely.geometry import Polygon

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.edits import bumpy, cut, place, warp
from datagen.sources.builtin.outlines import rounded
from datagen.sources.builtin.paints import plain, shade
from datagen.sources.builtin.paths import turns
from datagen.sources.builtin.solids import blob, brick, extrude, rod, round_sheet, sweep

R = 0.45
PITH = plain("pith", (0.85, 0.7, 0.45), 0.6)


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    peel = plain("peel", shade(rng, (0.85, 0.28, 0.015), 0.12), 0.4)
    squash = rng.uniform(0.88, 1.02)
    whole = bumpy(rng, blob((R, R, R * squash), detail=4), 0.012, 22)
    whole = warp(whole, lambda p: _dimpled(p, R * squash))
    if rng.uniform() < 0.55:
        _add_half(toy, rng, whole, peel)
    else:
        toy.add("peel", whole, peel)
    top = R * squash * 0.93
    green = plain("calyx", shade(rng, (0.12, 0.3, 0.05), 0.2), 0.6)
    for a in turns(5):
        sepal = place(blob((0.05, 0.022, 0.012)), (0.035 * np.cos(a), 0.035 * np.sin(a), top), rz=a)
        toy.add("calyx", sepal, green)
    stem = [(0, 0, top - 0.02), (0.01, 0, top + 0.03), (rng.uniform(-0.02, 0.03), 0, top + 0.07)]
    toy.add("stem", sweep(stem, 0.018, 12), green)
    for i in range(int(rng.integers(1, 3))):
        leaf = place(_leaf(rng), (0, 0, top + 0.03), rz=rng.uniform(0, 1.2) + 2.8 * i)
        toy.add(f"leaf {i + 1}" if i else "leaf", leaf, plain("leaf", (0.03, 0.22, 0.03), 0.4))
    return toy.finish(rng)


def _dimpled(p: Floats, top: float) -> Floats:
    """Points with a dip round the upper end of the axis."""
    near = np.exp(-((np.hypot(p[:, 0], p[:, 1]) / 0.12) ** 2)) * (p[:, 2] > 0)
    return np.column_stack([p[:, :2], p[:, 2] - 0.09 * top * near])


def _add_half(toy: ShapeBuilder, rng: Rng, whole: Mesh, peel: Material) -> None:
    """The orange without a slice in front, so that pith and segments are seen."""
    face, side = R * rng.uniform(0.1, 0.35), rng.uniform(-1.3, 0.2)
    away = place(brick((2, 2, 2), (face + 1, 0, 0), 0.001), rz=side)
    toy.add("peel", cut(whole, away), peel)
    reach = np.sqrt(R**2 - face**2) * 0.95
    disc = rod(reach, -0.02, 0.004, 0.002, 48)
    toy.add("pith", place(place(disc, (0, 0, face)), ry=np.pi / 2, rz=side), PITH)
    flesh = plain("flesh", shade(rng, (0.9, 0.36, 0.02), 0.1), 0.25)
    count = int(rng.integers(8, 12))
    for i in range(count):
        wedge = _segment(reach * 0.9, 2 * np.pi / count)
        turned = place(extrude(wedge, face - 0.01, face + 0.012, 0.005), rz=2 * np.pi * i / count)
        toy.add(f"segment {i + 1}", place(turned, ry=np.pi / 2, rz=side), flesh)


def _segment(radius: float, width: float) -> Polygon:
    """A wedge with round corners, a little apart from its neighbours."""
    arc = np.linspace(-0.5, 0.5, 7) * width
    rim = np.column_stack([radius * np.cos(arc), radius * np.sin(arc)])
    return rounded([(0.03, 0), *rim], 0.01).buffer(-0.008)


def _leaf(rng: Rng) -> Mesh:
    """A pointed leaf along x that hangs over."""
    long, slim = rng.uniform(0.16, 0.22), rng.uniform(0.4, 0.55)

    def bend(p: Floats) -> Floats:
        x = (p[:, 0] + 1) * long
        y = p[:, 1] * long * slim * (1 - 0.3 * p[:, 0]) * (1 - 0.3 * np.abs(p[:, 0]) ** 3)
        return np.column_stack(
            [x, y, p[:, 2] * 0.3 + 0.5 * x * (1 - x / (1.3 * long)) + np.abs(y) * 0.3]
        )

    return warp(round_sheet(0.06, 40, 6), bend)
