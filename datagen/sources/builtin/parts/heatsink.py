"""A finned heat sink on a base, with heat pipes and corner bolts."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Shape
from datagen.sources.builtin.builder import Rng, ShapeBuilder
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


def make(rng: Rng) -> Shape:
    builder = ShapeBuilder()
    fin_material, base_material, bolt_material = (
        finishes.anodised(rng),
        finishes.steel(rng),
        finishes.black_oxide(rng),
    )
    width, depth = rng.uniform(0.75, 0.95), rng.uniform(0.6, 0.85)
    thick, height = rng.uniform(0.06, 0.1), rng.uniform(0.25, 0.5)
    fins, half = int(rng.integers(7, 15)), rng.uniform(0.008, 0.014)
    margin, crown = rng.uniform(0.1, 0.13), rng.uniform(-0.25, 0.25)
    base = oblong(width, depth, rng.uniform(0.02, 0.05))
    builder.add("base", plate(base, 0, thick, 0.01), base_material)
    at = np.linspace(margin - width / 2, width / 2 - margin, fins)
    tops = thick + height * (1 - np.abs(crown) + crown * np.cos(np.pi * at / width))
    for i, (x, top) in enumerate(zip(at, tops, strict=True)):
        fin = oblong(2 * half, depth - 0.03, 0.4 * half)
        low = thick - 0.005
        mesh = plate(fin, low, top, 0.3 * half)
        builder.add(f"fin_{i}", moved(mesh, shift(x)), fin_material)
    copper, size = finishes.copper(rng), rng.uniform(0.025, 0.035)
    level = thick + rng.uniform(0.35, 0.55) * float(tops.min() - thick)
    pipe = moved(bar(size, -width / 2, width / 2, 0.01, 32), turn(np.pi / 2, Y))
    pipes = int(rng.integers(1, 4))
    for i, y in enumerate((np.arange(pipes) - (pipes - 1) / 2) * depth / 4):
        builder.add(f"pipe_{i}", moved(pipe, shift(0, y, level)), copper)
    screw = machine_screw(rng.uniform(0.018, 0.022), thick + 0.03, bool(rng.random() < 0.5))
    spots = [(sx * (width / 2 - 0.05), sy * (depth / 2 - 0.06)) for sx in (-1, 1) for sy in (-1, 1)]
    for i, (x, y) in enumerate(spots):
        builder.add(f"bolt_{i}", moved(screw, shift(x, y, thick)), bolt_material)
    return builder.build()
