"""What the toy vehicles, all looking towards x, have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Material
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, Vector
from datagen.sources.builtin.drawn import Rng, whole
from datagen.sources.builtin.edits import place
from datagen.sources.builtin.paints import plain, rubber
from datagen.sources.builtin.paths import fillet, turns
from datagen.sources.builtin.solids import blob, lathe, rod

SIDES = ((-1, "right"), (1, "left"))
QUARTER = np.pi / 2
HEADLIGHT = plain("headlight", (0.88, 0.8, 0.5), 0.15)
TAIL_LIGHT = plain("tail light", (0.5, 0.01, 0.01), 0.2)
BLACK = plain("black trim", (0.025, 0.025, 0.028), 0.5)


def knob(radius: float, low: float, high: float, at: Vector, bevel: float = 0.006) -> Mesh:
    """A cylinder along x from low to high about a point."""
    return place(rod(radius, low, high, bevel), at, ry=QUARTER)


def add_wheel(
    toy: ShapeBuilder,
    name: str,
    at: Vector,
    radius: float,
    width: float,
    tyre: Material,
    hub: Material,
    bolts: int = 5,
) -> None:
    """Add a wheel on a y axle, its outer face away from y = 0, with rim and bolts."""
    half, side = width / 2, (-1 if at[1] < 0 else 1)
    turn = -QUARTER * side
    tread = [(0.5, -1), (0.9, -1), (1, -0.6), (1, 0.6), (0.9, 1), (0.62, 1), (0.5, 0.6)]
    rows = np.array(tread) * [radius, half]
    rim = lathe(fillet(rows, radius * 0.1, 2, closed=True))
    toy.add(name, place(rim, at, rx=turn), tyre)
    dish = [
        (0, -0.9),
        (0.58, -0.9),
        (0.58, 0.75),
        (0.45, 0.55),
        (0.24, 0.6),
        (0.18, 1.1),
        (0, 1.12),
    ]
    core = lathe(fillet(np.array(dish) * [radius, half], radius * 0.06, 2))
    toy.add(name, place(core, at, rx=turn), hub)
    for a in turns(bolts):
        spot = (0.33 * radius * np.cos(a), 0.33 * radius * np.sin(a), half * 0.6)
        toy.add(name, place(blob(radius * 0.055, spot), at, rx=turn), tyre)


@dataclass(frozen=True)
class Wheels:
    """What four wheels have in common; bolts: of each."""

    hub: Material
    tyre: Material
    bolts: int


def draw_wheels(rng: Rng, hub: Material) -> Wheels:
    """Wheels with hubs of this material."""
    return Wheels(hub, tyre=rubber(rng), bolts=whole(rng, 4, 7))


def add_wheels(
    toy: ShapeBuilder,
    wheels: Wheels,
    xs: Sequence[float],
    y: float,
    radius: float,
    width: float,
) -> None:
    """Add a rear and a front pair of wheels on their axles."""
    tyre, hub, bolts = wheels.tyre, wheels.hub, wheels.bolts
    for x, name in zip(xs, ("rear", "front"), strict=True):
        for side, way in SIDES:
            at = (x, side * y, radius)
            add_wheel(toy, f"{name} {way} wheel", at, radius, width, tyre, hub, bolts)
        axle = rod(radius * 0.25, -y, y)
        toy.add("axles", place(axle, (x, 0, radius), rx=QUARTER), tyre)
