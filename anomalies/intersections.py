"""Where a surface passes through itself, and whether an odd shape newly does so.

Two triangles cross where they belong to one connected surface (vertices joined by position), share
no corner, meet at an angle of at least MIN_SINE, and each reaches more than a hair to both sides of
the other's plane. So neither touching or coplanar faces, nor a moved part inside another, nor
doubled sheets count: only a fold of a surface through itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from anomalies.surface import connected, weld
from datagen.shape import Floats, Ints, Shape

if TYPE_CHECKING:
    from anomalies.subject import Subject

MIN_SINE = 0.1  # between the planes
MIN_DEPTH = 1e-3  # of the diagonal, or MIN_DEPTH_OF_FACE of a small triangle's longest edge
MIN_DEPTH_OF_FACE = 0.05
STEP = 0.005  # of the diagonal, between sample points on crossings
SAME_PLACE = 0.015  # of the diagonal
STRETCH = 1.3  # how much longer a crossing may become by the deformation of its surroundings


@dataclass(frozen=True, eq=False)
class Crossings:
    """faces: (N, 2) the triangles; segments: (N, 2, 3) metres, the line that both contain."""

    faces: Ints
    segments: Floats

    @property
    def lengths(self) -> Floats:
        """(N,) metres."""
        return np.linalg.norm(self.segments[:, 1] - self.segments[:, 0], axis=1)


def self_crossings(shape: Shape) -> Crossings:
    """All pairs of triangles of one surface that cross (exact predicates, libigl)."""
    from igl.predicates import find_self_intersections

    faces = weld(shape.vertices)[shape.faces]
    _, first = np.unique(faces, return_index=True)
    vertices = np.ascontiguousarray(shape.vertices[shape.faces.ravel()[first]])
    proper = np.flatnonzero((faces != np.roll(faces, 1, axis=1)).all(axis=1))
    _, found, coplanar = find_self_intersections(vertices, np.ascontiguousarray(faces[proper]))
    pairs = proper[found[coplanar.ravel() == 0]]
    surface = connected(faces)
    pairs = pairs[surface[pairs[:, 0]] == surface[pairs[:, 1]]]
    apart = (faces[pairs[:, 0], :, None] != faces[pairs[:, 1], None, :]).all(axis=(1, 2))
    return _properly_crossing(shape, pairs[apart])


def _properly_crossing(shape: Shape, pairs: Ints) -> Crossings:
    """The pairs (N, 2) that cross at an angle and with a depth, and their common segment."""
    corners = shape.corners[pairs]
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
    pairs, corners, height, line = pairs[deep], corners[deep], height[deep], line[deep]
    line /= np.linalg.norm(line, axis=1, keepdims=True)
    # Both ends where a triangle's edges pass the other's plane, as places along the line.
    after = np.roll(height, -1, axis=2)
    passes = (height > 0) != (after > 0)
    share = np.where(passes, height / np.where(passes, height - after, 1), 0)
    points = corners + share[..., None] * (np.roll(corners, -1, axis=2) - corners)
    start = points[np.arange(len(pairs)), 0, np.argmax(passes[:, 0], axis=1)]
    place = np.einsum("npck,nk->npc", points - start[:, None, None], line)
    low = np.where(passes, place, np.inf).min(axis=2).max(axis=1)
    high = np.where(passes, place, -np.inf).max(axis=2).min(axis=1)
    ends = np.stack([low, np.maximum(low, high)], axis=1)
    return Crossings(pairs, start[:, None] + ends[..., None] * line[:, None])


def new_crossing_length(subject: Subject, odd: Shape) -> float:
    """Metres of crossing where the parent has none, less those of the parent that are gone.

    The difference tells a new fold from an old one that a deformation carried elsewhere; a place
    and a length do not change when triangles are split.
    """
    crossings = self_crossings(odd)
    if len(crossings.faces) == 0:
        return 0.0
    old = subject.crossings
    diagonal = subject.shape.diagonal
    here, there = _samples(crossings, diagonal), _samples(old, diagonal)
    reach = SAME_PLACE * diagonal
    gone = STRETCH * _elsewhere(there, here, reach)
    return max(0.0, _elsewhere(here, there, reach) - gone)


def _samples(crossings: Crossings, diagonal: float) -> tuple[Floats, Floats]:
    """(S, 3) points along the crossings and (S,) metres that each stands for."""
    count = np.maximum(1, np.ceil(crossings.lengths / (STEP * diagonal))).astype(np.int64)
    owner = np.repeat(np.arange(len(count)), count)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    place = ((rank + 0.5) / count[owner])[:, None]
    start, end = crossings.segments[owner, 0], crossings.segments[owner, 1]
    return start + place * (end - start), (crossings.lengths / count)[owner]


def _elsewhere(here: tuple[Floats, Floats], there: tuple[Floats, Floats], reach: float) -> float:
    """Metres of `here` that lie farther than reach from every point of `there`."""
    from scipy.spatial import cKDTree

    if len(there[0]) == 0:
        return float(here[1].sum())
    distance, _ = cKDTree(there[0]).query(here[0], distance_upper_bound=reach)
    return float(here[1][~np.isfinite(distance)].sum())
