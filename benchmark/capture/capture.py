"""A folder of photographs as the detector takes it: which kind it is, its floor, its views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.capture.colmap import model_folder, read_colmap
from benchmark.capture.floor import find_floor
from benchmark.capture.geometry import looked_at, sees, spread_views
from benchmark.capture.images import crop, read_photo, resized, square_window
from benchmark.capture.masks import read_mask, with_masks
from benchmark.capture.photos import Capture, Floats, Photo, checked
from benchmark.capture.placement import Placement, Plane, given_plane, place
from benchmark.capture.polycam import is_polycam, read_polycam
from benchmark.capture.transforms import read_transforms
from datagen.base.reading import reading
from datagen.errors import OddgenError

SWEEP_VIEWS = 6


@dataclass(frozen=True)
class PlacedCapture:
    """V chosen photos, square, S x S pixels, in the detector's world.

    rgb: (V, S, S, 3). intrinsics: (V, 3, 3). world_to_camera: (V, 4, 4) metres. silhouettes:
    (V, S, S), 255 where there is an object, of a capture with masks.
    """

    photos: tuple[Photo, ...]
    floor: Plane
    placement: Placement
    rgb: NDArray[np.uint8]
    intrinsics: Floats
    world_to_camera: Floats
    silhouettes: NDArray[np.uint8] | None = None


def is_capture(path: Path) -> bool:
    """Whether read_capture knows what this is."""
    if path.is_file():
        return path.suffix == ".json"
    return (
        (path / "transforms.json").is_file() or is_polycam(path) or model_folder(path) is not None
    )


def read_capture(path: Path) -> Capture:
    """Of a transforms.json or a folder with one, with a COLMAP model, or of Polycam.

    Raises OddgenError in one sentence for any fault.
    """
    with reading(path, "export the capture again (docs/captures.md)"):
        return with_masks(checked(_read(path)))


def _read(path: Path) -> Capture:
    if path.is_file():
        return read_transforms(path, path)
    if (path / "transforms.json").is_file():
        return read_transforms(path / "transforms.json", path)
    if is_polycam(path):
        return read_polycam(path)
    folder = model_folder(path)
    if folder is None:
        raise OddgenError(
            f"{path}: holds neither transforms.json, nor COLMAP's cameras and images (.txt or "
            ".bin), nor Polycam's keyframes; docs/captures.md tells how to make them."
        )
    return read_colmap(folder, path)


def place_capture(
    capture: Capture,
    size: int,
    views: int,
    floor: Sequence[float] | None = None,
    scale: float | None = None,
) -> PlacedCapture:
    """At most `views` views of `size` pixels, from all round.

    floor: a, b, c, d of a x + b y + c z + d = 0, and scale: metres a unit, in the capture's
    coordinates; None: found. Raises OddgenError where there is no floor or are too few views.
    """
    capture = looking(capture)
    poses = capture.poses()
    middle = looked_at(poses)
    if floor is None:
        plane = find_floor(capture, spread_views(poses, middle, SWEEP_VIEWS))
    else:
        plane = given_plane(floor, poses)
    placement = place(poses, plane, scale)
    numbers = spread_views(poses, middle, views)
    photos = tuple(capture.photos[number] for number in numbers)
    windows = [square_window(photo, middle) for photo in photos]
    parts = [
        crop(read_photo(photo), photo.lens.matrix, window)
        for photo, window in zip(photos, windows, strict=True)
    ]
    images, matrices = zip(*(resized(*part, size) for part in parts), strict=True)
    return PlacedCapture(
        photos,
        plane,
        placement,
        np.stack(images),
        np.stack(matrices),
        placement.poses(poses)[numbers],
        _silhouettes(photos, windows, size),
    )


def looking(capture: Capture) -> Capture:
    """Only the photographs that show what most of them look at. Raises OddgenError below two."""
    seeing = sees(capture, looked_at(capture.poses()))
    if len(seeing) < 2:
        raise OddgenError(
            f"{capture.path}: {len(seeing)} of {len(capture.photos)} images show what most cameras "
            "look at, and 2 are needed; look at the objects from all sides, or check the poses."
        )
    return replace(capture, photos=tuple(capture.photos[number] for number in seeing))


def _silhouettes(
    photos: Sequence[Photo], windows: Sequence[tuple[int, int, int]], size: int
) -> NDArray[np.uint8] | None:
    """(V, size, size) of the photos' masks within their windows; None where they have none."""
    if any(photo.mask is None for photo in photos):
        return None
    cut = (
        crop(read_mask(photo), photo.lens.matrix, window)
        for photo, window in zip(photos, windows, strict=True)
    )
    return np.stack([resized(*part, size)[0] for part in cut])
