"""What the toy animals, all facing x, have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import CubicSpline, PchipInterpolator

from datagen.geometry.shape import Floats, Material
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, Vector
from datagen.sources.builtin.edits import flip
from datagen.sources.builtin.paints import plain
from datagen.sources.builtin.solids import blob, sweep

BLACK = plain("black", (0.015, 0.015, 0.017), 0.2)
WHITE = plain("white", (0.82, 0.82, 0.8), 0.4)


def spine(points: Sequence[Vector], radii: Sequence[float], count: int) -> Floats:
    """(count, 4) evenly parametrised x, y, z and radius: a spline whose radius never overshoots."""
    line = np.array(points, dtype=float)
    at = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    even = np.linspace(0, at[-1], count)
    radius = PchipInterpolator(at, np.array(radii, dtype=float))(even)
    return np.column_stack([CubicSpline(at, line)(even), radius])


def limb(points: Sequence[Vector], radii: Sequence[float], count: int = 16) -> Mesh:
    """A round-ended tube along a spline through the points."""
    rows = spine(points, radii, count)
    return sweep(rows[:, :3], rows[:, 3])


def add_pair(toy: ShapeBuilder, name: str, mesh: Mesh, material: Material) -> None:
    """Add the given left piece and its mirror image."""
    toy.add(f"left {name}", mesh, material)
    toy.add(f"right {name}", flip(mesh), material)


def add_eyes(toy: ShapeBuilder, at: Vector, size: float) -> None:
    """Add white balls with pupils at the given left position and its mirror image."""
    out = np.array([0.75, 0.55, 0.15])
    pupil = np.array(at) + out / np.linalg.norm(out) * size * 0.62
    add_pair(toy, "eye", blob(size, at), WHITE)
    add_pair(toy, "eye", blob(size * 0.55, pupil), BLACK)


def add_legs(
    toy: ShapeBuilder,
    xs: tuple[float, float],
    y: float,
    top: float,
    radius: float,
    skin: Material,
    foot: Material,
) -> None:
    """Add four legs from z = top to the ground, the fore pair at xs[0]."""
    r = radius
    for x, name in zip(xs, ("front leg", "hind leg"), strict=True):
        leg = limb([(x, y, top), (x, y, top * 0.5), (x, y, r * 0.9)], (r * 1.25, r, r))
        hoof = blob((r * 1.2, r * 1.1, r * 0.62), (x + r * 0.15, y, r * 0.6), square=3)
        add_pair(toy, name, leg, skin)
        add_pair(toy, name, hoof, foot)
