"""Cameras of the user's own instead of the paper's: a ring of other size, an arc, or fixed ones."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict

from datagen.base.typed import LEFT_OUT, NOTHING_ELSE

Floats = NDArray[np.float64]
Row = tuple[float, float, float, float]
Matrix = tuple[Row, Row, Row, Row]
Range = tuple[float, float]
Pinhole = tuple[float, float, float, float]


@dataclass(frozen=True)
class RigCamera:
    """A fixed camera.

    Attributes:
        world_to_camera: 4 rows, metres, OpenCV axes; the floor is z = 0, the objects lie round the
            origin.
        matrix: fx, fy, cx, cy of its photographs in shares of their width and height, for oddbench
            predict --rig; None where there will be none.
        distortion: OpenCV's k1, k2, p1, p2, k3 of its lens.
    """

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    world_to_camera: Matrix
    matrix: Annotated[Pinhole | None, LEFT_OUT] = None
    distortion: Annotated[tuple[float, float, float, float, float] | None, LEFT_OUT] = None


@dataclass(frozen=True)
class Rig:
    """What is known of the cameras and of how large objects are; None: as in the paper's data.

    Attributes:
        lens: Focal length in mm for an image 36 mm wide.
        distance: Least and most, horizontally from a camera to what it looks at, metres.
        height: Least and most above the floor, metres.
        arc: First and last azimuth in degrees; None for all round.
        matrix: fx, fy, cx, cy of the square images in shares of their sides, instead of a lens.
        cameras: Fixed ones, instead of distance, height and arc.
        size: Least and most of the diameter of the sphere that holds an object, metres.
        exposure: Stops by which images are brighter.
    """

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    lens: Annotated[float | None, LEFT_OUT] = None
    distance: Annotated[Range | None, LEFT_OUT] = None
    height: Annotated[Range | None, LEFT_OUT] = None
    arc: Annotated[Range | None, LEFT_OUT] = None
    matrix: Annotated[Pinhole | None, LEFT_OUT] = None
    cameras: Annotated[tuple[RigCamera, ...] | None, LEFT_OUT] = None
    size: Annotated[Range | None, LEFT_OUT] = None
    exposure: Annotated[float | None, LEFT_OUT] = None

    @property
    def poses(self) -> Floats | None:
        """(V, 4, 4) world_to_camera of the fixed cameras; None where there are none."""
        if self.cameras is None:
            return None
        return np.array([camera.world_to_camera for camera in self.cameras], dtype=np.float64)


def rig_fault(rig: Rig) -> str | None:
    """What is wrong with a rig, and what to do; None for a good one."""
    for name in ("distance", "height", "size"):
        given = getattr(rig, name)
        if given is not None and not 0 < given[0] <= given[1] < np.inf:
            return f"{name} is {given[0]:g} to {given[1]:g}; give metres, the smaller number first"
    if rig.arc is not None and not 0 < rig.arc[1] - rig.arc[0] <= 360:
        return f"arc is {rig.arc[0]:g} to {rig.arc[1]:g}; give degrees, at most 360 apart"
    if rig.lens is not None and not 4 <= rig.lens <= 2000:
        return f"lens is {rig.lens:g}; give 4 to 2000 mm for an image 36 mm wide"
    if rig.exposure is not None and not -10 <= rig.exposure <= 10:
        return f"exposure is {rig.exposure:g}; give -10 to 10 stops"
    if rig.matrix is not None:
        if rig.lens is not None:
            return "it has a lens and a matrix; leave one out"
        if not _is_pinhole(rig.matrix):
            return "matrix is no camera's; give fx, fy, cx, cy in shares of the image's sides"
    if rig.cameras is not None:
        return _cameras_fault(rig)
    return None


def _cameras_fault(rig: Rig) -> str | None:
    poses = rig.poses
    if poses is None or not len(poses):
        return "cameras is an empty list; give at least one, or leave it out"
    ring = [name for name in ("distance", "height", "arc") if getattr(rig, name) is not None]
    if ring:
        return f"it has fixed cameras and {', '.join(ring)}; leave one of both out"
    if any(one.matrix is not None and not _is_pinhole(one.matrix) for one in rig.cameras or ()):
        return "a camera's matrix is none; give fx, fy, cx, cy in shares of the photograph's sides"
    turn = poses[:, :3, :3]
    rigid = np.allclose(turn @ turn.transpose(0, 2, 1), np.eye(3), atol=1e-4)
    rigid = rigid and bool((np.linalg.det(turn) > 0).all())
    if not rigid or not np.allclose(poses[:, 3], [0, 0, 0, 1]):
        return "a camera's world_to_camera is no rotation and shift; give rows of 4 x 4 numbers"
    centres = -np.einsum("vji,vj->vi", turn, poses[:, :3, 3])
    if (centres[:, 2] <= 0).any():
        return "a camera stands below the floor, z = 0; give metres above it"
    return None


def _is_pinhole(matrix: Pinhole) -> bool:
    fx, fy, cx, cy = matrix
    return 0.1 <= fx <= 50 and 0.1 <= fy <= 50 and 0 < cx < 1 and 0 < cy < 1


def is_plain(rig: Rig) -> bool:
    """Whether it says nothing."""
    return all(getattr(rig, field.name) is None for field in fields(rig))
