"""Conforming refinement: long edges are halved until none is longer than asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from datagen.shape import Bools, Floats, Ints, Shape

FACE_LIMIT = 150_000


def refine(
    shape: Shape,
    max_edge: float,
    ball: tuple[Floats, float] | None = None,
    face_limit: int = FACE_LIMIT,
) -> tuple[Shape, Ints]:
    """Split edges longer than max_edge (metres), everywhere or of faces that may reach the ball.

    Triangles that share an edge split it alike, so no T-junction appears. Near face_limit only
    the longest edges are split. Returns the shape and (F',) int64 the face each came from.
    """
    origin = np.arange(len(shape.faces))
    while True:
        edges, edge_of, length = _edges(shape)
        reach = np.ones(len(shape.faces), bool) if ball is None else _near(shape, *ball)
        wanted = np.zeros(len(edges), bool)
        wanted[edge_of[reach].ravel()] = True
        wanted &= length > max_edge
        wanted = _affordable(wanted, edge_of, length, face_limit - len(shape.faces))
        if not wanted.any():
            return shape, origin
        shape, came_from = _split(shape, edges, edge_of, wanted)
        origin = origin[came_from]


def _edges(shape: Shape) -> tuple[Ints, Ints, Floats]:
    """(E, 2) vertices, (F, 3) edge of corners k, k+1, and (E,) length."""
    pairs = np.stack([shape.faces, np.roll(shape.faces, -1, axis=1)], axis=2).reshape(-1, 2)
    pairs = np.sort(pairs, axis=1)
    count = len(shape.vertices)
    keys, edge_of = np.unique(pairs[:, 0] * count + pairs[:, 1], return_inverse=True)
    edges = np.stack([keys // count, keys % count], axis=1)
    ends = shape.vertices[edges]
    return edges, edge_of.reshape(-1, 3), np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)


def _near(shape: Shape, centre: Floats, radius: float) -> Bools:
    """(F,) faces whose bounding sphere meets the ball."""
    corners = shape.corners
    middle = corners.mean(axis=1)
    size = np.linalg.norm(corners - middle[:, None], axis=2).max(axis=1)
    return np.linalg.norm(middle - centre, axis=1) < radius + size


def _affordable(wanted: Bools, edge_of: Ints, length: Floats, budget: int) -> Bools:
    """The longest wanted edges that add at most budget faces; equal lengths go together."""
    added = np.bincount(edge_of.ravel(), minlength=len(length)) * wanted
    if added.sum() <= budget:
        return wanted
    order = np.argsort(-length)
    over = np.flatnonzero(np.cumsum(added[order]) > budget)[0]
    # Doubled edges of a triangle soup have the same length up to rounding.
    return wanted & (length > length[order[over]] * (1 + 1e-9))


def _split(shape: Shape, edges: Ints, edge_of: Ints, marked: Bools) -> tuple[Shape, Ints]:
    """Halve the marked edges (E,) bool; a face with k of them becomes k + 1 faces."""
    new_vertex = np.full(len(edges), -1)
    new_vertex[marked] = len(shape.vertices) + np.arange(marked.sum())
    vertices = np.concatenate([shape.vertices, shape.vertices[edges[marked]].mean(axis=1)])
    cuts = marked[edge_of]
    pattern = cuts.sum(axis=1)
    # Turn every face so that one cut lies on edge 0, and of two cuts the uncut edge is edge 2.
    turn = np.where(pattern == 2, (np.argmin(cuts, axis=1) + 1) % 3, np.argmax(cuts, axis=1))
    corner = (turn[:, None] + np.arange(3)) % 3
    rows = np.arange(len(corner))[:, None]
    points = np.concatenate([shape.faces[rows, corner], new_vertex[edge_of[rows, corner]]], axis=1)
    ends = vertices[points]
    diagonal_first = np.linalg.norm(ends[:, 0] - ends[:, 4], axis=1) <= np.linalg.norm(
        ends[:, 2] - ends[:, 3], axis=1
    )
    # Corners 0, 1, 2 and the midpoints 3 (of 0-1), 4 (of 1-2), 5 (of 2-0).
    templates = (
        (pattern == 0, ((0, 1, 2),)),
        (pattern == 1, ((0, 3, 2), (3, 1, 2))),
        ((pattern == 2) & diagonal_first, ((3, 1, 4), (0, 3, 4), (0, 4, 2))),
        ((pattern == 2) & ~diagonal_first, ((3, 1, 4), (0, 3, 2), (3, 4, 2))),
        (pattern == 3, ((0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5))),
    )
    uv6 = None
    if shape.uv is not None:
        turned = shape.uv[rows, corner]
        uv6 = np.concatenate([turned, (turned + np.roll(turned, -1, axis=1)) / 2], axis=1)
    faces, origins, uvs = [], [], []
    for chosen, triangles in templates:
        index = np.flatnonzero(chosen)
        for triangle in triangles:
            faces.append(points[index][:, triangle])
            origins.append(index)
            if uv6 is not None:
                uvs.append(uv6[index][:, triangle])
    origin = np.concatenate(origins)
    order = np.argsort(origin, kind="stable")
    origin = origin[order]
    result = replace(
        shape,
        vertices=vertices,
        faces=np.concatenate(faces)[order],
        face_part=shape.face_part[origin],
        face_material=shape.face_material[origin],
        uv=np.concatenate(uvs)[order] if uvs else None,
    )
    return result, origin
