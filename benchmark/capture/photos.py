"""A real capture: photographs with their cameras, as read from a file and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import UnidentifiedImageError

from datagen.base.files import is_utf8, readable
from datagen.base.reading import reading
from datagen.errors import OddgenError
from datagen.files.pictures import opened

Floats = NDArray[np.float64]

ORTHONORMAL = 1e-2  # how far R R^T of a rounded rotation may lie from the identity
LONGEST = 6000  # pixels of a photograph; larger ones are made smaller while they are read
ENOUGH = 4  # photographs, for which missing ones are left out
ORIENTATION = 0x0112  # of EXIF
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

    mask: of an image as large or smaller, not black where there is an object; or None. turned:
    whether it is meant as its EXIF data turn it.
    """

    path: Path
    lens: Lens
    world_to_camera: Floats
    mask: Path | None = None
    turned: bool = False


@dataclass(frozen=True)
class Capture:
    """path: what the user named. points: (P, 3), P may be 0, in the capture's coordinates.

    missing: photographs that are named and not there, and were left out.
    """

    path: Path
    photos: tuple[Photo, ...]
    points: Floats
    missing: tuple[Path, ...] = ()

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

    Photographs that are not there are left out where ENOUGH remain. Raises OddgenError where they
    do not, or an image cannot be read, has another shape or a name that is no UTF-8.
    """
    for photo in capture.photos:
        if not is_utf8(photo.path):
            raise OddgenError(
                f"{readable(photo.path)}: this name is no UTF-8; rename the photograph."
            )
    there = [photo for photo in capture.photos if photo.path.is_file()]
    lost = (*capture.missing, *(p.path for p in capture.photos if not p.path.is_file()))
    if lost and len(there) < ENOUGH:
        raise OddgenError(
            f"{capture.path}: {len(lost)} of {len(there) + len(lost)} images are missing, the "
            f"first is {lost[0]}; put them there or remove their entries."
        )
    if len(there) < 2:
        raise OddgenError(
            f"{capture.path}: has {len(there)} image with a camera; at least 2 are "
            "needed, 5 or more from all round are better."
        )
    return Capture(capture.path, tuple(map(_fitted, there)), capture.points, lost)


def image_size(path: Path, turned: bool = False) -> tuple[int, int]:
    """Width and height as stored, or as the EXIF data turn the image."""
    if path.suffix.lower() in (".heic", ".heif", ".avif"):
        raise OddgenError(f"{path}: {path.suffix} is not read; convert it to JPEG.")
    with reading(path, "replace or remove it"):
        try:
            with opened(path) as image:
                width, height = image.size
                sideways = turned and image.getexif().get(ORIENTATION, 1) >= 5
                return (height, width) if sideways else (width, height)
        except UnidentifiedImageError as error:
            raise OddgenError(
                f"{path}: no image that can be read; replace or remove it."
            ) from error


def _fitted(photo: Photo) -> Photo:
    own = photo.lens
    for turned in (False, True):
        width, height = image_size(photo.path, turned)
        scale = np.array([width / own.width, height / own.height])
        if abs(scale[0] / scale[1] - 1) <= SAME_SHAPE:
            break
    else:
        raise OddgenError(
            f"{photo.path}: is {width} x {height} pixels, its camera {own.width} x {own.height}; "
            "give the images that the cameras were computed from."
        )
    less = min(1.0, LONGEST / max(width, height))
    width, height = round(width * less), round(height * less)
    scale = np.array([width / own.width, height / own.height])
    matrix = np.diag([*scale, 1.0]) @ own.matrix
    lens_now = Lens(width, height, matrix, own.distortion)
    return Photo(photo.path, lens_now, photo.world_to_camera, photo.mask, turned)
