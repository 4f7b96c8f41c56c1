"""A V-belt pulley: grooved rim, web with holes, hub with screws, at times belts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.geometry import Polygon
from shapely.ops import unary_union

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder
from datagen.sources.builtin.drawn import Rng, real, whole
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


@dataclass(frozen=True)
class Pulley:
    """flank: where a groove's floor begins, of the pitch; depth: of a groove; wall: under it.

    bore: of the hub's radius; hole: of the largest that fits; collar: how far the hub stands out;
    bolts: a finish each.
    """

    body: Material
    hub_finish: Material
    outer: float
    grooves: int
    pitch: float
    depth: float
    flank: float
    wall: float
    hub: float
    bore: float
    holes: int
    hole: float
    collar: float
    bolts: tuple[Material, ...]
    belt: Material | None


def draw(rng: Rng) -> Pulley:
    """Everything that makes one pulley differ from another."""
    return Pulley(
        body=finishes.body(rng),
        hub_finish=finishes.fitting(rng),
        outer=real(rng, 0.44, 0.5),
        grooves=whole(rng, 1, 4),
        pitch=real(rng, 0.075, 0.11),
        depth=real(rng, 0.06, 0.09),
        flank=real(rng, 0.2, 0.28),
        wall=real(rng, 0.035, 0.05),
        hub=real(rng, 0.13, 0.17),
        bore=real(rng, 0.45, 0.6),
        holes=whole(rng, 4, 7),
        hole=real(rng, 0.75, 1),
        collar=real(rng, 0.03, 0.1),
        bolts=tuple(finishes.steel(rng) for _ in range(rng.integers(2, 5))),
        belt=finishes.rubber(rng) if rng.random() < 0.5 else None,
    )


def make(pulley: Pulley) -> Shape:
    """The pulley of these parameters."""
    builder = ShapeBuilder()
    outer, pitch, depth = pulley.outer, pulley.pitch, pulley.depth
    width = pulley.grooves * pitch + 2 * EDGE
    starts = [EDGE + i * pitch for i in range(pulley.grooves)]
    inside = outer - depth - pulley.wall
    builder.add("rim", _rim(inside, outer, depth, starts, pitch, pulley.flank), pulley.body)
    hub = pulley.hub
    bore = hub * pulley.bore
    web = _web(pulley.holes, pulley.hole, hub, inside)
    builder.add("web", prism(web, 0.3 * width, 0.7 * width), pulley.body)
    top = width + pulley.collar
    builder.add("hub", tube(bore, hub, -0.02, top, 0.01), pulley.hub_finish)
    screw = machine_screw(0.2 * (hub - bore), 0.02, True)
    spots = bolt_circle((hub + bore) / 2, len(pulley.bolts))
    for i, ((x, y), finish) in enumerate(zip(spots, pulley.bolts, strict=True)):
        builder.add(f"bolt_{i}", moved(screw, shift(x, y, top - 0.002)), finish)
    if pulley.belt is not None:
        for i, start in enumerate(starts):
            builder.add(f"belt_{i}", _belt(outer, depth, start, pitch), pulley.belt)
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


def _web(count: int, hole: float, hub: float, inside: float) -> Polygon:
    middle, room = (hub + inside) / 2, inside - hub
    size = min(0.4 * room, 0.75 * middle * np.sin(np.pi / count)) * hole
    holes = unary_union([disc(size, *at) for at in bolt_circle(middle, count)])
    return disc(inside + 0.008, steps=24) - disc(hub - 0.008) - holes


def _belt(outer: float, depth: float, start: float, pitch: float) -> Mesh:
    low, high = outer - 0.75 * depth, outer + 0.012
    section = [(low, 0.25), (high, 0.1), (high, 0.9), (low, 0.75)]
    return revolve([(radius, start + share * pitch) for radius, share in section], 96)
