"""Bump: a round swelling (1 - r^2)^2 on one side of the surface (App. A.1)."""

from __future__ import annotations

from typing import Any

import numpy as np

from anomalies.refine import refine
from anomalies.severity import scaled
from anomalies.subject import Subject
from anomalies.surface import moved_faces, vertex_normals
from datagen.raycast import THREADS
from datagen.shape import Bools, Shape

CANDIDATES = 64


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> dict[str, Any] | str:
    """A point of the surface that can be seen along its normal, however the mesh is wound.

    centre: (3,) metres; normal: (3,) out of the shape; wound: +1, or -1 where faces look inward;
    radius, height: metres.
    """
    import open3d as o3d

    shape = subject.shape
    area = shape.face_areas
    face = rng.choice(len(area), CANDIDATES, p=area / area.sum())
    weights = rng.dirichlet(np.ones(3), CANDIDATES)
    corners = shape.corners[face]
    points = np.einsum("nk,nkd->nd", weights, corners)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    radius = float(rng.uniform(0.1, 0.2) * shape.diagonal)
    height = scaled(severity, 0.02, 0.04, 0.09, 0.14) * shape.diagonal
    scene = subject.raycaster
    # A side from which a ray meets nothing is outside; the faces' own winding is tried first.
    for wound in (1.0, -1.0):
        starts = points + wound * 1e-3 * shape.diagonal * normals
        rays = np.concatenate([starts, wound * normals], axis=1).astype(np.float32)
        hit = scene.cast_rays(o3d.core.Tensor(rays), nthreads=THREADS)["t_hit"].numpy()
        open_side = np.flatnonzero(~np.isfinite(hit))
        if len(open_side):
            pick = open_side[0]
            return {
                "centre": points[pick].tolist(),
                "normal": (wound * normals[pick]).tolist(),
                "wound": wound,
                "radius": radius,
                "height": height,
            }
    return "no open surface point"


def apply(subject: Subject, parameters: dict[str, Any]) -> tuple[Shape, Bools] | str:
    """Refine near the centre, then push; faces that look another way (a thin wall's back) stay."""
    shape = subject.shape
    centre, normal = np.array(parameters["centre"]), np.array(parameters["normal"])
    radius = parameters["radius"]
    fine, _ = refine(shape, radius / 10, (centre, radius))
    facing = parameters["wound"] * vertex_normals(fine)
    distance = np.linalg.norm(fine.vertices - centre, axis=1) / radius
    profile = np.where(distance < 1, (1 - np.minimum(distance, 1) ** 2) ** 2, 0)
    gate = np.clip((facing @ normal + 0.1) / 0.5, 0, 1)
    profile *= gate * gate * (3 - 2 * gate)
    direction = facing + normal
    direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-9)
    odd = fine.with_vertices(fine.vertices + parameters["height"] * profile[:, None] * direction)
    return odd, moved_faces(fine, odd)
