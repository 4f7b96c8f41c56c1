"""Labels by casting rays at the very meshes that are rendered; no renderer is involved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.geometry.boxes import box_corners
from datagen.geometry.cameras import project
from datagen.geometry.raycast import THREADS, raycaster
from datagen.geometry.shape import Floats, Ints, Shape, face_normals
from datagen.scenes.objects import PlacedShape

FLOOR_HALF_EXTENT = 5.0
DEPTH_TOLERANCE = 0.0015
NORMAL_TOLERANCE = 0.35
DEPTH_STEP = 2.0**-14


@dataclass(frozen=True)
class Labels:
    """What the rays say of V views of H x W pixels and N objects, as docs/format.md has it.

    depth, instance, part, defect: (V, H, W), depth in metres; normal: (V, H, W, 3), world, times
    127; visible_fraction, defect_pixels: (N, V); box_2d: (N, V, 4) pixels.
    """

    depth: NDArray[np.float32]
    instance: NDArray[np.uint8]
    part: NDArray[np.uint8]
    defect: NDArray[np.uint8]
    normal: NDArray[np.int8]
    visible_fraction: NDArray[np.float32]
    defect_pixels: NDArray[np.int32]
    box_2d: NDArray[np.int32]


@dataclass(frozen=True)
class _Hits:
    """What one object alone shows in one view, (H, W): depth (inf = miss) and face index."""

    depth: NDArray[np.float64]
    face: Ints


class _Caster:
    """Casts a view's rays at one placed shape, inside the 2D box of its 3D box only.

    The rays are moved into the shape's own frame, so that objects of one shape share a scene.
    """

    def __init__(self, item: PlacedShape, shape: Shape, scene: Any) -> None:
        self.shape = shape
        self._scene = scene
        pose = item.object_to_world
        self._to_object = np.linalg.inv(pose)
        self._box = box_corners(shape.bounds) @ pose[:3, :3].T + pose[:3, 3]
        scale = np.cbrt(np.linalg.det(pose[:3, :3]))
        self.face_normals = face_normals(shape.corners) @ pose[:3, :3].T / scale

    def cast(self, rays: NDArray[np.float32], world_to_camera: Floats, matrix: Floats) -> _Hits:
        import open3d as o3d

        height, width = rays.shape[:2]
        depth = np.full((height, width), np.inf)
        face = np.zeros((height, width), dtype=np.int64)
        pixels, _ = project(self._box, world_to_camera, matrix)
        size = np.array([width, height])
        x0, y0 = np.clip(np.floor(pixels.min(axis=0)) - 1, 0, size).astype(int)
        x1, y1 = np.clip(np.ceil(pixels.max(axis=0)) + 1, 0, size).astype(int)
        if x1 > x0 and y1 > y0:
            window = rays[y0:y1, x0:x1].astype(np.float64)
            turn, move = self._to_object[:3, :3].T, self._to_object[:3, 3]
            local = np.concatenate([window[..., :3] @ turn + move, window[..., 3:] @ turn], axis=-1)
            answer = self._scene.cast_rays(
                o3d.core.Tensor(local.astype(np.float32)), nthreads=THREADS
            )
            depth[y0:y1, x0:x1] = answer["t_hit"].numpy()
            found = answer["primitive_ids"].numpy().astype(np.int64)
            face[y0:y1, x0:x1] = np.where(found < len(self.shape.faces), found, 0)
        return _Hits(depth, face)


def _casters(
    objects: Sequence[PlacedShape],
) -> tuple[list[_Caster], list[_Caster | None]]:
    """For every object one of its shape and, where it is odd, one of its normal self."""
    scenes: dict[int, Any] = {}

    def caster(item: PlacedShape, shape: Shape) -> _Caster:
        if id(shape) not in scenes:
            scenes[id(shape)] = raycaster(shape)
        return _Caster(item, shape, scenes[id(shape)])

    selves = [caster(item, item.shape) for item in objects]
    normal_selves = [
        None if item.normal_shape is None else caster(item, item.normal_shape) for item in objects
    ]
    return selves, normal_selves


def pixel_rays(world_to_camera: Floats, matrix: Floats, resolution: int) -> NDArray[np.float32]:
    """(H, W, 6) origin and direction in the world, scaled so that the ray's t is planar depth.

    world_to_camera: (4, 4), OpenCV axes; matrix: (3, 3) intrinsics; resolution: H and W.
    """
    centre = np.arange(resolution) + 0.5
    u, v = np.meshgrid(centre, centre)
    local = np.stack(
        [(u - matrix[0, 2]) / matrix[0, 0], (v - matrix[1, 2]) / matrix[1, 1], np.ones_like(u)],
        axis=-1,
    )
    direction = local @ world_to_camera[:3, :3]
    eye = -world_to_camera[:3, :3].T @ world_to_camera[:3, 3]
    return np.concatenate([np.broadcast_to(eye, direction.shape), direction], axis=-1).astype(
        np.float32
    )


def label_scene(
    objects: Sequence[PlacedShape], poses: Floats, matrix: Floats, resolution: int
) -> Labels:
    """Labels of every view.

    poses: (V, 4, 4) world_to_camera, OpenCV axes; matrix: (3, 3) intrinsics of all views;
    resolution: of the square images, pixels.
    """
    casters, normal_selves = _casters(objects)
    same_material = [
        None if item.normal_shape is None else _same_material(item.normal_shape, item.shape)
        for item in objects
    ]
    views, count = len(poses), len(objects)
    shape = (views, resolution, resolution)
    depth = np.zeros(shape, np.float32)
    instance, part, defect = (np.zeros(shape, np.uint8) for _ in range(3))
    normal = np.zeros((*shape, 3), np.int8)
    visible_fraction = np.zeros((count, views), np.float32)
    defect_pixels = np.zeros((count, views), np.int32)
    box_2d = np.full((count, views, 4), -1, np.int32)
    for view, pose in enumerate(poses):
        rays = pixel_rays(pose, matrix, resolution)
        hits = [caster.cast(rays, pose, matrix) for caster in casters]
        floor = _floor_depth(rays)
        layers = np.stack([floor, *(hit.depth for hit in hits)])
        winner = np.argmin(layers, axis=0)
        nearest = np.min(layers, axis=0)
        depth[view] = np.where(np.isfinite(nearest), np.round(nearest / DEPTH_STEP) * DEPTH_STEP, 0)
        instance[view] = winner
        normal[view][np.isfinite(floor) & (winner == 0)] = (0, 0, 127)
        for k, (caster, hit) in enumerate(zip(casters, hits, strict=True)):
            seen = winner == k + 1
            silhouette = np.isfinite(hit.depth).sum()
            visible_fraction[k, view] = seen.sum() / max(silhouette, 1)
            part[view][seen] = caster.shape.face_part[hit.face[seen]] + 1
            facing = caster.face_normals[hit.face[seen]]
            away = np.einsum("pk,pk->p", facing, rays[seen][:, 3:]) > 0
            facing = np.where(away[:, None], -facing, facing)
            normal[view][seen] = np.round(facing * 127).astype(np.int8)
            if seen.any():
                rows, columns = np.nonzero(seen)
                box_2d[k, view] = (
                    columns.min(),
                    rows.min(),
                    columns.max() + 1,
                    rows.max() + 1,
                )
            before, same = normal_selves[k], same_material[k]
            if before is not None and same is not None:
                others = np.min(np.delete(layers, k + 1, axis=0), axis=0)
                differs = _differs(
                    caster, hit, before, before.cast(rays, pose, matrix), others, same
                )
                defect[view] |= differs
                defect_pixels[k, view] = differs.sum()
    return Labels(depth, instance, part, defect, normal, visible_fraction, defect_pixels, box_2d)


def _floor_depth(rays: NDArray[np.float32]) -> Floats:
    """(H, W) depth of the floor square at z = 0, inf where a ray misses it."""
    origin, direction = rays[..., :3].astype(np.float64), rays[..., 3:].astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = -origin[..., 2] / direction[..., 2]
        point = origin + t[..., None] * direction
    on_floor = (t > 0) & (np.abs(point[..., :2]) <= FLOOR_HALF_EXTENT).all(axis=-1)
    return np.where(on_floor, t, np.inf)


def _same_material(normal_shape: Shape, shape: Shape) -> NDArray[np.bool_]:
    """(materials of the normal shape, materials of the shape): which look alike."""
    return np.array([[a == b for b in shape.materials] for a in normal_shape.materials])


def _differs(
    caster: _Caster,
    hit: _Hits,
    before: _Caster,
    hit_before: _Hits,
    others: Floats,
    same_material: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """(H, W) pixels that would look different with the object's normal self instead."""
    seen, seen_before = hit.depth < others, hit_before.depth < others
    both = seen & seen_before
    result = seen != seen_before
    face, face_before = hit.face[both], hit_before.face[both]
    moved = np.abs(hit.depth[both] - hit_before.depth[both]) > DEPTH_TOLERANCE
    cosine = np.einsum("pk,pk->p", caster.face_normals[face], before.face_normals[face_before])
    turned = np.abs(cosine) < np.cos(NORMAL_TOLERANCE)
    repainted = ~same_material[
        before.shape.face_material[face_before], caster.shape.face_material[face]
    ]
    result[both] = moved | turned | repainted
    return result
