"""Rigid bodies in Blender: convex hulls that fall on a plane, each far from the others.

Blender has no rolling friction and contacts without a margin jitter, so that round bodies would
roll for ever: hence the margin, the damping, and that a body counts as soon as it lies still.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np
from scipy.spatial import ConvexHull

from datagen.blender.session import reset
from datagen.geometry.shape import Bools, Floats

FRAMES = 260
REST_FRAMES = 24
SPACING = 3.0
MOVED = 0.001  # metres within REST_FRAMES, any point of a body
MARGIN = 0.004  # metres


def settle(hulls: Sequence[Floats], rotations: Sequence[Floats]) -> tuple[Floats, Bools]:
    """Rotations (N, 3, 3) where each body first lay still, and whether it did (N,) bool.

    hulls: (P, 3) points of each body in metres about its centre of mass; rotations: (3, 3) of each
    at the start. The bodies fall onto z = 0, far from each other.
    """
    bpy = reset()
    from mathutils import Matrix

    scene = bpy.context.scene
    scene.frame_end = FRAMES
    bpy.ops.rigidbody.world_add()
    world = scene.rigidbody_world
    world.substeps_per_frame = 20
    world.solver_iterations = 20
    world.point_cache.frame_end = FRAMES

    extent = SPACING * (len(hulls) + 1)
    floor = _mesh_object(
        bpy,
        "floor",
        np.array([[x, y, z] for z in (-1.0, 0.0) for x in (-9.0, extent) for y in (-9.0, 9.0)]),
    )
    _rigid(bpy, floor, "PASSIVE")
    bodies = []
    for k, (points, rotation) in enumerate(zip(hulls, rotations, strict=True)):
        body = _mesh_object(bpy, f"body_{k}", points)
        matrix = np.eye(4)
        matrix[:3, :3] = rotation
        matrix[:3, 3] = (k * SPACING, 0, 0.02 - (points @ rotation.T)[:, 2].min())
        body.matrix_world = Matrix(matrix.tolist())
        _rigid(bpy, body, "ACTIVE")
        bodies.append(body)

    extremes = np.array([_extreme_points(points) for points in hulls])
    recent: deque[Floats] = deque(maxlen=REST_FRAMES)
    at_rest = np.zeros(len(bodies), bool)
    rested = np.zeros((len(bodies), 4, 4))
    for frame in range(1, FRAMES + 1):
        scene.frame_set(frame)
        poses = np.array([body.matrix_world for body in bodies])
        rested[~at_rest] = poses[~at_rest]
        recent.append(extremes @ poses[:, :3, :3].swapaxes(1, 2) + poses[:, None, :3, 3])
        if len(recent) == REST_FRAMES:
            at_rest |= _still(np.array(recent))
            if at_rest.all():
                break
    left, _, right = np.linalg.svd(rested[:, :3, :3])
    return left @ right, at_rest


def _extreme_points(points: Floats) -> Floats:
    """(27, 3) of the points (P, 3), those farthest to every side."""
    sides = np.indices((3, 3, 3)).reshape(3, -1) - 1
    return points[(points @ sides).argmax(axis=0)]


def _still(track: Floats) -> Bools:
    """(N,) which bodies hardly moved over the frames of track (F, N, P, 3)."""
    still: Bools = np.linalg.norm(track - track[-1], axis=-1).max(axis=(0, 2)) < MOVED
    return still


def _mesh_object(bpy: ModuleType, name: str, points: Floats) -> Any:
    hull = ConvexHull(points, qhull_options="QJ")
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(points.tolist(), [], hull.simplices.tolist())
    body = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(body)
    return body


def _rigid(bpy: ModuleType, body: Any, kind: str) -> None:
    bpy.context.view_layer.objects.active = body
    bpy.ops.rigidbody.object_add(type=kind)
    settings = body.rigid_body
    settings.collision_shape = "CONVEX_HULL"
    settings.use_margin = True
    settings.collision_margin = MARGIN
    settings.friction = 0.9
    settings.restitution = 0.0
    settings.linear_damping = 0.3
    settings.angular_damping = 0.97
    settings.mass = 1.0
