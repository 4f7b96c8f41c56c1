"""Facts of a surface that several anomalies need."""

from __future__ import annotations

import numpy as np

from datagen.raycast import THREADS, raycaster
from datagen.shape import Bools, Floats, Ints, Shape

MOVED = 5e-7  # metres: what the grid of stored positions may move by itself


def random_direction(rng: np.random.Generator) -> Floats:
    """(3,) uniform on the unit sphere."""
    direction = rng.normal(size=3)
    return direction / np.linalg.norm(direction)


def surface_centroid(shape: Shape) -> Floats:
    """(3,) area-weighted centre of the surface, metres."""
    area = shape.face_areas
    return (shape.corners.mean(axis=1) * area[:, None]).sum(axis=0) / max(area.sum(), 1e-30)


def moved_faces(before: Shape, after: Shape) -> Bools:
    """(F,) faces with a corner that moved; both shapes have the same faces."""
    step = np.linalg.norm(after.vertices - before.vertices, axis=1)
    return (step > MOVED)[before.faces].any(axis=1)


def weld(vertices: Floats) -> Ints:
    """(V,) the same number for vertices at the same position (to 1e-6 m)."""
    _, same = np.unique(np.round(vertices * 1e6).astype(np.int64), axis=0, return_inverse=True)
    return same.reshape(-1)


def vertex_normals(shape: Shape) -> Floats:
    """(V, 3) unit normals, averaged by area over all faces that meet at the same position."""
    corners = shape.corners
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    same = weld(shape.vertices)
    target = same[shape.faces].ravel()
    spread = np.repeat(normal, 3, axis=0)
    count = int(same.max()) + 1
    sums = [np.bincount(target, spread[:, axis], count) for axis in range(3)]
    total: Floats = np.stack(sums, axis=1).astype(np.float64)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return (total / np.maximum(length, 1e-30))[same]


def surface_distance(points: Floats, shape: Shape) -> Floats:
    """(N,) distance in metres from (N, 3) points to the shape's surface."""
    import open3d as o3d

    query = o3d.core.Tensor(np.ascontiguousarray(points, dtype=np.float32))
    return raycaster(shape).compute_distance(query, nthreads=THREADS).numpy().astype(np.float64)
