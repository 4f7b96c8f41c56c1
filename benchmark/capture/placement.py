"""From a capture's coordinates to the detector's: metres, z up, the floor z = 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.capture.geometry import camera_centres, camera_distance, looked_at
from benchmark.capture.photos import Floats
from datagen.errors import OddgenError

USUAL_DISTANCE = 0.9  # metres from the cameras of generated scenes to what they look at


@dataclass(frozen=True)
class Plane:
    """normal . x + offset = 0 in the capture's coordinates; normal: (3,), unit, up."""

    normal: Floats
    offset: float

    def numbers(self) -> tuple[float, float, float, float]:
        """a, b, c, d of a x + b y + c z + d = 0."""
        a, b, c = self.normal.tolist()
        return a, b, c, self.offset

    def heights(self, points: Floats) -> Floats:
        """(P,) of points (P, 3) above the plane."""
        return points @ self.normal + self.offset


@dataclass(frozen=True)
class Placement:
    """x_model = scale * rotation (x - origin). rotation: (3, 3). origin: (3,) on the floor."""

    scale: float
    rotation: Floats
    origin: Floats

    def matrix(self) -> Floats:
        """(4, 4) model from capture, a similarity."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.scale * self.rotation
        matrix[:3, 3] = -self.scale * self.rotation @ self.origin
        return matrix

    def to_capture(self, points: Floats) -> Floats:
        """Model points (..., 3), metres, in the capture's coordinates."""
        return points @ self.rotation / self.scale + self.origin

    def poses(self, poses: Floats) -> Floats:
        """(V, 4, 4) world_to_camera of the model's world, in metres."""
        moved = np.tile(np.eye(4), (len(poses), 1, 1))
        moved[:, :3, :3] = poses[:, :3, :3] @ self.rotation.T
        moved[:, :3, 3] = self.scale * (poses[:, :3, :3] @ self.origin + poses[:, :3, 3])
        return moved


def place(poses: Floats, floor: Plane, scale: float | None = None) -> Placement:
    """The floor on z = 0, what the cameras look at above the origin, the first camera along +x.

    So the same photographs are placed the same way whatever the capture's coordinates. scale:
    metres a unit; None puts the cameras as far away as those of generated scenes.
    """
    middle = looked_at(poses)
    foot = middle - floor.heights(middle) * floor.normal
    first = camera_centres(poses)[0] - foot
    ahead = first - first @ floor.normal * floor.normal
    if np.linalg.norm(ahead) < 1e-6 * np.linalg.norm(first):
        ahead = np.cross(floor.normal, poses[0, 0, :3])  # straight above: by the image's x axis
    ahead = ahead / np.linalg.norm(ahead)
    rotation = np.stack([ahead, np.cross(floor.normal, ahead), floor.normal])
    scale = scale or USUAL_DISTANCE / camera_distance(poses, middle)
    return Placement(scale, rotation, foot)


def given_plane(numbers: Sequence[float], poses: Floats) -> Plane:
    """Of a x + b y + c z + d = 0, turned so that the cameras are above it. Raises OddgenError."""
    normal, length = np.array(numbers[:3]), float(np.linalg.norm(numbers[:3]))
    if not np.isfinite(numbers).all() or length == 0:
        raise OddgenError("--floor: a, b and c are all 0 or not finite; give a plane's normal.")
    plane = Plane(normal / length, numbers[3] / length)
    above = plane.heights(camera_centres(poses)) > 0
    if above.all() != above.any():
        raise OddgenError(
            "--floor: cameras stand on both sides of this plane; give a, b, c, d of "
            "a x + b y + c z + d = 0 in the capture's coordinates."
        )
    return plane if above.all() else Plane(-plane.normal, -plane.offset)
