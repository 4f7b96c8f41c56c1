"""An L bracket: drilled base, slotted wall, gussets, bolts on washers."""

from __future__ import annotations

import numpy as np
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from datagen.geometry.shape import Shape
from datagen.sources.builtin.builder import Rng, ShapeBuilder
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


def make(rng: Rng) -> Shape:
    builder = ShapeBuilder()
    body, bolt_material, washer_material = (
        finishes.body(rng),
        finishes.fitting(rng),
        finishes.steel(rng),
    )
    width, depth = rng.uniform(0.45, 0.8), rng.uniform(0.5, 0.75)
    height, thick = rng.uniform(0.5, 0.85), rng.uniform(0.05, 0.09)
    size = rng.uniform(0.028, 0.042)
    off_x, hole_y = width / 2 - 0.1, depth / 2 - rng.uniform(0.1, 0.14)
    outline = oblong(width, depth, rng.uniform(0.03, 0.07))
    spots = [(-off_x, hole_y), (off_x, hole_y)]
    base = outline - unary_union([disc(1.1 * size, *p) for p in spots])
    builder.add("base", plate(base, 0, thick, 0.01), body)

    wall = oblong(width, height, rng.uniform(0.03, 0.12))
    slot = box(-0.3 * width, -0.001, 0.3 * width, 0.001).buffer(rng.uniform(0.03, 0.05))
    top = disc(rng.uniform(0.04, 0.06), 0, 0.32 * height)
    if rng.random() < 0.5:
        slot = unary_union([disc(0.045, -off_x, 0.1 * height), disc(0.045, off_x, 0.1 * height)])
    stand = plate(wall - slot - top, 0, thick, 0.01)
    lift = [turn(np.pi / 2, X), shift(0, 0.004 - depth / 2 + thick, height / 2 + 0.5 * thick)]
    builder.add("wall", moved(stand, *lift), body)

    run, rise = depth * rng.uniform(0.5, 0.7), height * rng.uniform(0.35, 0.5)
    triangle = Polygon([(-0.01, -0.01), (run, -0.01), (run, 0.03), (0.03, rise), (-0.01, rise)])
    rib = prism(triangle, -0.4 * thick, 0.4 * thick)
    rib = moved(rib, turn(np.pi / 2, X), turn(np.pi / 2, (0.0, 0.0, 1.0)))
    places = [0.0] if rng.random() < 0.5 else [-0.22 * width, 0.22 * width]
    for i, x in enumerate(places):
        builder.add(f"gusset_{i}", moved(rib, shift(x, -depth / 2 + thick, thick)), body)
    screw = machine_screw(size, thick + rng.uniform(0.02, 0.08), bool(rng.random() < 0.5))
    washer = tube(1.05 * size, 2.2 * size, 0, 0.014, 0.003)
    for i, (x, y) in enumerate(spots):
        builder.add(f"washer_{i}", moved(washer, shift(x, y, thick)), washer_material)
        builder.add(f"bolt_{i}", moved(screw, shift(x, y, thick + 0.014)), bolt_material)
    return builder.build()
