"""A gearbox housing: ribbed box on feet, side bosses with bores, bolted lid, filler plug."""

from __future__ import annotations

import numpy as np
from shapely.geometry import Polygon, box

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import Rng, ShapeBuilder
from datagen.sources.builtin.edits import cut, joined
from datagen.sources.builtin.outlines import oblong
from datagen.sources.builtin.parts import finishes
from datagen.sources.builtin.parts.machined import (
    X,
    bar,
    hex_head,
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
    body, lid, fitting = finishes.painted(rng), finishes.anodised(rng), finishes.fitting(rng)
    width, depth, height = rng.uniform(0.7, 0.95), rng.uniform(0.45, 0.65), rng.uniform(0.32, 0.5)
    corner, foot = rng.uniform(0.05, 0.1), rng.uniform(0.04, 0.06)
    outline = oblong(width, depth, corner)
    bore, boss = rng.uniform(0.06, 0.1), rng.uniform(0.13, 0.16)
    across, axis_z = rng.uniform(-0.2, 0.2) * width, foot + 0.48 * height
    lie = [turn(np.pi / 2, X), shift(across, 0, axis_z)]
    reach = depth / 2 + rng.uniform(0.04, 0.09)
    block = plate(outline, foot * 0.5, foot + height, 0.012)
    builder.add("box", cut(block, moved(bar(bore, -1, 1, 0.01), *lie)), body)
    for i, (low, high) in enumerate([(depth / 2 - 0.01, reach), (-reach, 0.01 - depth / 2)]):
        builder.add(f"boss_{i}", moved(tube(bore, boss, low, high, 0.01), *lie), body)
        proud = 0.012 if i == 0 else 0
        bush = tube(0.72 * bore, bore + 0.003, low, high + proud, 0.004)
        builder.add(f"bush_{i}", moved(bush, *lie), fitting)
    base = oblong(width + rng.uniform(0.1, 0.18), 0.9 * depth, 0.04)
    builder.add("base", plate(base, 0, foot, 0.01), body)
    _add_lid(builder, rng, outline, foot + height, lid, fitting)
    for i, y in enumerate(np.linspace(-0.3, 0.3, int(rng.integers(2, 5))) * depth):
        rib = box(-width / 2 - 0.035, y - 0.012, width / 2 + 0.035, y + 0.012)
        builder.add(f"rib_{i}", prism(rib, foot - 0.005, foot + 0.8 * height), body)
    return builder.build()


def _add_lid(
    builder: ShapeBuilder, rng: Rng, outline: Polygon, top: float, lid: Material, fitting: Material
) -> None:
    """The lid on its gasket, with its bolts and the filler plug."""
    _, _, half_width, half_depth = outline.bounds
    thick, inset = rng.uniform(0.03, 0.05), rng.uniform(0.055, 0.07)
    overhang = outline.buffer(rng.uniform(0.01, 0.03))
    gasket = prism(outline.buffer(0.004), top - 0.004, top + 0.01)
    builder.add("gasket", gasket, finishes.rubber(rng))
    builder.add("lid", plate(overhang, top + 0.008, top + thick, 0.008), lid)
    along = int(rng.integers(2, 5))
    screw = machine_screw(rng.uniform(0.017, 0.024), 0.02, bool(rng.random() < 0.5))
    rows = np.linspace(inset - half_width, half_width - inset, along)
    spots = [(x, y) for x in rows for y in (inset - half_depth, half_depth - inset)]
    for i, (x, y) in enumerate(spots):
        builder.add(f"bolt_{i}", moved(screw, shift(x, y, top + thick)), fitting)
    flats = hex_head(0.045, 0.025, rng.uniform(0.06, 0.09))
    plug = joined([bar(0.06, 0, 0.03, 0.006), flats])
    side = rng.uniform(-0.2, 0.2) * 2 * half_width
    builder.add("plug", moved(plug, shift(side, 0, top + thick - 0.002)), fitting)
