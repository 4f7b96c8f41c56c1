"""Grooves cut into a surface along the zeros of fields: V-shaped, tapered, conforming."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from anomalies.surgery.scalar_grid import Grid
from anomalies.surgery.split import Field, face_side, refine_near_zero, split_at_zero
from datagen.geometry.components import face_components
from datagen.geometry.raycast import THREADS
from datagen.geometry.self_intersections import crossings
from datagen.geometry.shape import Bools, Floats, Ints, Shape
from datagen.geometry.surface import vertex_normals, weld

EDGE = 1.2  # half widths: edges near the groove are not longer
OF_THICKNESS = 0.3  # of the material below the surface, at most, is cut: from both sides
EASED = (0.6, 0.5, 0.4, 0.0, 0.0)  # what remains of a step that makes the surface cross itself
LEAST_AGREEMENT = 0.25  # cosine between the rounded direction and the mesh's normal
SKIN = 1.5  # cells: how far below the solid's surface a face may lie to be seen


@dataclass(frozen=True)
class Strand:
    """One line of a groove.

    middle: (N, 3) points to (N,), zero where the groove is deepest; half_width: to (N,) metres, 0
    or less beyond its ends. centre (3,), radius: a ball in metres that holds the whole strand.
    """

    middle: Field
    half_width: Field
    centre: Floats
    radius: float

    def rise(self, points: Floats) -> Floats:
        """(N,) metres at points (N, 3): less than 0 within the groove, 0 at its edges."""
        return np.abs(self.middle(points)) - self.half_width(points)

    def beyond(self, points: Floats) -> Floats:
        """(N,) metres at points (N, 3): 0 on the middle in the ball, else about how far from it."""
        outside = np.linalg.norm(points - self.centre, axis=1) - self.radius
        return np.maximum(np.abs(self.middle(points)), outside)


def carve(
    shape: Shape, solid: Grid, rays: Any, strands: list[Strand], width: float, depth: float
) -> tuple[Shape, Bools]:
    """Push the middle of the strands in by `depth` metres where they are `width` to a side.

    solid: signed distance, metres, negative inside; rays: the shape's raycaster. Returns the shape
    and (F,) bool the groove's faces.
    """
    for strand in strands:
        shape, _, _ = refine_near_zero(shape, strand.beyond, EDGE * width)
    for strand in strands:
        near = np.linalg.norm(shape.vertices - strand.centre, axis=1) < strand.radius
        shape, _, _ = split_at_zero(shape, strand.middle, within=near)

    def rise(points: Floats) -> Floats:
        lowest: Floats = np.min([strand.rise(points) for strand in strands], axis=0)
        return lowest

    shape, _, values = split_at_zero(shape, rise)
    values[solid.at(shape.vertices) < -SKIN * solid.spacing] = 0
    groove = face_side(shape, values)
    low = np.flatnonzero(values < 0)
    inward = inward_directions(shape, low, solid, depth)
    sunk = np.minimum(
        -values[low] * depth / width,
        OF_THICKNESS * _thickness(shape.vertices[low], inward, solid, rays, depth / OF_THICKNESS),
    )
    return _pushed(shape, low, sunk[:, None] * inward), groove


def _pushed(shape: Shape, chosen: Ints, step: Floats) -> Shape:
    """The chosen vertices moved by step (N, 3), less where the surface would cross itself."""
    surface = face_components(weld(shape.vertices)[shape.faces])

    def folds(shape: Shape, faces: Ints) -> set[tuple[int, int]]:
        """Pairs of the faces (N,) that cross and belong to one surface."""
        pairs = crossings(shape, faces).faces
        return set(map(tuple, pairs[surface[pairs[:, 0]] == surface[pairs[:, 1]]].tolist()))

    share = np.ones(len(chosen))
    changed, pushed = chosen, shape
    for kept in EASED:
        vertices = shape.vertices.copy()
        vertices[chosen] += share[:, None] * step
        pushed = shape.with_vertices(vertices)
        new = folds(pushed, _that_may_meet(pushed, changed))
        if new:
            new -= folds(shape, _faces_of(new))
        if not new:
            break
        eased = np.isin(chosen, shape.faces[_faces_of(new)])
        share[eased] *= kept
        changed = chosen[eased]
    return pushed


def _faces_of(pairs: set[tuple[int, int]]) -> Ints:
    """(N,) the faces that stand in a pair, each once."""
    return np.unique(np.array(list(pairs), np.int64))


def _that_may_meet(shape: Shape, vertices: Ints) -> Ints:
    """Faces that those with one of the vertices may touch, and these."""
    from scipy.spatial import cKDTree

    chosen = np.zeros(len(shape.vertices), bool)
    chosen[vertices] = True
    mine = chosen[shape.faces].any(axis=1)
    corners = shape.corners
    low, high = corners.min(axis=1), corners.max(axis=1)
    within = (low <= high[mine].max(axis=0, initial=-np.inf)).all(axis=1)
    within &= (high >= low[mine].min(axis=0, initial=np.inf)).all(axis=1)
    index: Ints = np.flatnonzero(within)
    if len(index) == 0:
        return index
    middle = (low[index] + high[index]) / 2
    radius = np.linalg.norm(high[index] - low[index], axis=1) / 2
    distance, _ = cKDTree(middle[mine[index]]).query(middle)
    near: Ints = index[distance < radius + radius[mine[index]].max()]
    return near


def inward_directions(shape: Shape, chosen: Ints, solid: Grid, depth: float) -> Floats:
    """(N, 3) unit vectors into the solid at the chosen vertices, rounded off over the depth.

    chosen: (N,) into the shape's vertices; solid: signed distance, metres, negative inside; depth:
    metres. Walls that are pushed in from two sides of an edge would pass through each other if
    the direction changed at once. Where the rounded solid tells nothing, the mesh's normals serve.
    """
    from scipy.ndimage import gaussian_filter

    points = shape.vertices[chosen]
    rounded = solid.like(gaussian_filter(solid.values, depth / solid.spacing, truncate=2.5))
    normal = vertex_normals(shape)[chosen]
    turn = np.sign(np.einsum("vk,vk->v", normal, _slope(solid, points)))
    normal *= -np.where(turn == 0, 1, turn)[:, None]
    smooth = -_slope(rounded, points)
    smooth /= np.maximum(np.linalg.norm(smooth, axis=1, keepdims=True), 1e-12)
    agree = np.einsum("vk,vk->v", normal, smooth) > LEAST_AGREEMENT
    directions: Floats = np.where(agree[:, None], smooth, normal)
    return directions


def _slope(field: Grid, points: Floats) -> Floats:
    """(N, 3) how the field changes over two cells along each axis."""
    step = field.spacing * np.eye(3)
    return np.stack([field.at(points + axis) - field.at(points - axis) for axis in step], axis=1)


def _thickness(points: Floats, inward: Floats, solid: Grid, rays: Any, most: float) -> Floats:
    """(N,) metres of material below surface points, at most `most`; inner faces are ignored."""
    import open3d as o3d

    start = points + 1e-4 * inward
    query = np.concatenate([start, inward], axis=1).astype(np.float32)
    hit = rays.cast_rays(o3d.core.Tensor(query), nthreads=THREADS)
    distance = hit["t_hit"].numpy().astype(np.float64)
    distance = np.minimum(np.where(np.isfinite(distance), distance, most), most)
    buried = solid.at(start + distance[:, None] * inward) < -0.75 * solid.spacing
    return np.where(buried, most, distance)
