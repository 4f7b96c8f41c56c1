"""Single files of a published scene folder. Every reader raises SceneFailed with one sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from datagen.errors import SceneFailed

Pixels = NDArray[np.uint8]

METADATA_3D = "scene3d.metadata.json"
METADATA_2D = "scene2d.metadata.json"
FLOOR = "floor_object"
NO_HIT = np.float32(1e10)
FARTHEST = np.float32(1e9)  # metres; beyond it a depth stands for nothing
FOREGROUND = 127  # masks are 0 and 205 to 255


def frame(view: int, ending: str) -> str:
    """Name of a view's file, such as `0003.png`."""
    return f"{view:04d}.{ending}"


def mask_path(folder: Path, name: str, view: int) -> Path:
    """The mask of the object of that name in a view."""
    return folder / "segmentations" / name / f"{name}_{frame(view, 'png')}"


def read_json(path: Path) -> dict[str, Any]:
    """The object that a JSON file holds."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SceneFailed(f"{path}: missing; restore it from the download.") from error
    except (OSError, ValueError) as error:
        raise SceneFailed(
            f"{path}: cannot be read ({_short(error)}); restore it from the download."
        ) from error
    if not isinstance(content, dict):
        raise SceneFailed(f"{path}: is no JSON object; restore it from the download.")
    return content


def read_png(path: Path, shape: tuple[int, int] | None = None) -> NDArray[Any]:
    """(H, W) or (H, W, C), as stored.

    shape: the height and width that it must have.
    """
    try:
        with Image.open(path) as image:
            pixels = np.asarray(image)
    except FileNotFoundError as error:
        raise SceneFailed(f"{path}: missing; restore it from the download.") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise SceneFailed(
            f"{path}: no image ({_short(error)}); restore it from the download."
        ) from error
    _check_size(path, pixels, shape)
    return pixels


def read_mask(path: Path, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """(H, W) bool, the foreground of a mask of any mode; shape: its height and width."""
    pixels = read_png(path, shape)
    return (pixels if pixels.ndim == 2 else pixels[..., 0]) > FOREGROUND


def read_depth(path: Path, shape: tuple[int, int]) -> NDArray[np.float32]:
    """(H, W) planar metres of an OpenEXR file, 0 where nothing is hit.

    shape: its height and width.
    """
    import OpenEXR

    if not path.is_file():
        raise SceneFailed(f"{path}: missing; restore it from the download.")
    try:
        channels = OpenEXR.File(str(path)).channels()
        pixels = next(iter(channels.values())).pixels
    except (OSError, RuntimeError, ValueError, StopIteration) as error:
        raise SceneFailed(
            f"{path}: no OpenEXR image ({_short(error)}); restore it from the download."
        ) from error
    depth = np.asarray(pixels if pixels.ndim == 2 else pixels[..., 0], np.float32)
    _check_size(path, depth, shape)
    if np.isnan(depth).any() or (depth <= 0).any():
        raise SceneFailed(
            f"{path}: holds depths that are no distance; restore it from the download."
        )
    return np.where(depth < FARTHEST, depth, np.float32(0))


def write_depth(path: Path, depth: NDArray[np.float32]) -> None:
    """Write depth (H, W), metres, as OpenEXR: R = G = B float32, ZIP, 1e10 where it is 0."""
    import OpenEXR

    stored = np.where(depth > 0, depth, NO_HIT).astype(np.float32)
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, {"RGB": np.repeat(stored[..., None], 3, axis=2)}).write(str(path))


def depth_levels(depth: NDArray[np.float32]) -> NDArray[np.uint16]:
    """(H, W) uint16: the range of a frame's depth on 0 .. 65535, and 65535 where nothing is hit."""
    hit = depth > 0
    levels = np.full(depth.shape, 65535, np.uint16)
    if hit.any():
        metres = depth[hit].astype(np.float64)
        low, high = metres.min(), metres.max()
        levels[hit] = np.round(65535 * (metres - low) / max(high - low, 1e-12)).astype(np.uint16)
    return levels


def write_png(path: Path, pixels: NDArray[Any]) -> None:
    """Write (H, W), (H, W, 3) or (H, W, 4) uint8, or (H, W) uint16."""
    Image.fromarray(pixels).save(path, compress_level=2)  # 11 % larger and 1.6 x as fast as 4


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON as the published files have it."""
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _check_size(path: Path, pixels: NDArray[Any], shape: tuple[int, int] | None) -> None:
    if shape is not None and pixels.shape[:2] != shape:
        height, width = pixels.shape[:2]
        raise SceneFailed(
            f"{path}: {width} x {height} pixels instead of {shape[1]} x {shape[0]}; "
            "restore it from the download."
        )


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
