"""A finned heat sink on a base, with heat pipes and corner bolts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder
from datagen.sources.builtin.drawn import Rng, real, whole
from datagen.sources.builtin.outlines import oblong
from datagen.sources.builtin.parts import finishes
from datagen.sources.builtin.parts.machined import (
    Y,
    bar,
    machine_screw,
    moved,
    plate,
    shift,
    turn,
)


@dataclass(frozen=True)
class Heatsink:
    """thick: of the base; height: of the fins above it, at most; crown: how much higher the middle.

    crown and level, the pipes' height above the base, are of the fins' height; fin: half its
    thickness; margin: from the outer fins to the base's edge; pipe, bolt: radii.
    """

    fin_finish: Material
    base_finish: Material
    bolt_finish: Material
    width: float
    depth: float
    thick: float
    height: float
    fins: int
    fin: float
    margin: float
    crown: float
    corner: float
    copper: Material
    pipe: float
    level: float
    pipes: int
    bolt: float
    socket: bool


def draw(rng: Rng) -> Heatsink:
    """Everything that makes one heatsink differ from another."""
    return Heatsink(
        fin_finish=finishes.anodised(rng),
        base_finish=finishes.steel(rng),
        bolt_finish=finishes.black_oxide(rng),
        width=real(rng, 0.75, 0.95),
        depth=real(rng, 0.6, 0.85),
        thick=real(rng, 0.06, 0.1),
        height=real(rng, 0.25, 0.5),
        fins=whole(rng, 7, 14),
        fin=real(rng, 0.008, 0.014),
        margin=real(rng, 0.1, 0.13),
        crown=real(rng, -0.25, 0.25),
        corner=real(rng, 0.02, 0.05),
        copper=finishes.copper(rng),
        pipe=real(rng, 0.025, 0.035),
        level=real(rng, 0.35, 0.55),
        pipes=whole(rng, 1, 3),
        bolt=real(rng, 0.018, 0.022),
        socket=bool(rng.random() < 0.5),
    )


def make(heatsink: Heatsink) -> Shape:
    """The heatsink of these parameters."""
    builder = ShapeBuilder()
    width, depth, thick = heatsink.width, heatsink.depth, heatsink.thick
    half, margin, crown = heatsink.fin, heatsink.margin, heatsink.crown
    base = oblong(width, depth, heatsink.corner)
    builder.add("base", plate(base, 0, thick, 0.01), heatsink.base_finish)
    at = np.linspace(margin - width / 2, width / 2 - margin, heatsink.fins)
    tops = thick + heatsink.height * (1 - np.abs(crown) + crown * np.cos(np.pi * at / width))
    for i, (x, top) in enumerate(zip(at, tops, strict=True)):
        fin = oblong(2 * half, depth - 0.03, 0.4 * half)
        low = thick - 0.005
        mesh = plate(fin, low, top, 0.3 * half)
        builder.add(f"fin_{i}", moved(mesh, shift(x)), heatsink.fin_finish)
    level = thick + heatsink.level * float(tops.min() - thick)
    pipe = moved(bar(heatsink.pipe, -width / 2, width / 2, 0.01, 32), turn(np.pi / 2, Y))
    for i, y in enumerate((np.arange(heatsink.pipes) - (heatsink.pipes - 1) / 2) * depth / 4):
        builder.add(f"pipe_{i}", moved(pipe, shift(0, y, level)), heatsink.copper)
    screw = machine_screw(heatsink.bolt, thick + 0.03, heatsink.socket)
    spots = [(sx * (width / 2 - 0.05), sy * (depth / 2 - 0.06)) for sx in (-1, 1) for sy in (-1, 1)]
    for i, (x, y) in enumerate(spots):
        builder.add(f"bolt_{i}", moved(screw, shift(x, y, thick)), heatsink.bolt_finish)
    return builder.build()
