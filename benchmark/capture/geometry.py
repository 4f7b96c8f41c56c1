"""What the cameras of a capture tell by themselves: where they look, and which way is up."""

from __future__ import annotations

import numpy as np

from benchmark.capture.photos import Capture, Floats

LEVEL = 0.35  # how far image axes may lie from the horizon, root mean square, sine
ROUND = 0.15  # least spread of their directions: below, all cameras look from one side


def camera_centres(poses: Floats) -> Floats:
    """(V, 3) of world_to_camera (V, 4, 4)."""
    return -np.einsum("vji,vj->vi", poses[:, :3, :3], poses[:, :3, 3])


def looked_at(poses: Floats) -> Floats:
    """(3,) the point nearest to all optical axes, as least squares has it."""
    axes, centres = poses[:, 2, :3], camera_centres(poses)
    across = np.eye(3) - axes[:, :, None] * axes[:, None, :]
    normal, right = across.sum(axis=0), np.einsum("vij,vj->i", across, centres)
    return np.linalg.lstsq(normal, right, rcond=1e-6)[0]


def camera_distance(poses: Floats, point: Floats) -> float:
    """Mean distance of the cameras from a point, in the capture's unit."""
    return float(np.linalg.norm(camera_centres(poses) - point, axis=1).mean())


def up_direction(poses: Floats) -> Floats | None:
    """(3,) unit vector, or None where the cameras do not tell.

    Whoever holds a camera level, upright or on its side, keeps one of its image axes horizontal:
    up is at right angles to all of them, and the cameras stand above what they look at.
    """
    best = None
    for axis in (0, 1):
        _, spread, directions = np.linalg.svd(poses[:, axis, :3], full_matrices=True)
        spread = np.pad(spread, (0, 3 - len(spread))) / np.sqrt(len(poses))
        if spread[2] < LEVEL and spread[1] > ROUND and (best is None or spread[2] < best[0]):
            best = spread[2], directions[2]
    if best is None:
        return None
    height = ((camera_centres(poses) - looked_at(poses)) @ best[1]).mean()
    return best[1] * (1 if height > 0 else -1)


def sees(capture: Capture, point: Floats) -> list[int]:
    """Numbers of the photos that show a point (3,), ignoring distortion."""
    found = []
    for number, photo in enumerate(capture.photos):
        local = photo.world_to_camera[:3, :3] @ point + photo.world_to_camera[:3, 3]
        if local[2] <= 0:
            continue
        x, y = (photo.lens.matrix @ local)[:2] / local[2]
        if 0 <= x <= photo.lens.width and 0 <= y <= photo.lens.height:
            found.append(number)
    return found


def spread_views(poses: Floats, point: Floats, count: int) -> list[int]:
    """Up to `count` of the cameras, from all round: each next the farthest in direction."""
    directions = camera_centres(poses) - point
    directions = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    chosen = [0]
    nearest = directions @ directions[0]
    while len(chosen) < min(count, len(poses)):
        nearest[chosen] = np.inf
        farthest = int(np.argmin(nearest))
        chosen.append(farthest)
        nearest = np.maximum(nearest, directions @ directions[farthest])
    return sorted(chosen)
