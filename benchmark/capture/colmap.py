"""COLMAP's text model: cameras.txt, images.txt and, where there is one, points3D.txt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from benchmark.capture.photos import Capture, Floats, Lens, Photo, lens, no_points, pose
from datagen.errors import OddgenError

MODEL_FOLDERS = ("", "sparse/0", "sparse", "colmap/sparse/0", "colmap")

# Where focal lengths, principal point and k1 k2 p1 p2 stand among a model's parameters.
PARAMETERS = {
    "SIMPLE_PINHOLE": ((0, 0), (1, 2), ()),
    "PINHOLE": ((0, 1), (2, 3), ()),
    "SIMPLE_RADIAL": ((0, 0), (1, 2), (3,)),
    "RADIAL": ((0, 0), (1, 2), (3, 4)),
    "OPENCV": ((0, 1), (2, 3), (4, 5, 6, 7)),
}


def model_folder(path: Path) -> Path | None:
    """The folder in path that holds a text model. Raises OddgenError for a binary one alone."""
    folders = [path / name for name in MODEL_FOLDERS]
    for folder in folders:
        if (folder / "cameras.txt").is_file() and (folder / "images.txt").is_file():
            return folder
    for folder in folders:
        if (folder / "cameras.bin").is_file():
            raise OddgenError(
                f"{folder}: holds a binary COLMAP model; run colmap model_converter --input_path "
                f"{folder} --output_path {folder} --output_type TXT."
            )
    return None


def read_colmap(folder: Path, path: Path) -> Capture:
    """Images in the order of their names. Raises OddgenError naming the line that is wrong."""
    lenses = dict(_cameras(folder / "cameras.txt"))
    entries = sorted(_images(folder / "images.txt"))
    if not entries:
        raise OddgenError(f"{folder / 'images.txt'}: has no image; run COLMAP's mapper again.")
    home = _home(folder, entries[0][0], path / "images")
    photos = []
    for name, number, matrix, where in entries:
        if number not in lenses:
            raise OddgenError(f"{where}: camera {number} is not in cameras.txt; export both again.")
        photos.append(Photo(home / name, lenses[number], np.array(matrix)))
    return Capture(path, tuple(photos), _points(folder / "points3D.txt"))


def _cameras(path: Path) -> Iterator[tuple[int, Lens]]:
    for number, line in _lines(path):
        if not line.strip():
            continue
        where, words = f"{path} line {number}", line.split()
        model = words[1] if len(words) > 1 else ""
        if model not in PARAMETERS:
            raise OddgenError(
                f"{where}: the camera model {model or 'without name'} is not known; use one of "
                f"{', '.join(PARAMETERS)}, or COLMAP's image_undistorter."
            )
        focal, middle, rest = PARAMETERS[model]
        try:
            key, size = int(words[0]), (int(words[2]), int(words[3]))
            values = [float(word) for word in words[4:]]
            parts = [tuple(values[k] for k in indices) for indices in (focal, middle, rest)]
        except (ValueError, IndexError) as error:
            raise OddgenError(f"{where}: is no {model} camera; export the model again.") from error
        if len(values) != max((*middle, *rest)) + 1:
            raise OddgenError(
                f"{where}: {model} has {max((*middle, *rest)) + 1} parameters, not {len(values)}; "
                "export the model again."
            )
        (across, down), (x, y), distortion = parts
        yield key, lens(size, (across, down), (x, y), distortion, where)


def _images(path: Path) -> Iterator[tuple[str, int, list[list[float]], str]]:
    """Name, camera, world_to_camera and where it stands. A line of 2D points follows each."""
    lines = _lines(path)
    for number, line in lines:
        if not line.strip():
            continue
        where, words = f"{path} line {number}", line.split(maxsplit=9)
        try:
            w, x, y, z, *shift = (float(word) for word in words[1:8])
            camera, name = int(words[8]), words[9].strip()
        except (ValueError, IndexError) as error:
            raise OddgenError(f"{where}: is no image of COLMAP; export the model again.") from error
        length = float(np.linalg.norm([w, x, y, z]))
        if not np.isfinite([length, *shift]).all() or abs(length - 1) > 0.01:
            raise OddgenError(
                f"{where}: the quaternion of {name} is no rotation or its shift no number; "
                "remove this image or run COLMAP again."
            )
        rotation = Rotation.from_quat([x, y, z, w]).as_matrix()
        yield name, camera, pose(rotation, shift, where).tolist(), where
        next(lines, None)


def _points(path: Path) -> Floats:
    if not path.is_file():
        return no_points()
    found = []
    for number, line in _lines(path):
        if line.strip():
            try:
                x, y, z = (float(word) for word in line.split(maxsplit=4)[1:4])
            except ValueError as error:
                raise OddgenError(
                    f"{path} line {number}: is no point of COLMAP; export the model again."
                ) from error
            found.append([x, y, z])
    points = np.array(found, float).reshape(-1, 3)
    return points[np.isfinite(points).all(axis=1)]


def _home(folder: Path, name: str, usual: Path) -> Path:
    """The folder of the images: `images` beside the model or above it, or the model's own."""
    resolved = folder.resolve()
    above = [resolved, *list(resolved.parents)[:3]]
    tried = [base / "images" for base in above] + above
    return next((home for home in tried if (home / name).is_file()), usual)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered from 1, without comments."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OddgenError(f"{path}: cannot be read ({error}); export the model again.") from error
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#"):
            yield number, line
