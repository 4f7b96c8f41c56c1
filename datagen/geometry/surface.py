"""Facts of a surface that several anomalies need."""

from __future__ import annotations

from typing import Any

import numpy as np

from datagen.geometry.raycast import THREADS, raycaster
from datagen.geometry.shape import Bools, Floats, Ints, Shape, area_vectors

MOVED = 5e-7  # metres: what the grid of stored positions may move by itself


def random_direction(rng: np.random.Generator) -> Floats:
    """(3,) a unit vector drawn evenly over the sphere."""
    direction = rng.normal(size=3)
    unit: Floats = direction / np.linalg.norm(direction)
    return unit


def surface_centroid(shape: Shape) -> Floats:
    """(3,) area-weighted centre of the surface, metres."""
    area = shape.face_areas
    weighted = (shape.corners.mean(axis=1) * area[:, None]).sum(axis=0)
    centre: Floats = weighted / max(area.sum(), 1e-30)
    return centre


def moved_faces(before: Shape, after: Shape) -> Bools:
    """(F,) bool, faces with a corner that moved; both shapes have the same faces."""
    step = np.linalg.norm(after.vertices - before.vertices, axis=1)
    moved: Bools = (step > MOVED)[before.faces].any(axis=1)
    return moved


def weld(vertices: Floats) -> Ints:
    """(V,) the same number for vertices (V, 3) at the same position (to 1e-6 m)."""
    steps = np.round(vertices.T * 1e6).astype(np.int64)
    steps -= steps.min(axis=1, keepdims=True)
    same: Ints
    if steps.max() < 2**21:
        keys = (steps[0] << 42) | (steps[1] << 21) | steps[2]
        same = np.unique(keys, return_inverse=True)[1].reshape(-1)
        return same
    same = np.zeros(len(vertices), np.int64)
    for along_axis in steps:
        rank = np.unique(along_axis, return_inverse=True)[1]
        same = np.unique(same * (rank.max() + 1) + rank, return_inverse=True)[1]
    return same


def vertex_normals(shape: Shape) -> Floats:
    """(V, 3) unit normals, averaged by area over all faces that meet at the same position."""
    normal = area_vectors(shape.corners)
    same = weld(shape.vertices)
    target = same[shape.faces].ravel()
    spread = np.repeat(normal, 3, axis=0)
    count = int(same.max()) + 1
    sums = [np.bincount(target, spread[:, axis], count) for axis in range(3)]
    total: Floats = np.stack(sums, axis=1).astype(np.float64)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    normals: Floats = (total / np.maximum(length, 1e-30))[same]
    return normals


def surface_distance(points: Floats, shape: Shape, scene: Any = None) -> Floats:
    """(N,) metres from points (N, 3), in the shape's frame, to its surface.

    scene: the shape's raycaster, where there is one already.
    """
    import open3d as o3d

    query = o3d.core.Tensor(np.ascontiguousarray(points, dtype=np.float32))
    found = (scene or raycaster(shape)).compute_distance(query, nthreads=THREADS)
    metres: Floats = found.numpy().astype(np.float64)
    return metres


def surface_points(shape: Shape, count: int) -> tuple[Floats, Ints]:
    """Points (count, 3) spread evenly over the area, and the face (count,) of each.

    They are the same every time.
    """
    area = np.cumsum(shape.face_areas)
    before = (np.arange(count) + 0.5) / count * area[-1]
    face = np.minimum(np.searchsorted(area, before), len(area) - 1)
    weights = np.random.default_rng(0).dirichlet(np.ones(3), count)
    points: Floats = np.einsum("nk,nkd->nd", weights, shape.corners[face])
    return points, face
