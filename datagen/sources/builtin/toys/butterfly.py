"""A butterfly with spread, patterned wings."""

from __future__ import annotations

import numpy as np
from shapely.geometry import Polygon

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.edits import warp
from datagen.sources.builtin.outlines import disc, rounded
from datagen.sources.builtin.paints import paints, plain, shade
from datagen.sources.builtin.solids import blob, extrude
from datagen.sources.builtin.toys.animal_parts import add_eyes, add_pair, limb

THICK = 0.012
FORE = np.array([
    (0.13, 0.0), (0.3, 0.2), (0.38, 0.42), (0.3, 0.52), (0.12, 0.45), (-0.02, 0.24), (-0.02, 0.0),
])  # fmt: skip
HIND = np.array([
    (0.02, 0.0), (0.02, 0.22), (-0.08, 0.38), (-0.25, 0.4), (-0.34, 0.28), (-0.26, 0.12),
    (-0.12, 0.0),
])  # fmt: skip


def make(rng: Rng) -> Shape:
    toy = ShapeBuilder()
    wing, edge, spot = paints(rng, 3, "wing", 0.45)
    dark = plain("body", shade(rng, (0.05, 0.035, 0.03)), 0.6)
    lift, long = rng.uniform(0.25, 0.7), rng.uniform(0.9, 1.1)
    _add_body(toy, rng, long, dark)
    span, deep = rng.uniform(0.9, 1.15), rng.uniform(0.85, 1.1)
    spots = int(rng.integers(2, 5))
    for name, points, shift in (("front wing", FORE, 0.014), ("hind wing", HIND, 0.0)):
        outline = rounded(points * (deep, span), 0.09)
        _add_wing(toy, rng, name, outline, spots, (lift, shift), (wing, edge, spot))
    return toy.finish(rng)


def _add_body(toy: ShapeBuilder, rng: Rng, long: float, dark: Material) -> None:
    z = 0.06
    trunk = [(-0.28 * long, 0, z), (-0.05, 0, z), (0.14, 0, z)]
    toy.add("body", limb(trunk, (0.03, 0.042, 0.058)), dark)
    toy.add("head", blob(0.06, (0.22, 0, z + 0.012)), dark)
    add_eyes(toy, (0.25, 0.036, z + 0.035), 0.02)
    reach, spread = rng.uniform(0.17, 0.25), rng.uniform(0.08, 0.16)
    root = np.array([0.24, 0.02, z + 0.05])
    feeler = [root, root + (reach * 0.5, spread * 0.4, 0.07), root + (reach, spread, 0.1)]
    add_pair(toy, "antenna", limb(feeler, (0.009, 0.008, 0.008)), dark)
    add_pair(toy, "antenna", blob(0.018, feeler[2]), dark)


def _add_wing(
    toy: ShapeBuilder,
    rng: Rng,
    name: str,
    outline: Polygon,
    spots: int,
    pose: tuple[float, float],
    paint: tuple[Material, Material, Material],
) -> None:
    """A wing with a dark edge and spots, raised by an angle and a shift."""
    wing, edge, spot = paint
    inside = outline.buffer(-0.035)

    def raised(mesh: Mesh) -> Mesh:
        def change(p: Floats) -> Floats:
            y, z = p[:, 1], p[:, 2] + pose[1]
            up = y * np.sin(pose[0]) - 0.25 * y**2 + z + 0.062
            return np.column_stack([p[:, 0], y * np.cos(pose[0]), up])

        return warp(mesh, change)

    def add(part: str, shape: Polygon, half: float, material: Material) -> None:
        add_pair(toy, part, raised(extrude(shape, -half, half, 0.003)), material)

    add(name, outline, THICK / 2, edge)
    add(name, inside, THICK / 2 + 0.004, wing)
    low_x, low_y, high_x, high_y = inside.bounds
    for _ in range(spots):
        size = rng.uniform(0.022, 0.045)
        at = (rng.uniform(low_x, high_x), rng.uniform(low_y + 0.1, high_y))
        dot = disc(size, *at) & inside.buffer(-0.012)
        if isinstance(dot, Polygon) and dot.area > 0.0006:
            add(f"{name} spots", dot, THICK / 2 + 0.008, spot)
