"""transforms.json: of nerfstudio, Instant-NGP, Polycam's converters, and NeRF's own.

Camera axes are OpenGL's (x right, y up, z back). Numbers of the camera stand at the top or, where
images differ, in each frame.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.capture.photos import Capture, Floats, Lens, Photo, image_size, lens, no_points, pose
from datagen.errors import OddgenError

OPENGL = np.diag([1.0, -1.0, -1.0])
MODELS = ("OPENCV", "PINHOLE", "SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL", "PERSPECTIVE")
ENDINGS = ("", ".png", ".jpg", ".jpeg", ".JPG", ".PNG")


def read_transforms(file: Path, place: Path) -> Capture:
    """Raises OddgenError naming the frame and what is wrong with it."""
    content = _parsed(file)
    frames = content.get("frames")
    if not isinstance(frames, list) or not frames:
        raise OddgenError(f"{file}: has no frames; give the transforms.json of a whole capture.")
    photos = [_photo(file, content, frame, k) for k, frame in enumerate(frames)]
    photos.sort(key=lambda photo: str(photo.path))
    return Capture(place, tuple(photos), _points(file, content))


def camera_pose(camera_to_world: Any, where: str) -> Floats:
    """(4, 4) world_to_camera in OpenCV axes of (3 or 4, 4) with OpenGL camera axes."""
    try:
        matrix = np.array(camera_to_world, float)
    except (TypeError, ValueError):
        matrix = np.zeros(0)
    if matrix.shape not in ((4, 4), (3, 4)):
        raise OddgenError(f"{where}: the pose is no matrix of 4 x 4 numbers; write one.")
    rotation = pose(matrix[:3, :3] @ OPENGL, matrix[:3, 3], where)[:3, :3].T
    return pose(rotation, -rotation @ matrix[:3, 3], where)


def _parsed(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise OddgenError(f"{file}: cannot be read as JSON ({error}); export it again.") from error
    if not isinstance(content, dict):
        raise OddgenError(f"{file}: is no JSON object; give a transforms.json.")
    return content


def _photo(file: Path, content: dict[str, Any], frame: Any, number: int) -> Photo:
    where = f"{file}: frame {number}"
    if not isinstance(frame, dict) or not isinstance(frame.get("file_path"), str):
        raise OddgenError(f"{where}: has no file_path; export it again.")
    path = _image(file.parent, frame["file_path"])
    if "transform_matrix" not in frame:
        raise OddgenError(f"{where}: has no transform_matrix; remove it or export it again.")
    camera = camera_pose(frame["transform_matrix"], f"{where}, {path.name}")
    return Photo(path, _lens({**content, **frame}, path, where), camera)


def _image(folder: Path, name: str) -> Path:
    """NeRF's own files leave the ending out."""
    path = folder / name.replace("\\", "/")
    tried = (path.with_name(path.name + ending) for ending in ENDINGS)
    return next((found for found in tried if found.is_file()), path)


def _lens(values: dict[str, Any], path: Path, where: str) -> Lens:
    model = str(values.get("camera_model", "OPENCV")).upper()
    if model not in MODELS or values.get("is_fisheye"):
        name = "fisheye" if values.get("is_fisheye") else model
        raise OddgenError(
            f"{where}: the camera model {name} is not known; undistort the images to a pinhole or "
            f"OPENCV camera first (COLMAP: image_undistorter)."
        )
    if _number(values, "k4", where, 0.0):
        raise OddgenError(
            f"{where}: k4 of the distortion is not known here; undistort the images first."
        )
    width = _number(values, "w", where)
    height = _number(values, "h", where)
    if width is None or height is None:
        if not path.is_file():
            raise OddgenError(f"{where}: {path} is missing; put it there or remove the frame.")
        width, height = image_size(path)
    focal = _focal(values, width, height, where)
    middle = (_number(values, "cx", where, width / 2), _number(values, "cy", where, height / 2))
    distortion = tuple(_number(values, k, where, 0.0) for k in ("k1", "k2", "p1", "p2", "k3"))
    return lens((int(width), int(height)), focal, middle, distortion, where)


def _focal(values: dict[str, Any], width: float, height: float, where: str) -> tuple[float, float]:
    """From fl_x and fl_y, or from angles of view in radians; one of a pair is enough."""
    found = []
    for length, angle, pixels in (
        ("fl_x", "camera_angle_x", width),
        ("fl_y", "camera_angle_y", height),
    ):
        own, view = _number(values, length, where), _number(values, angle, where)
        if own is None and view is not None:
            if not 0 < view < math.pi:
                raise OddgenError(f"{where}: {angle} is {view:g}; give radians, 0 to 3.14.")
            own = pixels / 2 / math.tan(view / 2)
        found.append(own)
    across, down = found
    if across is None and down is None:
        raise OddgenError(
            f"{where}: tells no focal length; add fl_x in pixels or camera_angle_x in radians."
        )
    return (down if across is None else across), (across if down is None else down)


def _number(values: dict[str, Any], key: str, where: str, default: Any = None) -> Any:
    value = values.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise OddgenError(f"{where}: {key} is {value!r}; give a number.")
    return float(value)


def _points(file: Path, content: dict[str, Any]) -> Floats:
    """Of the cloud that ply_file_path names, in the frame of the cameras."""
    name = content.get("ply_file_path")
    if not isinstance(name, str):
        return no_points()
    path = file.parent / name.replace("\\", "/")
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
