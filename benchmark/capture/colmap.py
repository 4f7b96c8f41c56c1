"""COLMAP's models: cameras, images and, where there are any, points3D; text, or binary ones."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

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


# In a process of its own: once it is loaded, pycolmap lets Pillow crash when it saves a PNG.
CONVERT = "import sys, pycolmap; pycolmap.Reconstruction(sys.argv[1]).write_text(sys.argv[2])"


def model_folder(path: Path) -> Path | None:
    """The folder in path that holds a model: a text one, else a binary one; None where none."""
    folders = [path / name for name in MODEL_FOLDERS]
    for ending in ("txt", "bin"):
        for folder in folders:
            if all((folder / f"{name}.{ending}").is_file() for name in ("cameras", "images")):
                return folder
    return None


def read_colmap(folder: Path, path: Path) -> Capture:
    """Images in the order of their names. Raises OddgenError naming the line that is wrong."""
    with _text_model(folder) as text:
        lenses = dict(_cameras(text / "cameras.txt"))
        entries = sorted(_images(text / "images.txt"))
        points = _points(text / "points3D.txt")
    if not entries:
        raise OddgenError(f"{folder / 'images.txt'}: has no image; run COLMAP's mapper again.")
    home = _home(folder, entries[0][0], path / "images")
    photos = []
    for name, number, matrix, where in entries:
        if number not in lenses:
            raise OddgenError(f"{where}: camera {number} is not in cameras.txt; export both again.")
        photos.append(Photo(home / name, lenses[number], np.array(matrix)))
    return Capture(path, tuple(photos), points)


@contextmanager
def _text_model(folder: Path) -> Iterator[Path]:
    """The folder itself where it holds text; a binary model is written as text for as long."""
    if (folder / "cameras.txt").is_file():
        yield folder
        return
    convert = (
        f"colmap model_converter --input_path {folder} --output_path {folder} --output_type TXT"
    )
    if find_spec("pycolmap") is None:
        raise OddgenError(
            f"{folder}: holds a binary COLMAP model: pip install 'odd-one-out[capture]', or run "
            f"{convert}."
        )
    with TemporaryDirectory(prefix="oddbench-colmap-") as text:
        command = [sys.executable, "-c", CONVERT, str(folder), text]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise OddgenError(
                f"{folder}: the binary COLMAP model cannot be read; run COLMAP again, or {convert}."
            )
        yield Path(text)


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
    """Name, camera, world_to_camera and where it stands.

    A line of 2D points follows each, which some programs leave out where it would be empty.
    """
    lines = list(_lines(path))
    at = 0
    while at < len(lines):
        number, line = lines[at]
        at += 1
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
        if at < len(lines) and _is_points(lines[at][1]):
            at += 1


def _is_points(line: str) -> bool:
    """Whether a line holds 2D points, x y and a number each, or nothing."""
    words = line.split()
    if len(words) % 3:
        return False
    try:
        [float(word) for word in words]
    except ValueError:
        return False
    return True


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
