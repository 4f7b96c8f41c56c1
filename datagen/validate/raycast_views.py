"""A scene's views seen again: rays through every pixel at the cached meshes in their poses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.geometry.raycast import THREADS
from datagen.geometry.shape import Bools, Floats, Ints, Shape, face_normals
from datagen.scenes.label import DEPTH_TOLERANCE, FLOOR_HALF_EXTENT, NORMAL_TOLERANCE


@dataclass(frozen=True)
class Placed:
    """A shape in the world. pose: (4, 4) similarity, shape to world."""

    shape: Shape
    pose: Floats

    @property
    def vertices(self) -> Floats:
        """(V, 3) world, metres."""
        return self.shape.vertices @ self.pose[:3, :3].T + self.pose[:3, 3]

    @property
    def world(self) -> Shape:
        """The shape with its vertices in the world, metres."""
        return self.shape.with_vertices(self.vertices)


@dataclass(frozen=True)
class Seen:
    """One view, (H, W): object's number, -1 = floor, -2 = nothing; its face; planar depth, m.

    normal: (H, W, 3) world, unit, towards the camera.
    """

    owner: Ints
    face: Ints
    depth: Floats
    normal: Floats


class World:
    """All objects and the floor in one ray-casting scene."""

    def __init__(self, objects: Sequence[Placed]) -> None:
        import open3d as o3d

        self.objects = objects
        self._scene = o3d.t.geometry.RaycastingScene(nthreads=THREADS)
        worlds = [item.world for item in objects]
        self._normals = [face_normals(world.corners) for world in worlds]
        edge = FLOOR_HALF_EXTENT
        floor = np.array([[-edge, -edge, 0], [edge, -edge, 0], [edge, edge, 0], [-edge, edge, 0]])
        for vertices, faces in (
            *((world.vertices, world.faces) for world in worlds),
            (floor, np.array([[0, 1, 2], [0, 2, 3]])),
        ):
            self._scene.add_triangles(
                o3d.core.Tensor(vertices.astype(np.float32)),
                o3d.core.Tensor(faces.astype(np.uint32)),
            )

    def see(self, world_to_camera: Floats, matrix: Floats, size: tuple[int, int]) -> Seen:
        """One view by casting a ray through every pixel's centre.

        world_to_camera: (4, 4) in OpenCV axes; matrix: (3, 3) intrinsics in pixels; size: height
        and width in pixels.
        """
        import open3d as o3d

        rows, columns = np.indices(size) + 0.5
        pixels = np.stack([columns, rows, np.ones(size)], axis=-1)
        direction = pixels @ np.linalg.inv(matrix).T @ world_to_camera[:3, :3]
        eye = -world_to_camera[:3, :3].T @ world_to_camera[:3, 3]
        rays = np.concatenate([np.broadcast_to(eye, direction.shape), direction], axis=-1)
        hits = self._scene.cast_rays(o3d.core.Tensor(rays.astype(np.float32)), nthreads=THREADS)
        depth = hits["t_hit"].numpy().astype(np.float64)
        owner = np.where(np.isfinite(depth), hits["geometry_ids"].numpy().astype(np.int64), -2)
        owner[owner == len(self.objects)] = -1
        face = np.where(owner >= 0, hits["primitive_ids"].numpy().astype(np.int64), 0)
        normal = np.zeros((*size, 3))
        normal[owner == -1] = (0, 0, 1)
        for number, normals in enumerate(self._normals):
            mine = owner == number
            normal[mine] = normals[face[mine]]
        away = np.einsum("hwk,hwk->hw", normal, direction) > 0
        normal[away] *= -1
        return Seen(owner, face, np.where(np.isfinite(depth), depth, 0), normal)


def looks_different(
    objects: Sequence[Placed], seen: Seen, others: Sequence[Placed], before: Seen
) -> Bools:
    """(H, W) pixels in which two worlds look different.

    objects, others: the two worlds', as many in each and in the same order; seen, before: one view
    of each.
    """
    result = seen.owner != before.owner
    result |= np.abs(seen.depth - before.depth) > DEPTH_TOLERANCE
    cosine = np.einsum("hwk,hwk->hw", seen.normal, before.normal)
    result |= (np.abs(cosine) < np.cos(NORMAL_TOLERANCE)) & (seen.owner >= 0)
    for number, (item, other) in enumerate(zip(objects, others, strict=True)):
        if item.shape is other.shape:
            continue
        both = (seen.owner == number) & (before.owner == number)
        alike = np.array([[a == b for b in other.shape.materials] for a in item.shape.materials])
        result[both] |= ~alike[
            item.shape.face_material[seen.face[both]],
            other.shape.face_material[before.face[both]],
        ]
    return result
