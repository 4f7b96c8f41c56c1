"""Ray casting and distances on a shape (Embree, through Open3D)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.geometry.shape import Bools, Floats, Ints, Shape

THREADS = 2  # a worker's; more would only fight with the other workers'


def raycaster(shape: Shape) -> Any:
    """An Open3D RaycastingScene of the shape, in the shape's own frame, metres."""
    import open3d as o3d

    scene = o3d.t.geometry.RaycastingScene(nthreads=THREADS)
    scene.add_triangles(
        o3d.core.Tensor(shape.vertices.astype(np.float32)),
        o3d.core.Tensor(shape.faces.astype(np.uint32)),
    )
    return scene


@dataclass(frozen=True, eq=False)
class SurfaceHits:
    """Where rays (..., 6) meet a surface.

    depth: (...) in units of the rays' directions, inf where a ray meets nothing. Of the P rays that
    meet it: face (P,), weights (P, 3) of its corners, normal (P, 3), unit, as the face is wound.
    """

    depth: Floats
    face: Ints
    weights: Floats
    normal: Floats

    @property
    def on(self) -> Bools:
        """(...) bool, which rays meet the surface."""
        return np.isfinite(self.depth)

    def facing_normals(self, corner_normals: Floats, direction: Floats) -> Floats:
        """(P, 3) unit normals, smooth, turned towards the eye.

        corner_normals: (F, 3, 3); direction: (3,) or (P, 3), of the rays.
        """
        normal = np.einsum("pc,pck->pk", self.weights, corner_normals[self.face])
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
        away = np.sum(normal * direction, axis=1) > 0
        return np.where(away[:, None], -normal, normal)


def surface_hits(scene: Any, rays: Any) -> SurfaceHits:
    """Cast an Open3D tensor of rays (..., 6) at a scene that raycaster has made."""
    hits = scene.cast_rays(rays, nthreads=THREADS)
    depth = hits["t_hit"].numpy().astype(np.float64)
    on = np.isfinite(depth)
    uv = hits["primitive_uvs"].numpy()[on].astype(np.float64)
    face = hits["primitive_ids"].numpy()[on].astype(np.int64)
    normal = hits["primitive_normals"].numpy()[on].astype(np.float64)
    return SurfaceHits(depth, face, np.column_stack([1 - uv.sum(axis=1), uv]), normal)
