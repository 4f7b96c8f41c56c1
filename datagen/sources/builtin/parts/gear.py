"""A spur gear: toothed rim, web with holes or spokes, hub with keyway, bolts."""

from __future__ import annotations

import numpy as np
from shapely.affinity import rotate
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from datagen.geometry.shape import Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.edits import common, cut
from datagen.sources.builtin.outlines import disc
from datagen.sources.builtin.parts import finishes
from datagen.sources.builtin.parts.machined import (
    bar,
    bolt_circle,
    machine_screw,
    moved,
    prism,
    shift,
)

OUTER = 0.5


def make(rng: Rng) -> Shape:
    builder = ShapeBuilder()
    body, hub_finish, bolt_finish = finishes.body(rng), finishes.fitting(rng), finishes.steel(rng)
    teeth = int(rng.integers(14, 37))
    thick = rng.uniform(0.12, 0.24)
    outline, root = _outline(teeth, rng.uniform(0.1, 0.15))
    rim, hub = root - rng.uniform(0.03, 0.06), rng.uniform(0.14, 0.19)
    bore = hub * rng.uniform(0.42, 0.58)
    blank = bar(OUTER + 0.001, 0, thick, 0.015, 96)
    toothed = prism(outline - disc(rim, steps=24), 0, thick)
    builder.add("teeth", common(toothed, blank), body)
    web = _web(rng, hub, rim)
    dish = thick * rng.uniform(0.2, 0.34)
    builder.add("web", prism(web, dish, thick - dish), body)
    top = thick + rng.uniform(0.02, 0.14)
    builder.add("hub", _hub(hub, bore, top), hub_finish)
    screw = machine_screw(0.16 * (hub - 1.3 * bore) + 0.006, 0.03, bool(rng.random() < 0.5))
    for i, (x, y) in enumerate(bolt_circle((hub + 1.2 * bore) / 2, 4, np.pi / 4)):
        builder.add(f"bolt_{i}", moved(screw, shift(x, y, top)), bolt_finish)
    return builder.build()


def _outline(teeth: int, slant: float) -> tuple[Polygon, float]:
    """The toothed outline and its root radius."""
    module = 2 * OUTER / (teeth + 2)
    root = OUTER - 2.2 * module
    flank = [(-0.32, root), (-0.25, OUTER - module), (-slant, OUTER)]
    tooth = flank + [(-turn, radius) for turn, radius in reversed(flank)]
    pitch = 2 * np.pi / teeth
    angle = (np.arange(teeth)[:, None] + [turn for turn, _ in tooth]).ravel() * pitch
    radius = np.tile([radius for _, radius in tooth], teeth)
    return Polygon(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])), root


def _web(rng: Rng, hub: float, rim: float) -> Polygon:
    """The disc between hub and rim, with round holes or with spokes."""
    web = disc(rim + 0.01, steps=24) - disc(hub - 0.01)
    count = int(rng.integers(4, 8))
    middle, width = (rim + hub) / 2, rim - hub
    if rng.random() < 0.5:
        limit = min(0.38 * width, 0.75 * middle * np.sin(np.pi / count))
        size = limit * rng.uniform(0.75, 1)
        return web - unary_union([disc(size, *at) for at in bolt_circle(middle, count)])
    window = disc(rim - 0.015, steps=24) - disc(hub + 0.03)
    half = rng.uniform(0.025, 0.045)
    spoke = box(0, -half, 1, half)
    angles = np.degrees(np.arange(count) * 2 * np.pi / count)
    spokes = unary_union([rotate(spoke, angle, origin=(0, 0)) for angle in angles])
    return web - (window - spokes).buffer(-0.015).buffer(0.015)


def _hub(radius: float, bore: float, top: float) -> Mesh:
    """A bored cylinder with a keyway."""
    key = box(0, -0.25 * bore, 1.3 * bore, 0.25 * bore)
    drill = prism(disc(bore, steps=16) | key, -0.1, top + 0.1)
    return cut(bar(radius, 0, top, 0.012, 64), drill)
