"""Closed solids with round edges, for objects about one unit large.

Circles get as many sections as keep every chord within TOLERANCE of its arc.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import mapbox_earcut
import numpy as np
import trimesh
from numpy.typing import ArrayLike
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.polygon import orient

from datagen.geometry.shape import Floats, Ints
from datagen.sources.builtin.builder import Mesh, Vector
from datagen.sources.builtin.edits import joined, outward, place
from datagen.sources.builtin.outlines import oblong
from datagen.sources.builtin.paths import fillet, turns

TOLERANCE = 0.001
BALL_SAG = (0.13, 0.038, 0.0095, 0.0024)  # of a unit icosphere's faces, by subdivisions


def round_sections(radius: float) -> int:
    """Sections of a circle of this radius, a multiple of four from 8 to 48."""
    step = np.arccos(max(1 - TOLERANCE / max(radius, 1e-9), 0.0))
    return int(np.clip(4 * np.ceil(np.pi / step / 4), 8, 48))


def loft(rings: ArrayLike, closed: bool = False, caps: ArrayLike | None = None) -> Mesh:
    """Skin rings (N, M, 3), in a circle if closed.

    caps: (2, 3) the points in which the ends meet, by default the centres of the end rings.
    """
    grid = np.asarray(rings, dtype=float)
    count, size = grid.shape[:2]
    index = np.arange(count * size).reshape(count, size)
    low, high = (index, np.roll(index, -1, axis=0)) if closed else (index[:-1], index[1:])
    a, b, c, d = low, np.roll(low, -1, axis=1), np.roll(high, -1, axis=1), high
    faces = [np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]
    points = grid.reshape(-1, 3)
    if not closed:
        ends = grid[[0, -1]].mean(axis=1) if caps is None else np.asarray(caps, dtype=float)
        first, last = index[0], index[-1]
        faces.append(np.stack([np.roll(first, -1), first, np.full(size, len(points))], -1))
        faces.append(np.stack([last, np.roll(last, -1), np.full(size, len(points) + 1)], -1))
        points = np.concatenate([points, ends])
    return outward(Mesh(points, np.concatenate(faces), process=False))


def lathe(profile: ArrayLike, sections: int | None = None) -> Mesh:
    """Turn (N, 2) of (radius, z) about z in so many sections.

    profile: an outline from axis to axis, or a closed one off the axis.
    """
    rows = np.asarray(profile, dtype=float)
    sections = sections or round_sections(float(rows[:, 0].max()))
    gap = np.linalg.norm(np.diff(rows, axis=0), axis=1)
    rows = rows[np.r_[True, gap > 1e-7]]
    on_axis = rows[0, 0] < 1e-9 and rows[-1, 0] < 1e-9
    if not on_axis and np.linalg.norm(rows[0] - rows[-1]) < 1e-7:
        rows = rows[:-1]
    body = rows[1:-1] if on_axis else rows
    radius, height, angle = body[:, :1], body[:, 1:], turns(sections)
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    rings = np.stack([x, y, height + 0 * angle], -1)
    caps = [[0, 0, rows[0, 1]], [0, 0, rows[-1, 1]]] if on_axis else None
    return loft(rings, not on_axis, caps)


def rod(
    radius: float, low: float, high: float, bevel: float = 0.0, sections: int | None = None
) -> Mesh:
    """A cylinder on the z axis."""
    corners = [(0, low), (radius, low), (radius, high), (0, high)]
    return lathe(fillet(corners, bevel, _steps(bevel)) if bevel > 0 else corners, sections)


def ring(
    radius: float, thick: float, high: float, z: float = 0.0, sections: int | None = None
) -> Mesh:
    """A torus about z of elliptic section."""
    a = turns(round_sections(max(thick, high)))
    return lathe(np.column_stack([radius + thick * np.cos(a), z + high * np.sin(a)]), sections)


def blob(
    radii: float | Vector,
    at: Vector = (0.0, 0.0, 0.0),
    square: float = 2.0,
    detail: int | None = None,
) -> Mesh:
    """An ellipsoid about the point `at`; a higher square makes it boxier.

    radii: one, or three along x, y, z. detail: subdivisions of an icosahedron, by default as
    many as its size needs.
    """
    if detail is None:
        size = float(np.max(radii))
        detail = next((i for i in (1, 2) if size * BALL_SAG[i] <= TOLERANCE), 3)
    ball = _ball(detail)
    direction = np.asarray(ball.vertices)
    reach = (np.abs(direction) ** square).sum(axis=1) ** (-1 / square)
    points = direction * reach[:, None] * np.asarray(radii) + np.asarray(at)
    return Mesh(points, ball.faces.copy(), process=False)


@cache
def _ball(detail: int) -> Mesh:
    return trimesh.creation.icosphere(subdivisions=detail)


def sweep(
    points: ArrayLike,
    radii: ArrayLike,
    sections: int | None = None,
    flat: bool = False,
    closed: bool = False,
    section: ArrayLike | None = None,
    up: Sequence[float] = (0.0, 0.0, 1.0),
) -> Mesh:
    """A tube along a path (N, 3).

    radii: one, one a point (N,), two (2,), or two a point (N, 2): across, along up. Its ends are
    round, or flat. section: any outline (M, 2) about the origin instead of a circle. up: about
    where the second radius points.
    """
    path = np.asarray(points, dtype=float)
    given = np.asarray(radii, dtype=float)
    given = given[:, None] if given.shape == (len(path),) else given
    size = np.broadcast_to(given, (len(path), 2))
    angle = turns(sections or round_sections(float(size.max())))
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    outline = circle if section is None else np.asarray(section, dtype=float)
    tangent, across, along = _frames(path, np.array(up, dtype=float), closed)

    def loop_at(i: int, shift: float = 0.0, scale: float = 1.0) -> Floats:
        flatwise = outline * size[i] * scale
        centre = path[i] + tangent[i] * shift
        result: Floats = centre + flatwise[:, :1] * across[i] + flatwise[:, 1:] * along[i]
        return result

    loops = [loop_at(i) for i in range(len(path))]
    if closed or flat:
        return loft(np.array(loops), closed)
    first, last = size[0].min(), size[-1].min()
    bend = np.linspace(0, np.pi / 2, 7 if size.max() > 0.04 else 5)[1:-1]
    start = [loop_at(0, -first * np.sin(a), np.cos(a)) for a in bend[::-1]]
    end = [loop_at(-1, last * np.sin(a), np.cos(a)) for a in bend]
    poles = [path[0] - tangent[0] * first, path[-1] + tangent[-1] * last]
    return loft(np.array([*start, *loops, *end]), False, poles)


def _frames(path: Floats, up: Floats, closed: bool) -> tuple[Floats, Floats, Floats]:
    """Tangent, across and along at every point, turned as little as may be from up."""
    if closed:
        tangent = np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0)
    else:
        tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    second = np.array([1.0, 0.0, 0.0]) if abs(up @ tangent[0]) > 0.95 else up
    across, along = [], []
    for direction in tangent:
        second = second - direction * (second @ direction)
        second = second / np.linalg.norm(second)
        across.append(np.cross(second, direction))
        along.append(second)
    return tangent, np.array(across), np.array(along)


def extrude(polygon: Polygon | MultiPolygon, low: float, high: float, bevel: float = 0.0) -> Mesh:
    """A flat outline, with its holes, made thick along z, its edges rounded by the bevel."""
    if isinstance(polygon, MultiPolygon):
        return joined([extrude(piece, low, high, bevel) for piece in polygon.geoms])
    shape = orient(polygon.simplify(1e-5))
    loops = [np.array(ring.coords)[:-1, :2] for ring in (shape.exterior, *shape.interiors)]
    inward = np.concatenate([_inward(loop) for loop in loops])
    flat = np.concatenate(loops)
    levels = _levels(low, high, bevel)
    count = len(flat)
    points = np.concatenate(
        [np.column_stack([flat + inward * inset, np.full(count, z)]) for inset, z in levels]
    )
    ends = np.cumsum([len(loop) for loop in loops])
    cap = mapbox_earcut.triangulate_float64(points[:count, :2].copy(), ends.astype(np.uint32))
    triangles = cap.reshape(-1, 3).astype(np.int64)
    top = count * (len(levels) - 1)
    faces = [triangles[:, ::-1], triangles + top, *_walls(ends, len(levels))]
    return outward(Mesh(points, np.concatenate(faces), process=False))


def _steps(bevel: float) -> int:
    """Points along a quarter round of this radius."""
    return 4 if bevel > 0.012 else 3 if bevel > 0.005 else 2


def _levels(low: float, high: float, bevel: float) -> list[tuple[float, float]]:
    """(inset, z) of every loop from the bottom to the top."""
    if bevel <= 0:
        return [(0.0, low), (0.0, high)]
    bend = np.linspace(0, np.pi / 2, _steps(bevel))
    insets, rises = bevel * (1 - np.sin(bend)), bevel * (1 - np.cos(bend))
    below = [*zip(insets.tolist(), (low + rises).tolist(), strict=True)]
    above = [*zip(insets[::-1].tolist(), (high - rises[::-1]).tolist(), strict=True)]
    return below + above


def _walls(ends: Ints, levels: int) -> list[Ints]:
    """Faces between the levels' loops, which end at the given indices."""
    count = int(ends[-1])
    here = np.arange(count)
    follow = np.concatenate([np.roll(part, -1) for part in np.split(here, ends[:-1])])
    faces = []
    for level in range(levels - 1):
        a, b = here + level * count, follow + level * count
        faces += [np.column_stack([a, b, b + count]), np.column_stack([a, b + count, a + count])]
    return faces


