"""A pipe bend between two drilled flanges with gaskets and bolts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder
from datagen.sources.builtin.drawn import Rng, real
from datagen.sources.builtin.edits import cut
from datagen.sources.builtin.outlines import disc
from datagen.sources.builtin.parts import finishes
from datagen.sources.builtin.parts.machined import (
    X,
    Y,
    bolt_circle,
    machine_screw,
    moved,
    prism,
    shift,
    tube,
    turn,
)
from datagen.sources.builtin.paths import turns
from datagen.sources.builtin.solids import loft


@dataclass(frozen=True)
class PipeElbow:
    """inner, radius: of the pipe inside and of the bend; wall, collar: thickness of those.

    bolt: its radius; rim: how far a flange stands out, in those.
    """

    body: Material
    flange: Material
    fitting: Material
    angle: float
    inner: float
    radius: float
    wall: float
    bolts: int
    bolt: float
    rim: float
    thick: float
    collar: float
    gasket: Material


def draw(rng: Rng) -> PipeElbow:
    """Everything that makes one pipe elbow differ from another."""
    return PipeElbow(
        body=finishes.painted(rng),
        flange=finishes.steel(rng),
        fitting=finishes.fitting(rng),
        angle=real(rng, np.pi / 3, np.pi / 2),
        inner=real(rng, 0.1, 0.14),
        radius=real(rng, 0.4, 0.5),
        wall=real(rng, 0.02, 0.035),
        bolts=int(rng.choice([4, 6, 8])),
        bolt=real(rng, 0.018, 0.025),
        rim=real(rng, 4.5, 5.3),
        thick=real(rng, 0.045, 0.07),
        collar=real(rng, 0.01, 0.02),
        gasket=finishes.rubber(rng),
    )


def make(elbow: PipeElbow) -> Shape:
    """The pipe elbow of these parameters."""
    builder = ShapeBuilder()
    angle, inner, radius = elbow.angle, elbow.inner, elbow.radius
    outer = inner + elbow.wall
    builder.add("bend", _bend(inner, outer, radius, angle), elbow.body)
    count, size = elbow.bolts, elbow.bolt
    rim, thick = outer + elbow.rim * size, elbow.thick
    circle = (outer + rim) / 2
    spots = bolt_circle(circle, count, np.pi / count)
    drills = [prism(disc(1.1 * size, x, y, steps=6), -1, 1) for x, y in spots]
    plate = cut(tube(inner, rim, -thick, 0.004, 0.008), *drills)
    gasket = tube(inner, circle - 1.3 * size, -thick - 0.012, -thick + 0.002, 0.003)
    screw = moved(machine_screw(size, thick + 0.06, False), shift(0, 0, 0.002))
    lip = tube(outer - 0.004, outer + elbow.collar, -0.004, 0.05, 0.006)
    start = [shift(radius)]
    end = [turn(np.pi, X), shift(radius), turn(-angle, Y)]
    bolts = 0
    for i, way in enumerate((start, end)):
        builder.add(f"flange_{i}", moved(plate, *way), elbow.flange)
        builder.add(f"collar_{i}", moved(lip, *way), elbow.body)
        builder.add(f"gasket_{i}", moved(gasket, *way), elbow.gasket)
        for x, y in spots:
            builder.add(f"bolt_{bolts}", moved(screw, shift(x, y), *way), elbow.fitting)
            bolts += 1
    return builder.build()


def _bend(inner: float, outer: float, radius: float, angle: float) -> Mesh:
    """A hollow bend from (radius, 0, 0) upward, about the y axis through the origin."""
    along, around = np.linspace(0, angle, 20)[:, None], turns(40)
    walls = []
    for size in (outer, inner):
        away = radius + size * np.cos(around)
        y = np.broadcast_to(size * np.sin(around), (20, 40))
        walls.append(np.stack([away * np.cos(along), y, away * np.sin(along)], axis=-1))
    return loft(np.concatenate([walls[0], walls[1][::-1]]), closed=True)
