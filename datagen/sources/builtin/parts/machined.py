"""Chamfered solids as they come off a lathe or a mill, and where to put them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import trimesh
from numpy.typing import NDArray
from shapely.geometry import Polygon
from trimesh.transformations import rotation_matrix, translation_matrix

from datagen.geometry.shape import Floats
from datagen.sources.builtin.builder import Mesh
from datagen.sources.builtin.edits import common, cut, joined, outward
from datagen.sources.builtin.paths import turns

Matrix = NDArray[np.float64]
Axis = tuple[float, float, float]
X: Axis = (1.0, 0.0, 0.0)
Y: Axis = (0.0, 1.0, 0.0)
Z: Axis = (0.0, 0.0, 1.0)


def shift(x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Matrix:
    """(4, 4) a translation."""
    return translation_matrix([x, y, z])


def turn(angle: float, axis: Axis) -> Matrix:
    """(4, 4) a rotation by an angle in radians about an axis through the origin."""
    return rotation_matrix(angle, axis)


def moved(mesh: Mesh, *matrices: Matrix) -> Mesh:
    """A copy moved by the matrices (4, 4), the first one first."""
    copy = mesh.copy()
    for matrix in matrices:
        copy.apply_transform(matrix)
    return copy


def bolt_circle(radius: float, count: int, start: float = 0.0) -> Floats:
    """(count, 2) points evenly round the origin."""
    angle = start + turns(count)
    return radius * np.column_stack([np.cos(angle), np.sin(angle)])


def hexagon(radius: float) -> Polygon:
    """A regular hexagon about the origin; radius: to its corners."""
    return Polygon(bolt_circle(radius, 6))


def prism(polygon: Polygon, low: float, high: float) -> Mesh:
    """A sharp-edged extrusion along z, from low to high."""
    mesh = trimesh.creation.extrude_polygon(polygon, high - low)
    mesh.apply_translation([0, 0, low])
    return outward(mesh)


def plate(polygon: Polygon, low: float, high: float, chamfer: float) -> Mesh:
    """A convex outline with a chamfered rim; its holes go straight through."""
    rim = np.array(polygon.exterior.coords)
    inner = np.array(Polygon(rim).buffer(-chamfer, join_style="mitre").exterior.coords)
    rows = [(inner, low), (rim, low + chamfer), (rim, high - chamfer), (inner, high)]
    points = np.concatenate([np.column_stack([xy, np.full(len(xy), z)]) for xy, z in rows])
    solid = trimesh.convex.convex_hull(points)
    if len(polygon.interiors) == 0:
        return solid
    return cut(solid, *[prism(Polygon(hole), low - 0.1, high + 0.1) for hole in polygon.interiors])


def revolve(profile: Sequence[tuple[float, float]], sections: int = 64) -> Mesh:
    """Turn a closed (radius, z) outline about z."""
    outline = [*profile, profile[0]] if profile[0] != profile[-1] else list(profile)
    return outward(trimesh.creation.revolve(np.array(outline), sections=sections))


def tube(inner: float, outer: float, low: float, high: float, chamfer: float) -> Mesh:
    """A ring of rectangular section with chamfered edges; inner > 0."""
    c = chamfer
    return revolve([
        (inner, low + c), (inner + c, low), (outer - c, low), (outer, low + c),
        (outer, high - c), (outer - c, high), (inner + c, high), (inner, high - c),
    ])  # fmt: skip


def bar(radius: float, low: float, high: float, chamfer: float, sections: int = 48) -> Mesh:
    """A chamfered cylinder on the z axis."""
    c = chamfer
    below = [(0.0, low), (radius - c, low), (radius, low + c)]
    above = [(radius, high - c), (radius - c, high), (0.0, high)]
    return revolve(below + above, sections)


def hex_head(radius: float, low: float, high: float) -> Mesh:
    """A hexagon whose corners are turned down at both ends, as on bolts and nuts."""
    cone = bar(radius * 1.01, low, high, min(0.14 * radius, 0.4 * (high - low)))
    return common(prism(hexagon(radius), low, high), cone)


def machine_screw(radius: float, length: float, socket: bool) -> Mesh:
    """A fastener pointing down: its head, with a socket or hexagonal, sits on z = 0."""
    if socket:
        head = bar(1.55 * radius, 0, 1.5 * radius, 0.15 * radius, 32)
        head = cut(head, prism(hexagon(0.85 * radius), 0.6 * radius, 2 * radius))
    else:
        head = hex_head(1.85 * radius, 0, 1.2 * radius)
    return joined([head, bar(radius, -length, 0.1 * radius, 0.15 * radius, 24)])


def threaded_rod(radius: float, low: float, high: float, pitch: float) -> Mesh:
    """Rings of triangular section on a core."""
    count = max(3, int((high - low) / pitch))
    z = np.linspace(low, high, 2 * count + 1)
    r = np.where(np.arange(len(z)) % 2 == 0, radius - 0.7 * pitch, radius)
    return revolve([(0, low), *zip(r.tolist(), z.tolist(), strict=True), (0, high)], 48)
