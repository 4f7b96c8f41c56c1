"""A real capture: photographs with their cameras, as read from a file and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.errors import OddgenError

Floats = NDArray[np.float64]

ORTHONORMAL = 1e-2  # how far R R^T of a rounded rotation may lie from the identity
SAME_SHAPE = 0.01  # relative difference of width / height of an image and of its camera


@dataclass(frozen=True)
class Lens:
    """A pinhole camera with OpenCV's distortion.

    width, height: pixels. matrix: (3, 3), pixel i covers [i, i + 1). distortion: k1 k2 p1 p2 k3.
    """

    width: int
    height: int
    matrix: Floats
    distortion: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0, 0.0)

    @property
    def distorts(self) -> bool:
        """Whether the lens bends straight lines."""
        return any(self.distortion)


@dataclass(frozen=True)
class Photo:
    """path: of the image. world_to_camera: (4, 4), OpenCV axes, in the capture's own unit.

    mask: of an image as large or smaller, not black where there is an object; or None.
    """

    path: Path
    lens: Lens
    world_to_camera: Floats
    mask: Path | None = None


@dataclass(frozen=True)
class Capture:
    """path: what the user named. points: (P, 3), P may be 0, in the capture's coordinates."""

    path: Path
    photos: tuple[Photo, ...]
    points: Floats

    def poses(self) -> Floats:
        """(V, 4, 4) world_to_camera."""
        return np.stack([photo.world_to_camera for photo in self.photos])


def no_points() -> Floats:
    """(0, 3)."""
    return np.zeros((0, 3))


def pose(rotation: Any, shift: Any, where: str) -> Floats:
    """(4, 4) of a rotation (3, 3), made exactly orthonormal, and a shift (3,).

    Raises OddgenError where the rotation is none; where: file and entry, for the message.
    """
    rotation, shift = np.asarray(rotation, float), np.asarray(shift, float)
    if not (np.isfinite(rotation).all() and np.isfinite(shift).all()):
        raise OddgenError(
            f"{where}: the camera's pose holds NaN or infinity; remove this image or compute the "
            "cameras again."
        )
    away = np.abs(rotation @ rotation.T - np.eye(3)).max()
    if away > ORTHONORMAL or np.linalg.det(rotation) < 0:
        kind = "mirrors" if away <= ORTHONORMAL else "stretches or shears"
        raise OddgenError(
            f"{where}: the camera's pose is no rotation (it {kind}); write poses without scale "
            "and in right-handed axes."
        )
    u, _, vt = np.linalg.svd(rotation)
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = u @ vt, shift
    return matrix


def lens(
    size: tuple[float, float],
    focal: tuple[float, float],
    middle: tuple[float, float],
    distortion: tuple[float, ...],
    where: str,
) -> Lens:
    """All in pixels, x first. Raises OddgenError where a camera cannot be like that."""
    numbers = np.array([*size, *focal, *middle, *distortion])
    if not np.isfinite(numbers).all():
        raise OddgenError(f"{where}: the camera holds NaN or infinity; calibrate it again.")
    if min(size) < 1 or min(focal) <= 0:
        raise OddgenError(
            f"{where}: the image size or the focal length is not above 0; calibrate it again."
        )
    if not (0 <= middle[0] <= size[0] and 0 <= middle[1] <= size[1]):
        raise OddgenError(
            f"{where}: the principal point {middle[0]:g}, {middle[1]:g} lies outside the image of "
            f"{size[0]:g} x {size[1]:g}; give cx and cy in pixels."
        )
    matrix = np.array([[focal[0], 0, middle[0]], [0, focal[1], middle[1]], [0, 0, 1.0]])
    return Lens(int(size[0]), int(size[1]), matrix, (*distortion, *[0.0] * (5 - len(distortion))))


def checked(capture: Capture) -> Capture:
    """The same with each lens as large as its image, which may have been made smaller since.

    Raises OddgenError where an image is missing, cannot be read or has another shape.
    """
    missing = [photo.path for photo in capture.photos if not photo.path.is_file()]
    if missing:
        raise OddgenError(
            f"{capture.path}: {len(missing)} of {len(capture.photos)} images are missing, the "
            f"first is {missing[0]}; put them there or remove their entries."
        )
    if len(capture.photos) < 2:
        raise OddgenError(
            f"{capture.path}: has {len(capture.photos)} image with a camera; at least 2 are "
            "needed, 5 or more from all round are better."
        )
    photos = [Photo(p.path, _fitted(p), p.world_to_camera, p.mask) for p in capture.photos]
    return Capture(capture.path, tuple(photos), capture.points)


def image_size(path: Path) -> tuple[int, int]:
    """Width and height as stored; the rotation of a camera's EXIF data is not applied."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            return image.size
    except OSError as error:
        raise OddgenError(f"{path}: no image that can be read; replace or remove it.") from error


def _fitted(photo: Photo) -> Lens:
    width, height = image_size(photo.path)
    own = photo.lens
    scale = np.array([width / own.width, height / own.height])
    if abs(scale[0] / scale[1] - 1) > SAME_SHAPE:
        raise OddgenError(
            f"{photo.path}: is {width} x {height} pixels, its camera {own.width} x {own.height}; "
            "give the images that the cameras were computed from."
        )
    matrix = np.diag([*scale, 1.0]) @ own.matrix
    return Lens(width, height, matrix, own.distortion)
