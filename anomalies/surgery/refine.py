"""Conforming refinement: edges are halved until short enough, or until a deformation bends none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from anomalies.surgery.split import split_edges
from datagen.geometry.shape import Bools, Floats, Ints, Shape

FACE_LIMIT = 150_000
CHORD_ERROR = 4e-4  # of the diagonal: what a deformed edge may lie beside its straight line
SHORTEST = 0.004  # of the diagonal: shorter edges are never split for a deformation
PASSES = 8  # halvings for a deformation; new edges across thin faces would ask for ever more
FRACTIONS = (0.25, 0.5, 0.75)  # of an edge, where its chord error is measured


def refine(
    shape: Shape,
    max_edge: float,
    ball: tuple[Floats, float] | None = None,
    face_limit: int = FACE_LIMIT,
) -> tuple[Shape, Ints]:
    """Split edges longer than max_edge (metres), everywhere or of faces that may reach the ball.

    ball: its centre (3,) and radius, metres. Triangles that share an edge split it alike, so no
    T-junction appears. Near face_limit only the longest edges are split. Returns the shape and
    (F',) int64 the face each came from.
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

    deform: (N, 3) points to where they go, metres; max_edge: metres; ball: centre (3,) and radius,
    metres, outside which max_edge does not count; chord_error: of the diagonal. Returns the shape,
    not deformed yet, and (V', 3) where its vertices go.
    """
    coarse, _ = refine(shape, max_edge, ball)
    tolerance, shortest = chord_error * shape.diagonal, SHORTEST * shape.diagonal

    def excess(shape: Shape, edges: _Edges) -> Floats:
        start, end = np.moveaxis(shape.vertices[edges.ends], 1, 0)
        new_start, new_end = deform(start), deform(end)
        error = np.zeros(len(start))
        for fraction in FRACTIONS:
            straight = new_start + fraction * (new_end - new_start)
            gap = np.linalg.norm(deform(start + fraction * (end - start)) - straight, axis=1)
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
        shape, came_from = split_edges(
            shape, marked[edges.of_face], np.full(shape.faces.shape, 0.5)
        )
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


def _joined(batches: list[tuple[Shape, Ints]]) -> tuple[Shape, Ints]:
    """Batches of faces with their origins as one, over the last's vertices, ordered by origin."""
    shapes = [shape for shape, _ in batches]
    origin = np.concatenate([origin for _, origin in batches])
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
    """(F,) bool faces whose bounding sphere meets the ball: centre (3,) and radius, metres."""
    corners = shape.corners
    middle = corners.mean(axis=1)
    size = np.linalg.norm(corners - middle[:, None], axis=2).max(axis=1)
    near: Bools = np.linalg.norm(middle - centre, axis=1) < radius + size
    return near


def _affordable(weight: Floats, edge_of: Ints, budget: int) -> Bools:
    """(E,) bool the heaviest edges that add at most budget faces; equal weights go together.

    weight: (E,), 0 for edges that are to stay; edge_of: (F, 3) edges of the faces.
    """
    wanted: Bools = weight > 0
    added = np.bincount(edge_of.ravel(), minlength=len(weight)) * wanted
    if added.sum() <= budget:
        return wanted
    order = np.argsort(-weight)
    over = np.flatnonzero(np.cumsum(added[order]) > budget)[0]
    # Doubled edges of a triangle soup have the same weight up to rounding.
    heaviest: Bools = wanted & (weight > weight[order[over]] * (1 + 1e-9))
    return heaviest
