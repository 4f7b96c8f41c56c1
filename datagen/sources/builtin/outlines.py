"""Flat outlines to extrude."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from shapely.geometry import MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from datagen.geometry.shape import Floats
from datagen.sources.builtin.paths import fillet, turns


def disc(radius: float, x: float = 0.0, y: float = 0.0, steps: int = 12) -> Polygon:
    """A circle about (x, y), in so many steps a quarter."""
    return Point(x, y).buffer(radius, quad_segs=steps)


def oblong(
    width: float, depth: float, radius: float, x: float = 0.0, y: float = 0.0, steps: int = 6
) -> Polygon:
    """A rectangle about (x, y) with corners rounded in so many steps."""
    r = min(radius, 0.49 * width, 0.49 * depth)
    half_x, half_y = width / 2 - r, depth / 2 - r
    return box(x - half_x, y - half_y, x + half_x, y + half_y).buffer(r, quad_segs=steps)


def rounded(points: ArrayLike, radius: float) -> Polygon:
    """A polygon through points (N, 2) with rounded corners."""
    return Polygon(fillet(points, radius, 5, closed=True))


def heart_line(count: int) -> Floats:
    """(count, 2) points round a heart about two units high, its tip down."""
    a = np.linspace(0, 2 * np.pi, count, endpoint=False)
    x = 0.062 * 16 * np.sin(a) ** 3
    y = 0.062 * (13 * np.cos(a) - 5 * np.cos(2 * a) - 2 * np.cos(3 * a) - np.cos(4 * a))
    return np.column_stack([x, y])


def star(points: int, outer: float, inner: float, radius: float, start: float = 0.0) -> Polygon:
    """A star with rounded corners, so many points, the first at the start angle in radians."""
    angle = turns(2 * points) + start
    reach = np.where(np.arange(2 * points) % 2 == 0, outer, inner)
    return rounded(np.column_stack([reach * np.cos(angle), reach * np.sin(angle)]), radius)


def polygons(shape: BaseGeometry) -> list[Polygon]:
    """The single polygons of a plane shape."""
    return list(shape.geoms) if isinstance(shape, MultiPolygon) else [shape]
