"""transforms.json: of nerfstudio, Instant-NGP, Polycam's converters, and NeRF's own.

Camera axes are OpenGL's (x right, y up, z back). Numbers of the camera stand at the top or, where
images differ, in each frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from benchmark.capture.photos import Capture, Floats, Lens, Photo, image_size, lens, no_points, pose
from benchmark.capture.schema import CameraFacts, FrameFacts, Row, TransformsFile
from datagen.base.typed import read
from datagen.errors import OddgenError

OPENGL = np.diag([1.0, -1.0, -1.0])
MODELS = ("OPENCV", "PINHOLE", "SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL", "PERSPECTIVE")
ENDINGS = ("", ".png", ".jpg", ".jpeg", ".JPG", ".PNG")


def read_transforms(file: Path, path: Path) -> Capture:
    """path: what the user named. Raises OddgenError naming the frame and what is wrong with it."""
    content = read(TransformsFile, file, "mend it or export it again", finite=False)
    if not content.frames:
        raise OddgenError(f"{file}: has no frames; give the transforms.json of a whole capture.")
    photos, missing = [], []
    for number, frame in enumerate(content.frames):
        image = _image(file.parent, frame.file_path)
        if image.is_file():
            photos.append(_photo(file, content, frame, number))
        else:
            missing.append(image)
    photos.sort(key=lambda photo: str(photo.path))
    return Capture(path, tuple(photos), _points(file, content), tuple(missing))


def camera_pose(camera_to_world: Sequence[Row], where: str) -> Floats:
    """(4, 4) world_to_camera in OpenCV axes of (3 or 4, 4) with OpenGL camera axes."""
    matrix = np.array(camera_to_world)
    rotation = pose(matrix[:3, :3] @ OPENGL, matrix[:3, 3], where)[:3, :3].T
    return pose(rotation, -rotation @ matrix[:3, 3], where)


def _photo(file: Path, content: TransformsFile, frame: FrameFacts, number: int) -> Photo:
    where = f"{file}: frame {number}"
    path = _image(file.parent, frame.file_path)
    camera = camera_pose(frame.transform_matrix, f"{where}, {path.name}")
    return Photo(path, _lens(_merged(frame, content), path, where), camera)


def _merged(frame: FrameFacts, content: TransformsFile) -> CameraFacts:
    """The frame's own numbers, else those of all."""
    names = [entry.name for entry in fields(CameraFacts)]
    told = {name: getattr(content, name) for name in names}
    own = {name: getattr(frame, name) for name in names if getattr(frame, name) is not None}
    return CameraFacts(**told | own)


def _image(folder: Path, name: str) -> Path:
    """NeRF's own files leave the ending out."""
    path = folder / name.replace("\\", "/")
    tried = (path.with_name(path.name + ending) for ending in ENDINGS)
    return next((found for found in tried if found.is_file()), path)


def _lens(facts: CameraFacts, path: Path, where: str) -> Lens:
    model = (facts.camera_model or "OPENCV").upper()
    if model not in MODELS or facts.is_fisheye:
        name = "fisheye" if facts.is_fisheye else model
        raise OddgenError(
            f"{where}: the camera model {name} is not known; undistort the images to a pinhole or "
            f"OPENCV camera first (COLMAP: image_undistorter)."
        )
    if facts.k4:
        raise OddgenError(
            f"{where}: k4 of the distortion is not known here; undistort the images first."
        )
    width, height = facts.w, facts.h
    if width is None or height is None:
        if not path.is_file():
            raise OddgenError(f"{where}: {path} is missing; put it there or remove the frame.")
        width, height = image_size(path)
    middle = (
        width / 2 if facts.cx is None else facts.cx,
        height / 2 if facts.cy is None else facts.cy,
    )
    distortion = tuple(k or 0.0 for k in (facts.k1, facts.k2, facts.p1, facts.p2, facts.k3))
    focal = _focal(facts, width, height, where)
    return lens((width, height), focal, middle, distortion, where)


def _focal(facts: CameraFacts, width: float, height: float, where: str) -> tuple[float, float]:
    """From fl_x and fl_y, or from angles of view in radians; one of a pair is enough."""
    across = _length(facts.fl_x, facts.camera_angle_x, width, f"{where}: camera_angle_x")
    down = _length(facts.fl_y, facts.camera_angle_y, height, f"{where}: camera_angle_y")
    if across is None:
        across = down
    if across is None:
        raise OddgenError(
            f"{where}: tells no focal length; add fl_x in pixels or camera_angle_x in radians."
        )
    return across, across if down is None else down


def _length(length: float | None, angle: float | None, pixels: float, where: str) -> float | None:
    """A focal length in pixels: what is told, or what follows from the angle over the pixels."""
    if length is not None or angle is None:
        return length
    if not 0 < angle < math.pi:
        raise OddgenError(f"{where} is {angle:g}; give radians, 0 to 3.14.")
    return pixels / 2 / math.tan(angle / 2)


def _points(file: Path, content: TransformsFile) -> Floats:
    """Of the cloud that ply_file_path names, in the frame of the cameras."""
    if content.ply_file_path is None:
        return no_points()
    path = file.parent / content.ply_file_path.replace("\\", "/")
    if not path.is_file():
        raise OddgenError(
            f"{file}: its ply_file_path {path} is missing; put it there or remove the entry."
        )
    import open3d

    with open3d.utility.VerbosityContextManager(open3d.utility.VerbosityLevel.Error):
        points = np.asarray(open3d.io.read_point_cloud(str(path)).points)
    if not len(points):
        raise OddgenError(f"{path}: holds no points that can be read; remove ply_file_path.")
    return points[np.isfinite(points).all(axis=1)].reshape(-1, 3)
