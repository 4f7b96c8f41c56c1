"""The floor of a capture: from its points, or from what all photographs agree on."""

from __future__ import annotations

import numpy as np

from benchmark.capture.geometry import (
    camera_centres,
    camera_distance,
    looked_at,
    up_direction,
)
from benchmark.capture.photos import Capture, Floats
from benchmark.capture.placement import Plane
from benchmark.capture.plane_sweep import sweep
from datagen.errors import OddgenError

NEAR = 1.0  # points farther from what is looked at than this many camera distances play no part
THICKNESS = 0.01  # of the floor's points, in camera distances
LEAST_POINTS = 30
LEAST_SHARE = 0.1  # of the near points
TILT = 0.87  # cosine of the largest angle (30 degrees) between a floor and the cameras' up
TRIES = 6  # planes looked at, the largest first: walls are among them
ITERATIONS = 2000
BELOW = 0.9  # share of the cameras and of what is looked at that a floor lies under


def find_floor(capture: Capture, views: list[int]) -> Plane:
    """views: numbers of the photos that may be looked into. Raises OddgenError for no floor."""
    plane = plane_of_points(capture)
    if plane is not None:
        return plane
    up = up_direction(capture.poses())
    if up is None:
        raise OddgenError(
            f"{capture.path}: no floor found, since all cameras look from one side and there are "
            "no points of it; give --floor a,b,c,d or photographs from all round."
        )
    plane = sweep(capture, up, views)
    if plane is None:
        raise OddgenError(
            f"{capture.path}: no floor found, since no height fits all photographs; give --floor "
            "a,b,c,d, COLMAP's points3D.txt, or photographs of a floor with some pattern."
        )
    return plane


def plane_of_points(capture: Capture) -> Plane | None:
    """The largest level plane under the cameras among the capture's points (RANSAC), or None."""
    poses = capture.poses()
    middle = looked_at(poses)
    distance = camera_distance(poses, middle)
    points = capture.points
    points = points[np.linalg.norm(points - middle, axis=1) < NEAR * distance]
    least = max(LEAST_POINTS, LEAST_SHARE * len(points))
    up = up_direction(poses)
    for _ in range(TRIES):
        if len(points) < least:
            return None
        plane, members = _largest_plane(points, THICKNESS * distance)
        if members.sum() < least:
            return None
        facing = _facing(plane, poses)
        if facing is not None and (up is None or facing.normal @ up > TILT):
            return facing
        points = points[~members]
    return None


def _largest_plane(points: Floats, thickness: float) -> tuple[Plane, np.ndarray]:
    """By RANSAC, then through its members by least squares; which points they are."""
    import open3d

    open3d.utility.random.seed(0)
    cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(points))
    _, inside = cloud.segment_plane(thickness, ransac_n=3, num_iterations=ITERATIONS)
    members = np.zeros(len(points), bool)
    members[inside] = True
    centre = points[members].mean(axis=0)
    normal = np.linalg.svd(points[members] - centre, full_matrices=False)[2][2]
    return Plane(normal, -float(normal @ centre)), members


def _facing(plane: Plane, poses: Floats) -> Plane | None:
    """Turned up to the cameras; None where it lies between them."""
    above = plane.heights(camera_centres(poses)) > 0
    if above.mean() >= BELOW:
        return plane
    return Plane(-plane.normal, -plane.offset) if above.mean() <= 1 - BELOW else None
