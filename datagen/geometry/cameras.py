"""Twenty views round the scene, as in the published data without its doubled end point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from datagen.geometry.rig import Rig

Floats = NDArray[np.float64]

LENS_MM = 30.0
SENSOR_MM = 36.0
RADIUS = (0.67, 0.77)
HEIGHT = (0.36, 0.42)
MOVED = 1e-3  # metres of height by which a camera may differ without having been moved


def intrinsics(resolution: int, rig: Rig | None = None) -> Floats:
    """(3, 3) pinhole matrix of a square image, in pixels; pixel i covers [i, i + 1)."""
    if rig is not None and rig.matrix is not None:
        fx, fy, cx, cy = np.array(rig.matrix) * resolution
        return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])
    lens = LENS_MM if rig is None or rig.lens is None else rig.lens
    focal = lens / SENSOR_MM * resolution
    return np.array([[focal, 0, resolution / 2], [0, focal, resolution / 2], [0, 0, 1]])


def look_at(eye: Floats, target: Floats) -> Floats:
    """(4, 4) world_to_camera in OpenCV axes (x right, y down, z forward), world z up.

    eye, target: (3,) world points, metres; the camera may not look straight up or down.
    """
    forward = target - eye
    forward = forward / np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right = right / np.linalg.norm(right)
    rotation = np.stack([right, np.cross(forward, right), forward])
    matrix = np.eye(4)
    matrix[:3, :3] = rotation
    matrix[:3, 3] = -rotation @ eye
    return matrix


def draw_ring(rng: np.random.Generator, views: int, rig: Rig | None = None) -> Floats:
    """(views, 3) azimuth in radians, horizontal radius and height in metres."""
    rig = rig or Rig()
    azimuth = rng.uniform(0, 2 * np.pi) + np.arange(views) * 2 * np.pi / views
    if rig.arc is not None:
        azimuth = np.deg2rad(np.linspace(*rig.arc, views, endpoint=rig.arc[1] - rig.arc[0] < 360))
    radius = rng.uniform(*(rig.distance or RADIUS), views)
    return np.stack([azimuth, radius, rng.uniform(*(rig.height or HEIGHT), views)], axis=1)


def place(
    ring: Floats, points: Floats, resolution: int, rig: Rig | None = None, margin: float = 2.0
) -> Floats:
    """(views, 4, 4) world_to_camera that hold every one of points (P, 3) inside every image.

    ring: (views, 3) as of draw_ring; points: in the world, metres; resolution: of the square image.
    Fixed cameras of a rig stay where they are, whatever they see.
    All cameras look at one point: the middle of the points' box at half its height. A camera
    from which a point would fall outside the image (or within margin pixels of its edge) moves
    straight back by as little as needed, which keeps its elevation.
    """
    if rig is not None and rig.poses is not None:
        return rig.poses
    low, high = points.min(axis=0), points.max(axis=0)
    target = (low + high) / 2
    pinhole = intrinsics(resolution, rig)
    room = np.minimum(pinhole[:2, 2], resolution - pinhole[:2, 2]) - margin
    slope = room / np.diag(pinhole)[:2]
    poses = []
    for azimuth, radius, height in ring:
        offset = np.array([radius * np.cos(azimuth), radius * np.sin(azimuth), height])
        matrix = look_at(target + offset - [0, 0, target[2]], target)
        local = points @ matrix[:3, :3].T + matrix[:3, 3]
        back = np.max(np.abs(local[:, :2]) / slope - local[:, 2:])
        matrix[2, 3] += max(back, 0.0)
        poses.append(matrix)
    return np.stack(poses)


def moved_back(ring: Floats, poses: Floats, rig: Rig | None) -> bool:
    """Whether place had to put cameras farther away than a rig says (ring as of draw_ring)."""
    if rig is None or rig.cameras is not None or (rig.distance is None and rig.height is None):
        return False
    centres = -np.einsum("vji,vj->vi", poses[:, :3, :3], poses[:, :3, 3])
    return bool((abs(centres[:, 2] - ring[:, 2]) > MOVED).any())


def project(points: Floats, world_to_camera: Floats, matrix: Floats) -> tuple[Floats, Floats]:
    """Pixels (P, 2) and planar depth (P,) in metres of world points (P, 3).

    world_to_camera: (4, 4), OpenCV axes; matrix: (3, 3) intrinsics.
    """
    local = points @ world_to_camera[:3, :3].T + world_to_camera[:3, 3]
    pixels = local @ matrix.T
    return pixels[:, :2] / pixels[:, 2:], local[:, 2]


def unproject(pixels: Floats, depth: Floats, world_to_camera: Floats, matrix: Floats) -> Floats:
    """World points (P, 3) of pixels (P, 2) with planar depth (P,) in metres.

    world_to_camera: (4, 4), OpenCV axes; matrix: (3, 3) intrinsics.
    """
    rays = np.column_stack([pixels, np.ones(len(pixels))]) @ np.linalg.inv(matrix).T
    local = rays * depth[:, None]
    back = np.linalg.inv(world_to_camera)
    found: Floats = local @ back[:3, :3].T + back[:3, 3]
    return found
