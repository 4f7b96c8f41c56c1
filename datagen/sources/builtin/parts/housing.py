"""A gearbox housing: ribbed box on feet, side bosses with bores, bolted lid, filler plug."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.geometry import Polygon, box

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder
from datagen.sources.builtin.drawn import Rng, real, whole
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


@dataclass(frozen=True)
class Lid:
    """inset: of the bolts from the box's edge; along: bolts on each side; bolt: its radius.

    plug_top: the filler plug's height; plug_across: where it is, of the box's width.
    """

    thick: float
    inset: float
    overhang: float
    gasket: Material
    along: int
    bolt: float
    socket: bool
    plug_top: float
    plug_across: float


@dataclass(frozen=True)
class Housing:
    """bore, boss: radii; across: where they are, of the width; boss_out: how far the bosses stand
    out. foot: the base's height; base_wider: than the box.
    """

    body: Material
    lid_finish: Material
    fitting: Material
    width: float
    depth: float
    height: float
    corner: float
    foot: float
    bore: float
    boss: float
    across: float
    boss_out: float
    base_wider: float
    lid: Lid
    ribs: int


def draw(rng: Rng) -> Housing:
    """Everything that makes one housing differ from another."""
    return Housing(
        body=finishes.painted(rng),
        lid_finish=finishes.anodised(rng),
        fitting=finishes.fitting(rng),
        width=real(rng, 0.7, 0.95),
        depth=real(rng, 0.45, 0.65),
        height=real(rng, 0.32, 0.5),
        corner=real(rng, 0.05, 0.1),
        foot=real(rng, 0.04, 0.06),
        bore=real(rng, 0.06, 0.1),
        boss=real(rng, 0.13, 0.16),
        across=real(rng, -0.2, 0.2),
        boss_out=real(rng, 0.04, 0.09),
        base_wider=real(rng, 0.1, 0.18),
        lid=_draw_lid(rng),
        ribs=whole(rng, 2, 4),
    )


def _draw_lid(rng: Rng) -> Lid:
    return Lid(
        thick=real(rng, 0.03, 0.05),
        inset=real(rng, 0.055, 0.07),
        overhang=real(rng, 0.01, 0.03),
        gasket=finishes.rubber(rng),
        along=whole(rng, 2, 4),
        bolt=real(rng, 0.017, 0.024),
        socket=bool(rng.random() < 0.5),
        plug_top=real(rng, 0.06, 0.09),
        plug_across=real(rng, -0.2, 0.2),
    )


def make(housing: Housing) -> Shape:
    """The housing of these parameters."""
    builder = ShapeBuilder()
    body, fitting = housing.body, housing.fitting
    width, depth, height = housing.width, housing.depth, housing.height
    foot, bore = housing.foot, housing.bore
    outline = oblong(width, depth, housing.corner)
    across, axis_z = housing.across * width, foot + 0.48 * height
    lie = [turn(np.pi / 2, X), shift(across, 0, axis_z)]
    reach = depth / 2 + housing.boss_out
    block = plate(outline, foot * 0.5, foot + height, 0.012)
    builder.add("box", cut(block, moved(bar(bore, -1, 1, 0.01), *lie)), body)
    for i, (low, high) in enumerate([(depth / 2 - 0.01, reach), (-reach, 0.01 - depth / 2)]):
        builder.add(f"boss_{i}", moved(tube(bore, housing.boss, low, high, 0.01), *lie), body)
        proud = 0.012 if i == 0 else 0
        bush = tube(0.72 * bore, bore + 0.003, low, high + proud, 0.004)
        builder.add(f"bush_{i}", moved(bush, *lie), fitting)
    base = oblong(width + housing.base_wider, 0.9 * depth, 0.04)
    builder.add("base", plate(base, 0, foot, 0.01), body)
    _add_lid(builder, housing, outline)
    for i, y in enumerate(np.linspace(-0.3, 0.3, housing.ribs) * depth):
        rib = box(-width / 2 - 0.035, y - 0.012, width / 2 + 0.035, y + 0.012)
        builder.add(f"rib_{i}", prism(rib, foot - 0.005, foot + 0.8 * height), body)
    return builder.build()


def _add_lid(builder: ShapeBuilder, housing: Housing, outline: Polygon) -> None:
    """The lid on its gasket, with its bolts and the filler plug."""
    lid, fitting, top = housing.lid, housing.fitting, housing.foot + housing.height
    _, _, half_width, half_depth = outline.bounds
    thick, inset = lid.thick, lid.inset
    gasket = prism(outline.buffer(0.004), top - 0.004, top + 0.01)
    builder.add("gasket", gasket, lid.gasket)
    cover = plate(outline.buffer(lid.overhang), top + 0.008, top + thick, 0.008)
    builder.add("lid", cover, housing.lid_finish)
    screw = machine_screw(lid.bolt, 0.02, lid.socket)
    rows = np.linspace(inset - half_width, half_width - inset, lid.along)
    spots = [(x, y) for x in rows for y in (inset - half_depth, half_depth - inset)]
    for i, (x, y) in enumerate(spots):
        builder.add(f"bolt_{i}", moved(screw, shift(x, y, top + thick)), fitting)
    flats = hex_head(0.045, 0.025, lid.plug_top)
    plug = joined([bar(0.06, 0, 0.03, 0.006), flats])
    side = lid.plug_across * 2 * half_width
    builder.add("plug", moved(plug, shift(side, 0, top + thick - 0.002)), fitting)