def _inward(loop: Floats) -> Floats:
    """(N, 2) how a unit inset moves every corner of a counter-clockwise loop."""
    edge = np.roll(loop, -1, axis=0) - loop
    edge /= np.linalg.norm(edge, axis=1, keepdims=True)
    left = np.column_stack([-edge[:, 1], edge[:, 0]])
    previous = np.roll(left, 1, axis=0)
    dot = np.einsum("ij,ij->i", left, previous)
    result: Floats = (left + previous) / np.maximum(1 + dot, 0.4)[:, None]
    return result


def brick(size: Sequence[float], at: Vector, bevel: float = 0.02) -> Mesh:
    """A box with round edges, its centre at the given point."""
    x, y, z = size
    edge = min(bevel, 0.45 * min(x, y, z))
    mesh = extrude(oblong(x, y, bevel * 1.2, steps=_steps(bevel)), -z / 2, z / 2, edge)
    return place(mesh, at)


def slab(polygon: Polygon | MultiPolygon, width: float, bevel: float = 0.0, y: float = 0.0) -> Mesh:
    """An outline drawn in x and z, made thick along y about the given y."""
    mesh = extrude(polygon, -width / 2, width / 2, bevel)
    return place(mesh, (0, y, 0), rx=np.pi / 2)


def sheet(
    radius: Callable[[Floats], Floats],
    lift: Callable[[Floats, Floats], Floats],
    thick: float,
    sections: int = 72,
    rows: int = 9,
) -> Mesh:
    """A curved disc: radius(angle) wide, lifted by lift(share of the radius, angle).

    Both take and give arrays (sections,), angles in radians; rows: rings from the middle outwards.
    """
    angle = turns(sections)
    share = np.linspace(0, 1, rows + 1)[1:]
    height = thick / 2 * np.sqrt(np.clip(1 - share**8, 0, 1))
    above = zip(share.tolist(), height.tolist(), strict=True)
    below = zip(share[-2::-1].tolist(), (-height[-2::-1]).tolist(), strict=True)
    reach = radius(angle)
    rings = []
    for s, h in [*above, *below]:
        z = lift(np.full(sections, s), angle) + h
        rings.append(np.column_stack([s * reach * np.cos(angle), s * reach * np.sin(angle), z]))
    middle = lift(np.zeros(1), np.zeros(1))[0]
    caps = [[0, 0, middle + thick / 2], [0, 0, middle - thick / 2]]
    return loft(np.array(rings), False, caps)


def round_sheet(thick: float, sections: int = 72, rows: int = 9) -> Mesh:
    """A flat disc of radius 1 with a round edge, to be warped."""
    return sheet(np.ones_like, lambda share, angle: 0 * share, thick, sections, rows)
