"""Grooves cut into a surface along the zeros of fields: V-shaped, tapered, conforming."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from anomalies.grid import Grid
from anomalies.split import Field, face_side, refine_near_zero, split_at_zero
from anomalies.surface import vertex_normals
from datagen.raycast import THREADS
from datagen.shape import Bools, Floats, Shape

EDGE = 1.2  # half widths: edges near the groove are not longer
OF_THICKNESS = 0.45  # of the material below the surface, at most, is cut: from both sides
SKIN = 1.5  # cells: how far below the solid's surface a face may lie to be seen


@dataclass(frozen=True)
class Strand:
    """middle: zero where the groove is deepest; half_width: metres, 0 or less beyond its ends.

    centre, radius: a ball in metres that holds the whole strand.
    """

    middle: Field
    half_width: Field
    centre: Floats
    radius: float

    def rise(self, points: Floats) -> Floats:
        """(N,) metres: less than 0 within the groove, 0 at its edges."""
        return np.abs(self.middle(points)) - self.half_width(points)

    def beyond(self, points: Floats) -> Floats:
        """(N,) metres: 0 on the middle within the ball, else about the distance to that."""
        outside = np.linalg.norm(points - self.centre, axis=1) - self.radius
        return np.maximum(np.abs(self.middle(points)), outside)


def carve(
    shape: Shape, solid: Grid, rays: Any, strands: list[Strand], width: float, depth: float
) -> tuple[Shape, Bools]:
    """Push the middle of the strands in by `depth` metres where they are `width` to a side.

    rays: the shape's raycaster. Returns the shape and (F,) bool the groove's faces.
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
    inward = inward_normals(shape, solid)[low]
    sunk = np.minimum(
        -values[low] * depth / width,
        OF_THICKNESS * _thickness(shape.vertices[low], inward, solid, rays, 2 * depth),
    )
    vertices = shape.vertices.copy()
    vertices[low] += sunk[:, None] * inward
    return shape.with_vertices(vertices), groove


def inward_normals(shape: Shape, solid: Grid) -> Floats:
    """(V, 3) unit normals of the mesh, turned towards the inside of the solid."""
    normal = vertex_normals(shape)
    step = solid.spacing
    slope = np.stack(
        [
            solid.at(shape.vertices + step * axis) - solid.at(shape.vertices - step * axis)
            for axis in np.eye(3)
        ],
        axis=1,
    )
    outward = np.einsum("vk,vk->v", normal, slope) > 0
    turned: Floats = np.where(outward[:, None], -normal, normal)
    return turned


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
