"""Where a surface passes through itself.

Two triangles cross where they share no corner (vertices joined by position), meet at an angle of
at least MIN_SINE, and each reaches more than a hair to both sides of the other's plane. So neither
touching or coplanar faces nor doubled sheets count. Of the crossings only those within one
component are folds; a moved part inside another is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.geometry.components import face_components
from datagen.geometry.shape import Bools, Floats, Ints, Shape
from datagen.geometry.surface import weld

MIN_SINE = 0.1  # between the planes
MIN_DEPTH = 1e-3  # of the diagonal, or MIN_DEPTH_OF_FACE of a small triangle's longest edge
MIN_DEPTH_OF_FACE = 0.15


@dataclass(frozen=True, eq=False)
class Crossings:
    """Pairs of triangles that cross.

    faces: (N, 2) the triangles; segments: (N, 2, 3) metres, the line that both contain.
    same: (N,) bool, whether both triangles belong to one component of the surface.
    """

    faces: Ints
    segments: Floats
    same: Bools

    @property
    def lengths(self) -> Floats:
        """(N,) lengths of the segments, metres."""
        lengths: Floats = np.linalg.norm(self.segments[:, 1] - self.segments[:, 0], axis=1)
        return lengths

    @property
    def of_one_surface(self) -> Crossings:
        """Those whose two triangles belong to one component."""
        return Crossings(self.faces[self.same], self.segments[self.same], self.same[self.same])


def crossings(shape: Shape, among: Ints | None = None) -> Crossings:
    """All pairs of triangles that cross (exact predicates, libigl).

    among: (N,) indices of the faces to look at, by default all.
    """
    from igl.predicates import find_self_intersections

    among = np.arange(len(shape.faces)) if among is None else among
    used, compact = np.unique(shape.faces[among], return_inverse=True)
    same = weld(shape.vertices[used])[compact.reshape(-1, 3)]
    _, first, faces = np.unique(same, return_index=True, return_inverse=True)
    faces = faces.reshape(-1, 3)
    vertices = np.ascontiguousarray(shape.vertices[shape.faces[among].ravel()[first]])
    proper = np.flatnonzero((faces != np.roll(faces, 1, axis=1)).all(axis=1))
    _, found, coplanar = find_self_intersections(vertices, np.ascontiguousarray(faces[proper]))
    pairs = proper[found[coplanar.ravel() == 0]]
    apart = (faces[pairs[:, 0], :, None] != faces[pairs[:, 1], None, :]).all(axis=(1, 2))
    pairs, component = pairs[apart], face_components(faces)
    same_component = component[pairs[:, 0]] == component[pairs[:, 1]]
    return _properly_crossing(shape, among[pairs], same_component)


def _properly_crossing(shape: Shape, pairs: Ints, same: Bools) -> Crossings:
    """The pairs (N, 2) that cross at an angle and with a depth, and their common segment.

    same: (N,) bool, whether both belong to one component.
    """
    corners = shape.vertices[shape.faces[pairs]]
    sides = np.roll(corners, -1, axis=2) - corners
    normal = np.cross(sides[:, :, 0], sides[:, :, 1])
    normal /= np.maximum(np.linalg.norm(normal, axis=2, keepdims=True), 1e-30)
    line = np.cross(normal[:, 0], normal[:, 1])
    offset = corners - corners[:, ::-1, :1]
    height = np.einsum("npck,npk->npc", offset, normal[:, ::-1])
    longest = np.linalg.norm(sides, axis=3).max(axis=2)
    least = np.minimum(MIN_DEPTH * shape.diagonal, MIN_DEPTH_OF_FACE * longest)
    deep = (np.minimum(height.max(axis=2), -height.min(axis=2)) > least).all(axis=1)
    deep &= np.linalg.norm(line, axis=1) > MIN_SINE
    pairs, same = pairs[deep], same[deep]
    corners, height, line = corners[deep], height[deep], line[deep]
    line /= np.linalg.norm(line, axis=1, keepdims=True)
    # Both ends where a triangle's edges pass the other's plane, as distances along the line.
    after = np.roll(height, -1, axis=2)
    passes = (height > 0) != (after > 0)
    share = np.where(passes, height / np.where(passes, height - after, 1), 0)
    points = corners + share[..., None] * (np.roll(corners, -1, axis=2) - corners)
    start = points[np.arange(len(pairs)), 0, np.argmax(passes[:, 0], axis=1)]
    along = np.einsum("npck,nk->npc", points - start[:, None, None], line)
    low = np.where(passes, along, np.inf).min(axis=2).max(axis=1)
    high = np.where(passes, along, -np.inf).max(axis=2).min(axis=1)
    ends = np.stack([low, np.maximum(low, high)], axis=1)
    return Crossings(pairs, start[:, None] + ends[..., None] * line[:, None], same)
