"""Polycam's raw export: keyframes/images and a JSON file for each camera.

The world is ARKit's: metres, y up, OpenGL camera axes. Corrected cameras are taken where Polycam
has optimised them.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmark.capture.photos import Capture, Photo, lens, no_points
from benchmark.capture.transforms import camera_pose
from datagen.errors import OddgenError

FOLDERS = (("corrected_cameras", "corrected_images"), ("cameras", "images"))


def is_polycam(folder: Path) -> bool:
    return any((folder / "keyframes" / cameras).is_dir() for cameras, _ in FOLDERS)


def read_polycam(folder: Path) -> Capture:
    """Raises OddgenError naming the camera's file and what is wrong with it."""
    keyframes = folder / "keyframes"
    cameras, images = next(pair for pair in FOLDERS if (keyframes / pair[0]).is_dir())
    photos = []
    for file in sorted((keyframes / cameras).glob("*.json")):
        try:
            values = {k: v for k, v in json.loads(file.read_text()).items() if k != "neighbors"}
            rows = [[float(values[f"t_{row}{k}"]) for k in range(4)] for row in range(3)]
            size = int(values["width"]), int(values["height"])
            focal = float(values["fx"]), float(values["fy"])
            middle = float(values["cx"]), float(values["cy"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise OddgenError(
                f"{file}: no camera of Polycam ({error}); export the raw data again."
            ) from error
        path = keyframes / images / f"{file.stem}.jpg"
        own = lens(size, focal, middle, (), str(file))
        photos.append(Photo(path, own, camera_pose(rows, str(file))))
    return Capture(folder, tuple(photos), no_points())
