"""A V-belt pulley: grooved rim, web with holes, hub with screws, at times belts."""

from __future__ import annotations

import numpy as np
from shapely.geometry import Polygon
from shapely.ops import unary_union

from datagen.geometry.shape import Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.outlines import disc
from datagen.sources.builtin.parts import finishes
from datagen.sources.builtin.parts.machined import (
    bolt_circle,
    machine_screw,
    moved,
    prism,
    revolve,
    shift,
    tube,
)

EDGE = 0.022  # of the rim, on either side of the grooves


def make(rng: Rng) -> Shape:
    builder = ShapeBuilder()
    body, hub_finish = finishes.body(rng), finishes.fitting(rng)
    outer, grooves = rng.uniform(0.44, 0.5), int(rng.integers(1, 5))
    pitch, depth = rng.uniform(0.075, 0.11), rng.uniform(0.06, 0.09)
    flank = rng.uniform(0.2, 0.28)
    width = grooves * pitch + 2 * EDGE
    starts = [EDGE + i * pitch for i in range(grooves)]
    inside = outer - depth - rng.uniform(0.035, 0.05)
    builder.add("rim", _rim(inside, outer, depth, starts, pitch, flank), body)
    hub = rng.uniform(0.13, 0.17)
    bore = hub * rng.uniform(0.45, 0.6)
    builder.add("web", prism(_web(rng, hub, inside), 0.3 * width, 0.7 * width), body)
    top = width + rng.uniform(0.03, 0.1)
    builder.add("hub", tube(bore, hub, -0.02, top, 0.01), hub_finish)
    screw = machine_screw(0.2 * (hub - bore), 0.02, True)
    for i, (x, y) in enumerate(bolt_circle((hub + bore) / 2, int(rng.integers(2, 5)))):
        builder.add(f"bolt_{i}", moved(screw, shift(x, y, top - 0.002)), finishes.steel(rng))
    if rng.random() < 0.5:
        rubber = finishes.rubber(rng)
        for i, start in enumerate(starts):
            builder.add(f"belt_{i}", _belt(outer, depth, start, pitch), rubber)
    return builder.build()


def _rim(
    inside: float, outer: float, depth: float, starts: list[float], pitch: float, flank: float
) -> Mesh:
    width = EDGE + starts[-1] + pitch
    profile = [(inside, 0.0), (outer - 0.008, 0.0), (outer, 0.008)]
    for start in starts:
        profile += [
            (outer, start + 0.08 * pitch),
            (outer - depth, start + flank * pitch),
            (outer - depth, start + (1 - flank) * pitch),
            (outer, start + 0.92 * pitch),
        ]
    profile += [(outer, width - 0.008), (outer - 0.008, width), (inside, width)]
    return revolve(profile, 96)


def _web(rng: Rng, hub: float, inside: float) -> Polygon:
    count = int(rng.integers(4, 8))
    middle, room = (hub + inside) / 2, inside - hub
    size = min(0.4 * room, 0.75 * middle * np.sin(np.pi / count)) * rng.uniform(0.75, 1)
    holes = unary_union([disc(size, *at) for at in bolt_circle(middle, count)])
    return disc(inside + 0.008, steps=24) - disc(hub - 0.008) - holes


def _belt(outer: float, depth: float, start: float, pitch: float) -> Mesh:
    low, high = outer - 0.75 * depth, outer + 0.012
    section = [(low, 0.25), (high, 0.1), (high, 0.9), (low, 0.75)]
    return revolve([(radius, start + share * pitch) for radius, share in section], 96)
