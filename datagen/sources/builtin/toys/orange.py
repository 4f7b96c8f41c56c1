"""An orange with its navel and a leaf, whole or cut to show its segments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.geometry import Polygon

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, chance, real, whole
from datagen.sources.builtin.edits import bumpy, cut, draw_bumps, place, warp
from datagen.sources.builtin.outlines import rounded
from datagen.sources.builtin.paints import plain, shade
from datagen.sources.builtin.paths import turns
from datagen.sources.builtin.solids import blob, brick, extrude, rod, round_sheet, sweep

R = 0.45
PITH = plain("pith", (0.85, 0.7, 0.45), 0.6)
LEAF = plain("leaf", (0.03, 0.22, 0.03), 0.4)


@dataclass(frozen=True)
class OrangeCut:
    """Of a halved orange; face: how far from the middle, of the radius; side: its angle."""

    face: float
    side: float
    flesh: Material
    segments: int


@dataclass(frozen=True)
class OrangeLeaf:
    """slim: half its width, of half its length; turn: round the stem, off its even angle."""

    long: float
    slim: float
    turn: float


@dataclass(frozen=True)
class Orange:
    """squash: the height, of the width; stem: how far aside it ends."""

    peel: Material
    squash: float
    bumps: Details
    cut: OrangeCut | None
    green: Material
    stem: float
    leaves: tuple[OrangeLeaf, ...]
    size: float


def draw(rng: Rng) -> Orange:
    """Everything that makes one orange differ from another."""
    return Orange(
        peel=plain("peel", shade(rng, (0.85, 0.28, 0.015), 0.12), 0.4),
        squash=real(rng, 0.88, 1.02),
        bumps=draw_bumps(rng),
        cut=_draw_cut(rng) if chance(rng, 0.55) else None,
        green=plain("calyx", shade(rng, (0.12, 0.3, 0.05), 0.2), 0.6),
        stem=real(rng, -0.02, 0.03),
        leaves=tuple(_draw_leaf(rng) for _ in range(int(rng.integers(1, 3)))),
        size=draw_size(rng),
    )


def _draw_cut(rng: Rng) -> OrangeCut:
    return OrangeCut(
        face=real(rng, 0.1, 0.35),
        side=real(rng, -1.3, 0.2),
        flesh=plain("flesh", shade(rng, (0.9, 0.36, 0.02), 0.1), 0.25),
        segments=whole(rng, 8, 11),
    )


def _draw_leaf(rng: Rng) -> OrangeLeaf:
    return OrangeLeaf(long=real(rng, 0.16, 0.22), slim=real(rng, 0.4, 0.55), turn=real(rng, 0, 1.2))


def make(orange: Orange) -> Shape:
    """The orange of these parameters."""
    toy = ShapeBuilder()
    squash, green = orange.squash, orange.green
    body = bumpy(orange.bumps.rng, blob((R, R, R * squash), detail=4), 0.012, 22)
    body = warp(body, lambda p: _dimpled(p, R * squash))
    if orange.cut is not None:
        _add_half(toy, orange.cut, body, orange.peel)
    else:
        toy.add("peel", body, orange.peel)
    top = R * squash * 0.93
    for a in turns(5):
        sepal = place(blob((0.05, 0.022, 0.012)), (0.035 * np.cos(a), 0.035 * np.sin(a), top), rz=a)
        toy.add("calyx", sepal, green)
    stem = [(0, 0, top - 0.02), (0.01, 0, top + 0.03), (orange.stem, 0, top + 0.07)]
    toy.add("stem", sweep(stem, 0.018, 12), green)
    for i, leaf in enumerate(orange.leaves):
        blade = place(_blade(leaf), (0, 0, top + 0.03), rz=leaf.turn + 2.8 * i)
        toy.add(f"leaf {i + 1}" if i else "leaf", blade, LEAF)
    return toy.finish(orange.size)


def _dimpled(p: Floats, top: float) -> Floats:
    """Points with a dip round the upper end of the axis."""
    near = np.exp(-((np.hypot(p[:, 0], p[:, 1]) / 0.12) ** 2)) * (p[:, 2] > 0)
    return np.column_stack([p[:, :2], p[:, 2] - 0.09 * top * near])


def _add_half(toy: ShapeBuilder, half: OrangeCut, body: Mesh, peel: Material) -> None:
    """The orange without a slice in front, so that pith and segments are seen."""
    face, side = R * half.face, half.side
    away = place(brick((2, 2, 2), (face + 1, 0, 0), 0.001), rz=side)
    toy.add("peel", cut(body, away), peel)
    reach = np.sqrt(R**2 - face**2) * 0.95
    disc = rod(reach, -0.02, 0.004, 0.002, 48)
    toy.add("pith", place(place(disc, (0, 0, face)), ry=np.pi / 2, rz=side), PITH)
    count = half.segments
    for i in range(count):
        wedge = _segment(reach * 0.9, 2 * np.pi / count)
        turned = place(extrude(wedge, face - 0.01, face + 0.012, 0.005), rz=2 * np.pi * i / count)
        toy.add(f"segment {i + 1}", place(turned, ry=np.pi / 2, rz=side), half.flesh)


def _segment(radius: float, width: float) -> Polygon:
    """A wedge with round corners, a little apart from its neighbours."""
    arc = np.linspace(-0.5, 0.5, 7) * width
    rim = np.column_stack([radius * np.cos(arc), radius * np.sin(arc)])
    return rounded([(0.03, 0), *rim], 0.01).buffer(-0.008)


def _blade(leaf: OrangeLeaf) -> Mesh:
    """A pointed leaf along x that hangs over."""
    long, slim = leaf.long, leaf.slim

    def bend(p: Floats) -> Floats:
        x = (p[:, 0] + 1) * long
        y = p[:, 1] * long * slim * (1 - 0.3 * p[:, 0]) * (1 - 0.3 * np.abs(p[:, 0]) ** 3)
        return np.column_stack(
            [x, y, p[:, 2] * 0.3 + 0.5 * x * (1 - x / (1.3 * long)) + np.abs(y) * 0.3]
        )

    return warp(round_sheet(0.06, 40, 6), bend)
