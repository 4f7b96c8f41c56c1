"""An L bracket: drilled base, slotted wall, gussets, bolts on washers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder
from datagen.sources.builtin.drawn import Rng, real
from datagen.sources.builtin.outlines import disc, oblong
from datagen.sources.builtin.parts import finishes
from datagen.sources.builtin.parts.machined import (
    X,
    machine_screw,
    moved,
    plate,
    prism,
    shift,
    tube,
    turn,
)


@dataclass(frozen=True)
class Wall:
    """slot: half its width, None for two round holes instead; hole: radius of the upper hole."""

    corner: float
    slot: float | None
    hole: float


@dataclass(frozen=True)
class Gussets:
    """run, rise: of the bracket's depth and height; paired: two of them, not one in the middle."""

    run: float
    rise: float
    paired: bool


@dataclass(frozen=True)
class Bracket:
    """bolt: its radius; inset: of the bolts from the front edge; bolt_beyond: below the base."""

    body: Material
    bolt_finish: Material
    washer_finish: Material
    width: float
    depth: float
    height: float
    thick: float
    bolt: float
    inset: float
    corner: float
    wall: Wall
    gussets: Gussets
    bolt_beyond: float
    socket: bool


def draw(rng: Rng) -> Bracket:
    """Everything that makes one bracket differ from another."""
    return Bracket(
        body=finishes.body(rng),
        bolt_finish=finishes.fitting(rng),
        washer_finish=finishes.steel(rng),
        width=real(rng, 0.45, 0.8),
        depth=real(rng, 0.5, 0.75),
        height=real(rng, 0.5, 0.85),
        thick=real(rng, 0.05, 0.09),
        bolt=real(rng, 0.028, 0.042),
        inset=real(rng, 0.1, 0.14),
        corner=real(rng, 0.03, 0.07),
        wall=_draw_wall(rng),
        gussets=Gussets(
            run=real(rng, 0.5, 0.7),
            rise=real(rng, 0.35, 0.5),
            paired=bool(rng.random() >= 0.5),
        ),
        bolt_beyond=real(rng, 0.02, 0.08),
        socket=bool(rng.random() < 0.5),
    )


def _draw_wall(rng: Rng) -> Wall:
    corner, slot, hole = real(rng, 0.03, 0.12), real(rng, 0.03, 0.05), real(rng, 0.04, 0.06)
    return Wall(corner, None if rng.random() < 0.5 else slot, hole)


def make(bracket: Bracket) -> Shape:
    """The bracket of these parameters."""
    builder = ShapeBuilder()
    width, depth, height = bracket.width, bracket.depth, bracket.height
    thick, size = bracket.thick, bracket.bolt
    off_x, hole_y = width / 2 - 0.1, depth / 2 - bracket.inset
    outline = oblong(width, depth, bracket.corner)
    spots = [(-off_x, hole_y), (off_x, hole_y)]
    base = outline - unary_union([disc(1.1 * size, *p) for p in spots])
    builder.add("base", plate(base, 0, thick, 0.01), bracket.body)

    stand = plate(_wall(bracket.wall, width, height, off_x), 0, thick, 0.01)
    lift = [turn(np.pi / 2, X), shift(0, 0.004 - depth / 2 + thick, height / 2 + 0.5 * thick)]
    builder.add("wall", moved(stand, *lift), bracket.body)

    run, rise = depth * bracket.gussets.run, height * bracket.gussets.rise
    triangle = Polygon([(-0.01, -0.01), (run, -0.01), (run, 0.03), (0.03, rise), (-0.01, rise)])
    rib = prism(triangle, -0.4 * thick, 0.4 * thick)
    rib = moved(rib, turn(np.pi / 2, X), turn(np.pi / 2, (0.0, 0.0, 1.0)))
    offsets = [-0.22 * width, 0.22 * width] if bracket.gussets.paired else [0.0]
    for i, x in enumerate(offsets):
        builder.add(f"gusset_{i}", moved(rib, shift(x, -depth / 2 + thick, thick)), bracket.body)
    screw = machine_screw(size, thick + bracket.bolt_beyond, bracket.socket)
    washer = tube(1.05 * size, 2.2 * size, 0, 0.014, 0.003)
    for i, (x, y) in enumerate(spots):
        builder.add(f"washer_{i}", moved(washer, shift(x, y, thick)), bracket.washer_finish)
        builder.add(f"bolt_{i}", moved(screw, shift(x, y, thick + 0.014)), bracket.bolt_finish)
    return builder.build()


def _wall(wall: Wall, width: float, height: float, off_x: float) -> Polygon:
    """The upright plate, lying about the origin; round holes are at off_x on both sides."""
    top = disc(wall.hole, 0, 0.32 * height)
    if wall.slot is None:
        holes = [disc(0.045, -off_x, 0.1 * height), disc(0.045, off_x, 0.1 * height)]
        opening = unary_union(holes)
    else:
        opening = box(-0.3 * width, -0.001, 0.3 * width, 0.001).buffer(wall.slot)
    return oblong(width, height, wall.corner) - opening - top
