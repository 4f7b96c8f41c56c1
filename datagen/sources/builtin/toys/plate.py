"""A plate, at times scalloped, plain or decorated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real, whole
from datagen.sources.builtin.edits import place, warp
from datagen.sources.builtin.paints import paints, plain
from datagen.sources.builtin.paths import curve, fillet, turns
from datagen.sources.builtin.solids import blob, extrude, lathe, ring, rod
from datagen.sources.builtin.toys.pottery import Emblem, draw_emblem, emblem_outline

R = 0.5


@dataclass(frozen=True)
class Rim:
    """The wide rim round the well, rising outwards, its edge wavy with scallops.

    deep: how much the scallops widen the edge, of its radius.
    """

    well: float
    rise: float
    thick: float
    scallops: int
    deep: float

    def line(self) -> Floats:
        """(radius, z) of the underside."""
        well, rise = self.well, self.rise
        low = [(well - 0.02, 0.03), (well + 0.03, 0.03 + rise * 0.45)]
        return curve([*low, (R - 0.05, 0.03 + rise * 0.85), (R, 0.03 + rise)], 20)

    def top(self, radius: float) -> float:
        """Height of the upper side."""
        line = self.line()
        above = np.interp(radius, line[:, 0] - 0.2 * self.thick, line[:, 1] + self.thick)
        return float(above)

    def scalloped(self, mesh: Mesh) -> Mesh:
        """The mesh with the rim's scallops."""
        if not self.scallops:
            return mesh

        def change(p: Floats) -> Floats:
            reach, angle = np.hypot(p[:, 0], p[:, 1]), np.arctan2(p[:, 1], p[:, 0])
            far = np.clip((reach - self.well) / (R - self.well), 0, 1) ** 1.5
            size = 1 + self.deep * far * np.abs(np.cos(self.scallops / 2 * angle))
            result: Floats = p * np.column_stack([size, size, np.ones(len(p))])
            return result

        return warp(mesh, change)

    def mesh(self) -> Mesh:
        """The plate's rim as a closed solid."""
        line, t, high = self.line(), self.thick, 0.03 + self.rise
        edge = [(R + t * 0.3, high + t * 0.4), (R + t * 0.1, high + t * 0.9)]
        return self.scalloped(
            lathe(np.concatenate([line, edge, (line + [-0.2 * t, t])[::-1]]), 144)
        )

    def stripe(self, middle: float, half: float) -> Mesh:
        """A painted line round the rim."""
        radii = np.linspace(middle - half, middle + half, 6)
        z = np.array([self.top(radius) for radius in radii])
        swell = np.column_stack([radii, z + 0.006])
        swell[[0, -1], 1] -= 0.004
        under = np.column_stack([radii, z - self.thick * 0.5])[::-1]
        return self.scalloped(lathe(np.concatenate([swell, under]), 144))


@dataclass(frozen=True)
class RimLine:
    """Painted round the rim: the radius of its middle, and half its width."""

    middle: float
    half: float


@dataclass(frozen=True)
class Target:
    """A painted ring and a disc in it: their radii, of the well's."""

    ring: float
    centre: float


@dataclass(frozen=True)
class Plate:
    """lines: none, one at the edge, or an inner one as well; dots: so many on the rim.

    Of dots, emblem and target there is one at most.
    """

    glaze: Material
    first: Material
    second: Material
    rim: Rim
    lines: tuple[RimLine, ...]
    dots: int
    emblem: Emblem | None
    target: Target | None
    size: float


def draw(rng: Rng) -> Plate:
    """Everything that makes one plate differ from another."""
    glaze, first, second = paints(rng, 3, "glaze", 0.2)
    if chance(rng, 0.5):
        glaze = plain("white glaze", (0.84, 0.83, 0.79), 0.18)
    well, rise, thick = real(rng, 0.29, 0.37), real(rng, 0.06, 0.14), real(rng, 0.022, 0.034)
    scallops = whole(rng, 8, 19) if chance(rng, 0.4) else 0
    deep = real(rng, 0.02, 0.04)
    rim = Rim(well, rise, thick, scallops, deep if scallops else 0.0)
    lines = tuple(_draw_line(rng, rim, i) for i in range(int(rng.integers(0, 3))))
    kind = rng.integers(4)
    return Plate(
        glaze,
        first,
        second,
        rim,
        lines,
        dots=whole(rng, 8, 24) if kind == 0 else 0,
        emblem=draw_emblem(rng, real(rng, 0.45, 0.65)) if kind == 1 else None,
        target=Target(real(rng, 0.5, 0.8), real(rng, 0.12, 0.3)) if kind == 2 else None,
        size=draw_size(rng),
    )


def _draw_line(rng: Rng, rim: Rim, index: int) -> RimLine:
    middle = R - 0.02 if index == 0 else real(rng, rim.well + 0.03, R - 0.07)
    return RimLine(middle, half=real(rng, 0.008, 0.02))


def make(plate: Plate) -> Shape:
    """The plate of these parameters."""
    toy = ShapeBuilder()
    rim, well, t = plate.rim, plate.rim.well, plate.rim.thick
    toy.add("rim", rim.mesh(), plate.glaze)
    floor = [(0, 0.02), (well + 0.01, 0.02), (well + 0.015, 0.03 + t), (well - 0.03, 0.025 + t)]
    toy.add("well", lathe(fillet([*floor, (0, 0.022 + t)], 0.012), 72), plate.glaze)
    foot = [(well * 0.7, 0), (well * 0.78, 0), (well * 0.8, 0.03), (well * 0.66, 0.03)]
    toy.add("foot", lathe(fillet(foot, 0.008, closed=True), 72), plate.glaze)
    for i, line in enumerate(plate.lines):
        stripe = rim.stripe(line.middle, line.half)
        toy.add("rim line" if i == 0 else "inner line", stripe, [plate.first, plate.second][i])
    if plate.dots:
        _add_dots(toy, rim, plate.dots, plate.second)
    if plate.emblem is not None:
        mark = extrude(emblem_outline(plate.emblem, well), 0.03, 0.03 + t, 0.006)
        toy.add("emblem", mark, plate.first)
    if plate.target is not None:
        circle = ring(well * plate.target.ring, 0.014, 0.008, 0.023 + t)
        toy.add("ring", circle, plate.second)
        centre = rod(well * plate.target.centre, 0.03, 0.03 + t, 0.006)
        toy.add("centre", centre, plate.first)
    return toy.finish(plate.size)


def _add_dots(toy: ShapeBuilder, rim: Rim, count: int, paint: Material) -> None:
    """Dots round the middle of the rim."""
    middle = (rim.well + R) / 2
    size = min(0.036, 2.2 / count / 2)
    slope = np.arctan2(rim.top(middle + 0.02) - rim.top(middle - 0.02), 0.04)
    for a in turns(count):
        dot = place(blob((size, size, 0.012)), ry=-slope)
        at = (middle * np.cos(a), middle * np.sin(a), rim.top(middle))
        toy.add("dots", place(dot, at, rz=a), paint)
