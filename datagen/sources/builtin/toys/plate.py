"""A plate, at times scalloped, plain or decorated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.edits import place, warp
from datagen.sources.builtin.paints import paints, plain
from datagen.sources.builtin.paths import curve, fillet, turns
from datagen.sources.builtin.solids import blob, extrude, lathe, ring, rod
from datagen.sources.builtin.toys.pottery import emblem

R = 0.5


@dataclass(frozen=True)
class Rim:
    """The wide rim round the well, rising outwards, its edge wavy with scallops."""

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
            return p * np.column_stack([size, size, np.ones(len(p))])

        return warp(mesh, change)

    def mesh(self) -> Mesh:
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


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    glaze, first, second = paints(rng, 3, "glaze", 0.2)
    if rng.uniform() < 0.5:
        glaze = plain("white glaze", (0.84, 0.83, 0.79), 0.18)
    well = rng.uniform(0.29, 0.37)
    rise, t = rng.uniform(0.06, 0.14), rng.uniform(0.022, 0.034)
    scallops = int(rng.integers(8, 20)) if rng.uniform() < 0.4 else 0
    rim = Rim(well, rise, t, scallops, rng.uniform(0.02, 0.04))
    toy.add("rim", rim.mesh(), glaze)
    floor = [(0, 0.02), (well + 0.01, 0.02), (well + 0.015, 0.03 + t), (well - 0.03, 0.025 + t)]
    toy.add("well", lathe(fillet([*floor, (0, 0.022 + t)], 0.012), 72), glaze)
    foot = [(well * 0.7, 0), (well * 0.78, 0), (well * 0.8, 0.03), (well * 0.66, 0.03)]
    toy.add("foot", lathe(fillet(foot, 0.008, closed=True), 72), glaze)
    for i in range(int(rng.integers(0, 3))):
        middle = R - 0.02 if i == 0 else rng.uniform(well + 0.03, R - 0.07)
        stripe = rim.stripe(middle, rng.uniform(0.008, 0.02))
        toy.add("rim line" if i == 0 else "inner line", stripe, [first, second][i])
    kind = rng.integers(4)
    if kind == 0:
        _add_dots(toy, rim, int(rng.integers(8, 25)), second)
    elif kind == 1:
        mark = extrude(emblem(rng, well * rng.uniform(0.45, 0.65)), 0.03, 0.03 + t, 0.006)
        toy.add("emblem", mark, first)
    elif kind == 2:
        toy.add("ring", ring(well * rng.uniform(0.5, 0.8), 0.014, 0.008, 0.023 + t), second)
        toy.add("centre", rod(well * rng.uniform(0.12, 0.3), 0.03, 0.03 + t, 0.006), first)
    return toy.finish(rng)


def _add_dots(toy: ShapeBuilder, rim: Rim, count: int, paint: Material) -> None:
    """Dots round the middle of the rim."""
    middle = (rim.well + R) / 2
    size = min(0.036, 2.2 / count / 2)
    slope = np.arctan2(rim.top(middle + 0.02) - rim.top(middle - 0.02), 0.04)
    for a in turns(count):
        dot = place(blob((size, size, 0.012)), ry=-slope)
        at = (middle * np.cos(a), middle * np.sin(a), rim.top(middle))
        toy.add("dots", place(dot, at, rz=a), paint)
