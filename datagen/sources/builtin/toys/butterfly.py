"""A butterfly with spread, patterned wings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.geometry import Polygon

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, real
from datagen.sources.builtin.edits import warp
from datagen.sources.builtin.outlines import disc, rounded
from datagen.sources.builtin.paints import paints, plain, shade
from datagen.sources.builtin.solids import blob, extrude
from datagen.sources.builtin.toys.animal_parts import add_eyes, add_pair, limb

THICK = 0.012
FORE = np.array([
    (0.13, 0.0), (0.3, 0.2), (0.38, 0.42), (0.3, 0.52), (0.12, 0.45), (-0.02, 0.24), (-0.02, 0.0),
])  # fmt: skip
HIND = np.array([
    (0.02, 0.0), (0.02, 0.22), (-0.08, 0.38), (-0.25, 0.4), (-0.34, 0.28), (-0.26, 0.12),
    (-0.12, 0.0),
])  # fmt: skip


@dataclass(frozen=True)
class Spot:
    """x, y: the middle, as shares of the wing's bounds; the wing's edge cuts it off."""

    size: float
    x: float
    y: float


@dataclass(frozen=True)
class Butterfly:
    """lift: the wings' angle. long: of the abdomen; span, deep: of the wings, of the usual.

    reach, spread: how far the antennas' ends lie from the head, forwards and sideways.
    """

    wing: Material
    edge: Material
    spot: Material
    dark: Material
    lift: float
    long: float
    reach: float
    spread: float
    span: float
    deep: float
    front_spots: tuple[Spot, ...]
    hind_spots: tuple[Spot, ...]
    size: float


def draw(rng: Rng) -> Butterfly:
    """Everything that makes one butterfly differ from another."""
    wing, edge, spot = paints(rng, 3, "wing", 0.45)
    dark = plain("body", shade(rng, (0.05, 0.035, 0.03)), 0.6)
    lift, long = real(rng, 0.25, 0.7), real(rng, 0.9, 1.1)
    reach, spread = real(rng, 0.17, 0.25), real(rng, 0.08, 0.16)
    span, deep = real(rng, 0.9, 1.15), real(rng, 0.85, 1.1)
    spots = int(rng.integers(2, 5))
    return Butterfly(
        wing,
        edge,
        spot,
        dark,
        lift,
        long,
        reach,
        spread,
        span,
        deep,
        front_spots=_draw_spots(rng, spots, _outline(FORE, deep, span)),
        hind_spots=_draw_spots(rng, spots, _outline(HIND, deep, span)),
        size=draw_size(rng),
    )


def _draw_spots(rng: Rng, count: int, outline: Polygon) -> tuple[Spot, ...]:
    """Those that show, of so many."""
    spots = (Spot(real(rng, 0.022, 0.045), real(rng, 0, 1), real(rng, 0, 1)) for _ in range(count))
    return tuple(spot for spot in spots if _dot(spot, _inside(outline)) is not None)


def make(butterfly: Butterfly) -> Shape:
    """The butterfly of these parameters."""
    toy = ShapeBuilder()
    _add_body(toy, butterfly)
    for name, points, shift, spots in (
        ("front wing", FORE, 0.014, butterfly.front_spots),
        ("hind wing", HIND, 0.0, butterfly.hind_spots),
    ):
        outline = _outline(points, butterfly.deep, butterfly.span)
        _add_wing(toy, butterfly, name, outline, shift, spots)
    return toy.finish(butterfly.size)


def _outline(points: Floats, deep: float, span: float) -> Polygon:
    return rounded(points * (deep, span), 0.09)


def _inside(outline: Polygon) -> Polygon:
    """What its dark edge leaves of a wing."""
    return outline.buffer(-0.035)


def _dot(spot: Spot, inside: Polygon) -> Polygon | None:
    """The spot's outline, None where too little of it lies on the wing."""
    low_x, low_y, high_x, high_y = inside.bounds
    root_y = low_y + 0.1
    at = (low_x + (high_x - low_x) * spot.x, root_y + (high_y - root_y) * spot.y)
    dot = disc(spot.size, *at) & inside.buffer(-0.012)
    return dot if isinstance(dot, Polygon) and dot.area > 0.0006 else None


def _add_body(toy: ShapeBuilder, butterfly: Butterfly) -> None:
    z, dark = 0.06, butterfly.dark
    trunk = [(-0.28 * butterfly.long, 0, z), (-0.05, 0, z), (0.14, 0, z)]
    toy.add("body", limb(trunk, (0.03, 0.042, 0.058)), dark)
    toy.add("head", blob(0.06, (0.22, 0, z + 0.012)), dark)
    add_eyes(toy, (0.25, 0.036, z + 0.035), 0.02)
    reach, spread = butterfly.reach, butterfly.spread
    root = np.array([0.24, 0.02, z + 0.05])
    feeler = [root, root + (reach * 0.5, spread * 0.4, 0.07), root + (reach, spread, 0.1)]
    add_pair(toy, "antenna", limb(feeler, (0.009, 0.008, 0.008)), dark)
    add_pair(toy, "antenna", blob(0.018, feeler[2]), dark)


def _add_wing(
    toy: ShapeBuilder,
    butterfly: Butterfly,
    name: str,
    outline: Polygon,
    shift: float,
    spots: tuple[Spot, ...],
) -> None:
    """A wing with a dark edge and spots, raised by an angle and a shift."""
    lift = butterfly.lift
    inside = _inside(outline)

    def raised(mesh: Mesh) -> Mesh:
        def change(p: Floats) -> Floats:
            y, z = p[:, 1], p[:, 2] + shift
            up = y * np.sin(lift) - 0.25 * y**2 + z + 0.062
            return np.column_stack([p[:, 0], y * np.cos(lift), up])

        return warp(mesh, change)

    def add(part: str, shape: Polygon, half: float, material: Material) -> None:
        add_pair(toy, part, raised(extrude(shape, -half, half, 0.003)), material)

    add(name, outline, THICK / 2, butterfly.edge)
    add(name, inside, THICK / 2 + 0.004, butterfly.wing)
    for spot in spots:
        dot = _dot(spot, inside)
        if dot is not None:
            add(f"{name} spots", dot, THICK / 2 + 0.008, butterfly.spot)
