"""A weld-neck flange: drilled disc, neck, sealing ring, bolts with nuts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder
from datagen.sources.builtin.drawn import Rng, real
from datagen.sources.builtin.edits import cut
from datagen.sources.builtin.outlines import disc
from datagen.sources.builtin.parts import finishes
from datagen.sources.builtin.parts.machined import (
    bolt_circle,
    hex_head,
    machine_screw,
    moved,
    prism,
    revolve,
    shift,
    tube,
)


@dataclass(frozen=True)
class Flange:
    """bolt: its radius; inset: of the bolts from the rim, in those; bolt_below: under the disc.

    wall, neck: thickness and height of the neck; foot: how much wider the neck begins.
    """

    body: Material
    bolt_finish: Material
    thick: float
    bore: float
    bolts: int
    bolt: float
    inset: float
    wall: float
    neck: float
    foot: float
    gasket: Material
    bolt_below: float
    socket: bool


def draw(rng: Rng) -> Flange:
    """Everything that makes one flange differ from another."""
    return Flange(
        body=finishes.body(rng),
        bolt_finish=finishes.fitting(rng),
        thick=real(rng, 0.08, 0.13),
        bore=real(rng, 0.14, 0.22),
        bolts=int(rng.choice([4, 6, 8, 10])),
        bolt=real(rng, 0.026, 0.036),
        inset=real(rng, 2.1, 2.5),
        wall=real(rng, 0.035, 0.05),
        neck=real(rng, 0.2, 0.42),
        foot=real(rng, 0.02, 0.08),
        gasket=finishes.rubber(rng),
        bolt_below=real(rng, 0.05, 0.1),
        socket=bool(rng.random() < 0.4),
    )


def make(flange: Flange) -> Shape:
    """The flange of these parameters."""
    builder = ShapeBuilder()
    body, bolt_finish = flange.body, flange.bolt_finish
    outer, thick, bore = 0.5, flange.thick, flange.bore
    size = min(flange.bolt, 0.5 * np.sin(np.pi / flange.bolts) * 0.3)
    circle = outer - flange.inset * size - 0.015
    wall, height = flange.wall, flange.neck
    foot = min(bore + wall + flange.foot, circle - 2.2 * size)
    holes = bolt_circle(circle, flange.bolts)
    blank = tube(bore, outer, 0, thick, 0.012)
    drills = [prism(disc(1.12 * size, x, y, steps=6), -0.1, thick + 0.1) for x, y in holes]
    builder.add("disc", cut(blank, *drills), body)
    neck = [
        (bore, thick - 0.01), (foot, thick - 0.01), (foot, thick + 0.02),
        (bore + wall, thick + 0.45 * height), (bore + wall, thick + height - 0.015),
        (bore + wall - 0.015, thick + height), (bore, thick + height),
    ]  # fmt: skip
    builder.add("neck", revolve(neck), body)
    gasket = tube(bore + 0.005, circle - 1.6 * size, -0.025, 0.005, 0.004)
    builder.add("gasket", gasket, flange.gasket)
    screw = machine_screw(size, thick + flange.bolt_below, flange.socket)
    nut = hex_head(1.75 * size, -1.6 * size, 0)
    for i, (x, y) in enumerate(holes):
        builder.add(f"bolt_{i}", moved(screw, shift(x, y, thick)), bolt_finish)
        builder.add(f"nut_{i}", moved(nut, shift(x, y)), bolt_finish)
    return builder.build()
