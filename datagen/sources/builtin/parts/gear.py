"""A spur gear: toothed rim, web with holes or spokes, hub with keyway, bolts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from shapely.affinity import rotate
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder
from datagen.sources.builtin.drawn import Rng, real, whole
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


@dataclass(frozen=True)
class Gear:
    """slant: of the flanks, in pitches. rim, hub: wall of the rim, radius of the hub.

    bore: of the hub's radius; dish: how deep the web lies on both sides, of the thickness; collar:
    how far the hub stands out. openings: holes or windows; hole: of the largest that fits, None for
    windows between spokes, of which spoke is half the width.
    """

    body: Material
    hub_finish: Material
    bolt_finish: Material
    teeth: int
    thick: float
    slant: float
    rim: float
    hub: float
    bore: float
    openings: int
    hole: float | None
    spoke: float | None
    dish: float
    collar: float
    slotted: bool


def draw(rng: Rng) -> Gear:
    """Everything that makes one gear differ from another."""
    drawn: dict[str, Any] = {
        "body": finishes.body(rng),
        "hub_finish": finishes.fitting(rng),
        "bolt_finish": finishes.steel(rng),
        "teeth": whole(rng, 14, 36),
        "thick": real(rng, 0.12, 0.24),
        "slant": real(rng, 0.1, 0.15),
        "rim": real(rng, 0.03, 0.06),
        "hub": real(rng, 0.14, 0.19),
        "bore": real(rng, 0.42, 0.58),
        "openings": whole(rng, 4, 7),
    }
    holes = bool(rng.random() < 0.5)
    return Gear(
        **drawn,
        hole=real(rng, 0.75, 1) if holes else None,
        spoke=None if holes else real(rng, 0.025, 0.045),
        dish=real(rng, 0.2, 0.34),
        collar=real(rng, 0.02, 0.14),
        slotted=bool(rng.random() < 0.5),
    )


def make(gear: Gear) -> Shape:
    """The gear of these parameters."""
    builder = ShapeBuilder()
    thick = gear.thick
    outline, root = _outline(gear.teeth, gear.slant)
    rim, hub = root - gear.rim, gear.hub
    bore = hub * gear.bore
    blank = bar(OUTER + 0.001, 0, thick, 0.015, 96)
    toothed = prism(outline - disc(rim, steps=24), 0, thick)
    builder.add("teeth", common(toothed, blank), gear.body)
    dish = thick * gear.dish
    builder.add("web", prism(_web(gear, hub, rim), dish, thick - dish), gear.body)
    top = thick + gear.collar
    builder.add("hub", _hub(hub, bore, top), gear.hub_finish)
    screw = machine_screw(0.16 * (hub - 1.3 * bore) + 0.006, 0.03, gear.slotted)
    for i, (x, y) in enumerate(bolt_circle((hub + 1.2 * bore) / 2, 4, np.pi / 4)):
        builder.add(f"bolt_{i}", moved(screw, shift(x, y, top)), gear.bolt_finish)
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


def _web(gear: Gear, hub: float, rim: float) -> Polygon:
    """The disc between hub and rim, with round holes or with spokes."""
    web = disc(rim + 0.01, steps=24) - disc(hub - 0.01)
    count = gear.openings
    middle, width = (rim + hub) / 2, rim - hub
    if gear.hole is not None:
        limit = min(0.38 * width, 0.75 * middle * np.sin(np.pi / count))
        size = limit * gear.hole
        return web - unary_union([disc(size, *at) for at in bolt_circle(middle, count)])
    assert gear.spoke is not None
    window = disc(rim - 0.015, steps=24) - disc(hub + 0.03)
    spoke = box(0, -gear.spoke, 1, gear.spoke)
    angles = np.degrees(np.arange(count) * 2 * np.pi / count)
    spokes = unary_union([rotate(spoke, angle, origin=(0, 0)) for angle in angles])
    return web - (window - spokes).buffer(-0.015).buffer(0.015)


def _hub(radius: float, bore: float, top: float) -> Mesh:
    """A bored cylinder with a keyway."""
    key = box(0, -0.25 * bore, 1.3 * bore, 0.25 * bore)
    drill = prism(disc(bore, steps=16) | key, -0.1, top + 0.1)
    return cut(bar(radius, 0, top, 0.012, 64), drill)
