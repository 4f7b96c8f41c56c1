"""Conforming refinement: edges are halved until short enough, or until a deformation bends none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from datagen.shape import Bools, Floats, Ints, Shape

FACE_LIMIT = 150_000
CHORD_ERROR = 4e-4  # of the diagonal: what a deformed edge may lie beside its straight line
SHORTEST = 0.004  # of the diagonal: shorter edges are never split for a deformation
PASSES = 8  # halvings for a deformation; new edges across thin faces would ask for ever more
PLACES = (0.25, 0.5, 0.75)  # along an edge, where its chord error is measured


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

    def excess(shape: Shape, edges: _Edges) -> Floats:
        wanted = edges.lengths > max_edge
        if ball is not None:
            reached = np.zeros(len(wanted), bool)
            reached[edges.of_face[faces_near(shape, *ball)].ravel()] = True
            wanted &= reached
        return np.where(wanted, edges.lengths, 0)

    return _refine(shape, excess, face_limit, by_edge=False)


def refine_for(
    shape: Shape,
    deform: Callable[[Floats], Floats],
    max_edge: float,
    ball: tuple[Floats, float] | None = None,
    chord_error: float = CHORD_ERROR,
) -> tuple[Shape, Floats]:
    """Refine to max_edge, then only the edges that the deformation bends by over chord_error.

    deform: (N, 3) points to where they go, metres; chord_error: of the diagonal. Returns the
    shape, not deformed yet, and (V', 3) where its vertices go.
    """
    coarse, _ = refine(shape, max_edge, ball)
    tolerance, shortest = chord_error * shape.diagonal, SHORTEST * shape.diagonal

    def excess(shape: Shape, edges: _Edges) -> Floats:
        start, end = np.moveaxis(shape.vertices[edges.ends], 1, 0)
        new_start, new_end = deform(start), deform(end)
        error = np.zeros(len(start))
        for place in PLACES:
            straight = new_start + place * (new_end - new_start)
            gap = np.linalg.norm(deform(start + place * (end - start)) - straight, axis=1)
            error = np.maximum(error, gap)
        return np.where((error > tolerance) & (edges.lengths > shortest), error, 0)

    fine, _ = _refine(coarse, excess, FACE_LIMIT, by_edge=True, passes=PASSES)
    return fine, deform(fine.vertices)


@dataclass(frozen=True)
class _Edges:
    """ends: (E, 2) vertices; of_face: (F, 3) the edge of corners k, k+1; lengths: (E,) metres."""

    ends: Ints
    of_face: Ints
    lengths: Floats


def _refine(
    shape: Shape,
    excess: Callable[[Shape, _Edges], Floats],
    face_limit: int,
    by_edge: bool,
    passes: float = np.inf,
) -> tuple[Shape, Ints]:
    """Halve all edges with an excess (E,) above 0, again and again; the largest come first.

    by_edge: the excess of an edge does not depend on its faces, so that a face with none is done.
    """
    origin = np.arange(len(shape.faces))
    done: list[tuple[Shape, Ints]] = []
    count = len(shape.faces)
    while True:
        edges = _edges(shape)
        marked = _affordable(excess(shape, edges), edges.of_face, face_limit - count)
        if not marked.any() or len(done) >= passes:
            return _joined([*done, (shape, origin)])
        if by_edge:
            active = marked[edges.of_face].any(axis=1)
            done.append((_chosen(shape, ~active), origin[~active]))
            shape, origin = _chosen(shape, active), origin[active]
            edges = replace(edges, of_face=edges.of_face[active])
        before = len(shape.faces)
        shape, came_from = _split(shape, edges.ends, edges.of_face, marked)
        origin = origin[came_from]
        count += len(shape.faces) - before


def _chosen(shape: Shape, keep: Bools) -> Shape:
    """Some faces (F,) bool, with all vertices."""
    return replace(
        shape,
        faces=shape.faces[keep],
        face_part=shape.face_part[keep],
        face_material=shape.face_material[keep],
        uv=None if shape.uv is None else shape.uv[keep],
    )


def _joined(pieces: list[tuple[Shape, Ints]]) -> tuple[Shape, Ints]:
    """All faces over the last piece's vertices, ordered by origin."""
    shapes = [shape for shape, _ in pieces]
    origin = np.concatenate([origin for _, origin in pieces])
    order = np.argsort(origin, kind="stable")
    uvs = [shape.uv for shape in shapes if shape.uv is not None]
    joined = replace(
        shapes[-1],
        faces=np.concatenate([shape.faces for shape in shapes])[order],
        face_part=np.concatenate([shape.face_part for shape in shapes])[order],
        face_material=np.concatenate([shape.face_material for shape in shapes])[order],
        uv=np.concatenate(uvs)[order] if uvs else None,
    )
    return joined, origin[order]


def _edges(shape: Shape) -> _Edges:
    pairs = np.stack([shape.faces, np.roll(shape.faces, -1, axis=1)], axis=2).reshape(-1, 2)
    pairs = np.sort(pairs, axis=1)
    count = len(shape.vertices)
    keys, edge_of = np.unique(pairs[:, 0] * count + pairs[:, 1], return_inverse=True)
    ends = np.stack([keys // count, keys % count], axis=1)
    start, end = np.moveaxis(shape.vertices[ends], 1, 0)
    return _Edges(ends, edge_of.reshape(-1, 3), np.linalg.norm(end - start, axis=1))


def faces_near(shape: Shape, centre: Floats, radius: float) -> Bools:
    """(F,) faces whose bounding sphere meets the ball."""
    corners = shape.corners
    middle = corners.mean(axis=1)
    size = np.linalg.norm(corners - middle[:, None], axis=2).max(axis=1)
    return np.linalg.norm(middle - centre, axis=1) < radius + size


def _affordable(weight: Floats, edge_of: Ints, budget: int) -> Bools:
    """The heaviest edges that add at most budget faces; equal weights go together."""
    wanted = weight > 0
    added = np.bincount(edge_of.ravel(), minlength=len(weight)) * wanted
    if added.sum() <= budget:
        return wanted
    order = np.argsort(-weight)
    over = np.flatnonzero(np.cumsum(added[order]) > budget)[0]
    # Doubled edges of a triangle soup have the same weight up to rounding.
    return wanted & (weight > weight[order[over]] * (1 + 1e-9))


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
