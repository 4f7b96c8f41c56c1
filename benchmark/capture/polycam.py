"""Polycam's raw export: keyframes/images and a JSON file for each camera.

The world is ARKit's: metres, y up, OpenGL camera axes. Corrected cameras are taken where Polycam
has optimised them.
"""

from __future__ import annotations

from pathlib import Path

from benchmark.capture.photos import Capture, Photo, image_size, lens, no_points
from benchmark.capture.schema import PolycamCamera
from benchmark.capture.transforms import camera_pose
from datagen.base.typed import read

FOLDERS = (("corrected_cameras", "corrected_images"), ("cameras", "images"))


def is_polycam(folder: Path) -> bool:
    """Whether the folder is a Polycam export, with its keyframes."""
    return any((folder / "keyframes" / cameras).is_dir() for cameras, _ in FOLDERS)


def read_polycam(folder: Path) -> Capture:
    """Raises OddgenError naming the camera's file and what is wrong with it."""
    keyframes = folder / "keyframes"
    cameras, images = next(
        (pair for pair in FOLDERS if all((keyframes / name).is_dir() for name in pair)),
        next(pair for pair in FOLDERS if (keyframes / pair[0]).is_dir()),
    )
    photos, missing = [], []
    for file in sorted((keyframes / cameras).glob("*.json")):
        if file.name.startswith("."):
            continue
        camera = read(PolycamCamera, file, "export the raw data again")
        path = _image(keyframes / images, file.stem)
        if not path.is_file():
            missing.append(path)
            continue
        size = image_size(path)
        if camera.width is not None and camera.height is not None:
            size = int(camera.width), int(camera.height)
        focal, middle = (camera.fx, camera.fy), (camera.cx, camera.cy)
        own = lens(size, focal, middle, (), str(file))
        photos.append(Photo(path, own, camera_pose(camera.rows, str(file))))
    return Capture(folder, tuple(photos), no_points(), tuple(missing))


def _image(folder: Path, stem: str) -> Path:
    tried = [folder / f"{stem}{ending}" for ending in (".jpg", ".jpeg", ".png")]
    return next((path for path in tried if path.is_file()), tried[0])
