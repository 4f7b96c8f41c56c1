"""A weld-neck flange: drilled disc, neck, sealing ring, bolts with nuts."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Shape
from datagen.sources.builtin.builder import Rng, ShapeBuilder
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


def make(rng: Rng) -> Shape:
    builder = ShapeBuilder()
    body, bolt_material = finishes.body(rng), finishes.fitting(rng)
    outer, thick = 0.5, rng.uniform(0.08, 0.13)
    bore, count = rng.uniform(0.14, 0.22), int(rng.choice([4, 6, 8, 10]))
    size = min(rng.uniform(0.026, 0.036), 0.5 * np.sin(np.pi / count) * 0.3)
    circle = outer - rng.uniform(2.1, 2.5) * size - 0.015
    wall, height = rng.uniform(0.035, 0.05), rng.uniform(0.2, 0.42)
    foot = min(bore + wall + rng.uniform(0.02, 0.08), circle - 2.2 * size)
    holes = bolt_circle(circle, count)
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
    builder.add("gasket", gasket, finishes.rubber(rng))
    below = rng.uniform(0.05, 0.1)
    screw = machine_screw(size, thick + below, bool(rng.random() < 0.4))
    nut = hex_head(1.75 * size, -1.6 * size, 0)
    for i, (x, y) in enumerate(holes):
        builder.add(f"bolt_{i}", moved(screw, shift(x, y, thick)), bolt_material)
        builder.add(f"nut_{i}", moved(nut, shift(x, y)), bolt_material)
    return builder.build()
