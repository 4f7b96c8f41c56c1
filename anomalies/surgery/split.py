"""Triangles split along the zero line of a field, UVs interpolated, neighbours split alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from datagen.geometry.shape import Bools, Floats, Ints, Shape

Field = Callable[[Floats], Floats]  # (N, 3) metres -> (N,), about a distance in metres near zero
STEEPEST = 1.3  # change of a field per metre, for deciding which edges may cross its zero
SNAP = 1e-3  # of an edge: a zero this near to a vertex goes through the vertex
FACE_LIMIT = 150_000


def refine_near_zero(
    shape: Shape, field: Field, max_edge: float, face_limit: int = FACE_LIMIT
) -> tuple[Shape, Ints, Floats]:
    """Halve edges longer than max_edge (metres) that the field's zero may cross.

    field: about a distance in metres near its zero. Returns the shape, (F',) int64 the face each
    came from, and (V',) the field. Stops before face_limit new faces. No T-junctions appear: the
    choice depends on an edge's ends alone.
    """
    values = field(shape.vertices)
    origin = np.arange(len(shape.faces))
    room = face_limit
    while True:
        start, end = shape.faces, np.roll(shape.faces, -1, axis=1)
        corners = shape.corners
        length = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
        away = np.abs(values)
        cut = (length > max_edge) & (away[start] + away[end] <= STEEPEST * length)
        room -= int(cut.sum())
        if not cut.any() or room < 0:
            return shape, origin, values
        shape, came_from = split_edges(shape, cut, np.full(cut.shape, 0.5))
        origin = origin[came_from]
        values = np.concatenate([values, field(shape.vertices[len(values) :])])


def split_at_zero(
    shape: Shape, field: Field, values: Floats | None = None, within: Bools | None = None
) -> tuple[Shape, Ints, Floats]:
    """Split the faces that the field's zero crosses; values: (V,) the field, where it is known.

    within: (V,) bool, only edges between such vertices are split. Returns the shape, (F',) int64
    origins, and (V',) the field, exactly 0 on the zero line.
    """
    values = (field(shape.vertices) if values is None else values).copy()
    allowed = np.ones(len(values), bool) if within is None else within
    start, end, at = _zeros(shape, field, values, allowed)
    near_start, near_end = at < SNAP, at > 1 - SNAP
    values[start[near_start]] = 0
    values[end[near_end]] = 0
    ends = np.stack([shape.faces, np.roll(shape.faces, -1, axis=1)])
    cut = (values[ends].min(axis=0) < 0) & (values[ends].max(axis=0) > 0)
    cut &= allowed[ends].all(axis=0)
    where = np.full(cut.shape, 0.5)
    crossing = (shape.faces[cut], np.roll(shape.faces, -1, axis=1)[cut])
    low, high = np.minimum(*crossing), np.maximum(*crossing)
    size = len(shape.vertices)
    edge = np.searchsorted(start * size + end, low * size + high)
    where[cut] = np.where(crossing[0] == low, at[edge], 1 - at[edge])
    result, origin = split_edges(shape, cut, where)
    return result, origin, np.r_[values, np.zeros(len(result.vertices) - size)]


def _zeros(shape: Shape, field: Field, values: Floats, allowed: Bools) -> tuple[Ints, Ints, Floats]:
    """Edges on which the field changes sign, sorted: (E,) lower and (E,) higher vertex.

    And (E,) where its zero is, as a fraction of the way from the lower to the higher one.
    """
    start, end = shape.faces.ravel(), np.roll(shape.faces, -1, axis=1).ravel()
    low, high = np.minimum(start, end), np.maximum(start, end)
    changes = (values[low] * values[high] < 0) & allowed[low] & allowed[high]
    size = len(shape.vertices)
    keys = np.unique(low[changes] * size + high[changes])
    low, high = keys // size, keys % size
    first, last = values[low], values[high]
    at = first / (first - last)
    found = field(_between(shape.vertices, low, high, at))
    # One more secant step, from the end that keeps the sign change.
    after = found * first > 0
    corrected = np.where(
        after,
        at + (1 - at) * found / np.where(after, found - last, 1),
        at * first / np.where(after, 1, first - found),
    )
    return low, high, np.clip(corrected, 0, 1)


def _between(points: Floats, low: Ints, high: Ints, at: Floats) -> Floats:
    """(E, 3) at fractions (E,) of the way from points low (E,) to points high (E,)."""
    return points[low] + at[:, None] * (points[high] - points[low])


def split_edges(shape: Shape, cut: Bools, where: Floats) -> tuple[Shape, Ints]:
    """Split edges; cut: (F, 3) bool the edge from corner k to k + 1, where: (F, 3) its fraction.

    Both must agree between faces that share an edge (fraction f is 1 - f from its other end). A
    face with k cut edges becomes k + 1 faces. New vertices come last. Returns the shape and (F',)
    int64 the face each came from, ascending.
    """
    count = cut.sum(axis=1)
    hit = np.flatnonzero(count)
    if len(hit) == 0:
        return shape, np.arange(len(shape.faces))
    cut, where, count = cut[hit], where[hit], count[hit]
    size = len(shape.vertices)
    faces = shape.faces[hit]
    start, end = faces[cut], np.roll(faces, -1, axis=1)[cut]
    fraction = np.where(start < end, where[cut], 1 - where[cut])
    keys, first, edge = np.unique(
        np.minimum(start, end) * size + np.maximum(start, end),
        return_index=True,
        return_inverse=True,
    )
    added = _between(shape.vertices, keys // size, keys % size, fraction[first])
    new = np.full(cut.shape, -1)
    new[cut] = size + edge.reshape(-1)
    vertices = np.concatenate([shape.vertices, added])
    # Turn every face so that one cut lies on edge 0, and of two cuts the uncut edge is edge 2.
    turn = np.where(count == 2, (np.argmin(cut, axis=1) + 1) % 3, np.argmax(cut, axis=1))
    corner = (turn[:, None] + np.arange(3)) % 3
    rows = np.arange(len(hit))[:, None]
    points = np.concatenate([faces[rows, corner], new[rows, corner]], axis=1)
    ends = vertices[points]
    short = np.linalg.norm(ends[:, 0] - ends[:, 4], axis=1) <= np.linalg.norm(
        ends[:, 2] - ends[:, 3], axis=1
    )
    uv6 = None
    if shape.uv is not None:
        turned = shape.uv[hit][rows, corner]
        share = np.take_along_axis(where, corner, axis=1)[..., None]
        middle = turned + share * (np.roll(turned, -1, axis=1) - turned)
        uv6 = np.concatenate([turned, middle], axis=1)
    # Corners 0, 1, 2 and the new vertices 3 (on 0-1), 4 (on 1-2), 5 (on 2-0).
    templates = (
        (count == 1, ((0, 3, 2), (3, 1, 2))),
        ((count == 2) & short, ((3, 1, 4), (0, 3, 4), (0, 4, 2))),
        ((count == 2) & ~short, ((3, 1, 4), (0, 3, 2), (3, 4, 2))),
        (count == 3, ((0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5))),
    )
    intact = np.ones(len(shape.faces), bool)
    intact[hit] = False
    new_faces, origins = [shape.faces[intact]], [np.flatnonzero(intact)]
    uvs = [] if shape.uv is None else [shape.uv[intact]]
    for chosen, triangles in templates:
        index = np.flatnonzero(chosen)
        for triangle in triangles:
            new_faces.append(points[index][:, triangle])
            origins.append(hit[index])
            if uv6 is not None:
                uvs.append(uv6[index][:, triangle])
    origin = np.concatenate(origins)
    order = np.argsort(origin, kind="stable")
    origin = origin[order]
    result = replace(
        shape,
        vertices=vertices,
        faces=np.concatenate(new_faces)[order],
        face_part=shape.face_part[origin],
        face_material=shape.face_material[origin],
        uv=np.concatenate(uvs)[order] if uvs else None,
    )
    return result, origin


def face_side(shape: Shape, values: Floats) -> Bools:
    """(F,) bool whether a split face lies on the negative side; values: (V,) of split_at_zero."""
    of_corner = values[shape.faces]
    strongest = np.argmax(np.abs(of_corner), axis=1)
    negative: Bools = of_corner[np.arange(len(of_corner)), strongest] < 0
    return negative
