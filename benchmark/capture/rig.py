"""A rig of fixed cameras: what a capture tells of it, and photographs that it took."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.capture.capture import PlacedCapture, place_capture, read_capture
from benchmark.capture.masks import with_masks
from benchmark.capture.photos import Capture, Floats, Lens, Photo, checked, image_size, no_points
from datagen.errors import OddgenError
from datagen.geometry.color import srgb_to_linear
from datagen.geometry.rig import Matrix, Pinhole, Rig, RigCamera

PHOTOGRAPHS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp")
FLOOR = (0.0, 0.0, 1.0, 0.0)
USUAL_LIGHT = 0.156  # mean linear luminance of generated scenes, geometric over scenes
MOST_STOPS = 3.0
DIAGONAL = 1.24  # of an object's box over the diameter of its sphere, in generated scenes
SIZE_SPREAD = 0.03  # of the size that is told, to either side


def placed_for_rig(
    path: Path, size: int, floor: tuple[float, ...] | None, scale: float | None
) -> PlacedCapture:
    """All photographs of a capture, floor and scale as of place_capture. Raises OddgenError."""
    if not path.exists():
        raise OddgenError(f"{path}: no such file or folder; give a capture (docs/captures.md).")
    capture = read_capture(path)
    return place_capture(capture, size, len(capture.photos), floor, scale)


def rig_of(placed: PlacedCapture, boxes: Floats | None) -> Rig:
    """The cameras of a capture, its light, and how large the objects in boxes (N, 2, 3) are.

    Cameras in the order of their photographs' names.
    """
    seen = rig_seen(placed.rgb, placed.intrinsics, placed.world_to_camera, boxes)
    cameras = tuple(
        RigCamera(_rows(pose), _shares(p.lens.matrix, p.lens.width, p.lens.height), _bend(p.lens))
        for pose, p in sorted(
            zip(placed.world_to_camera, placed.photos, strict=True), key=lambda one: one[1].path
        )
    )
    return replace(seen, cameras=cameras)


def rig_seen(
    rgb: NDArray[np.uint8], intrinsics: Floats, world_to_camera: Floats, boxes: Floats | None
) -> Rig:
    """Of views (V, H, W, 3) as a detector sees them; intrinsics (V, 3, 3), or (3, 3) of all.

    boxes: (N, 2, 3) metres, of the objects found, or None where their size is not known.
    """
    height, width = rgb.shape[1:3]
    each = np.broadcast_to(intrinsics, (len(rgb), 3, 3))
    pinholes = np.array([_shares(matrix, width, height) for matrix in each])
    return Rig(
        matrix=_four(np.median(pinholes, axis=0)),
        cameras=tuple(RigCamera(_rows(pose)) for pose in world_to_camera),
        size=None if boxes is None or not len(boxes) else _size(boxes),
        exposure=_exposure(rgb),
    )


def ring_of(rig: Rig) -> Rig:
    """Cameras as far away and as high as those of a rig, but all round: for hand-held captures."""
    poses = rig.poses
    if poses is None:
        return rig
    centres = -np.einsum("vji,vj->vi", poses[:, :3, :3], poses[:, :3, 3])
    away, height = np.linalg.norm(centres[:, :2], axis=1), centres[:, 2]
    return replace(
        rig,
        cameras=None,
        distance=(round(float(away.min()), 4), round(float(away.max()), 4)),
        height=(round(float(height.min()), 4), round(float(height.max()), 4)),
    )


def capture_of_rig(folder: Path, rig: Rig) -> Capture:
    """Photographs in the order of their names, one of each camera of the rig.

    Raises OddgenError where there are more or fewer, or the rig does not know its photographs.
    """
    files = photographs(folder)
    cameras = rig.cameras or ()
    if len(files) != len(cameras):
        raise OddgenError(
            f"{folder}: holds {len(files)} photographs, the rig has {len(cameras)} cameras; give "
            "one photograph of each, in the order of their names."
        )
    photos = tuple(_photo(file, camera) for file, camera in zip(files, cameras, strict=True))
    return with_masks(checked(Capture(folder, photos, no_points())))


def photographs(folder: Path) -> list[Path]:
    """Images of a folder, by name."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in PHOTOGRAPHS and not path.name.startswith(".")
    )


def _photo(path: Path, camera: RigCamera) -> Photo:
    if camera.matrix is None:
        raise OddgenError(
            f"{path}: its camera has no matrix in the rig; add fx, fy, cx, cy in shares of the "
            "photograph's sides, or have oddbench rig write it."
        )
    width, height = image_size(path)
    fx, fy, cx, cy = np.array(camera.matrix) * [width, height, width, height]
    matrix = np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1.0]])
    bend = camera.distortion or (0.0, 0.0, 0.0, 0.0, 0.0)
    return Photo(path, Lens(width, height, matrix, bend), np.array(camera.world_to_camera))


def _shares(matrix: Floats, width: float, height: float) -> Pinhole:
    fx, fy, cx, cy = matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2]
    return _four(np.array([fx / width, fy / height, cx / width, cy / height]))


def _four(values: Floats) -> tuple[float, float, float, float]:
    a, b, c, d = np.round(values, 9).tolist()
    return a, b, c, d


def _rows(pose: Floats) -> Matrix:
    first, second, third, fourth = (_four(row) for row in pose)
    return first, second, third, fourth


def _bend(lens: Lens) -> tuple[float, float, float, float, float] | None:
    if not lens.distorts:
        return None
    a, b, c, d, e = lens.distortion
    return a, b, c, d, e


def _size(boxes: Floats) -> tuple[float, float]:
    diameter = float(np.median(np.linalg.norm(boxes[:, 1] - boxes[:, 0], axis=1))) / DIAGONAL
    return round(diameter * (1 - SIZE_SPREAD), 4), round(diameter * (1 + SIZE_SPREAD), 4)


def _exposure(rgb: NDArray[np.uint8]) -> float:
    """Stops by which photographs are brighter than generated images."""
    light = float((srgb_to_linear(rgb / 255.0) @ [0.2126, 0.7152, 0.0722]).mean())
    stops = np.log2(max(light, 1e-6) / USUAL_LIGHT)
    return round(float(np.clip(stops, -MOST_STOPS, MOST_STOPS)), 2)
