"""Ray casting and distances on a shape (Embree, through Open3D)."""

from __future__ import annotations

from typing import Any

import numpy as np

from datagen.geometry.shape import Shape

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
