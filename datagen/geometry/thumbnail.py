"""Thumbnails of shapes, shaded by casting rays, no renderer; contact sheets of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from datagen.base.files import whole_file
from datagen.geometry.color import look_of
from datagen.geometry.raycast import THREADS, raycaster, surface_hits
from datagen.geometry.shape import Bools, Floats, Shape, corner_normals

LIGHT = np.array([0.35, -0.5, 0.79])
BACKGROUND = 236
EYE = np.array([0.95, -1.25, 0.85])
MARK = np.array([0.9, 0.05, 0.05])
SKY_RAYS = 16


def thumbnail(
    shape: Shape,
    size: int = 192,
    eye: Floats = EYE,
    frame: Floats | None = None,
    marked: Bools | None = None,
) -> NDArray[np.uint8]:
    """(size, size, 3) uint8 sRGB: shaded by one light and the sky that every point sees.

    eye: (3,) the direction to look from, in the shape's frame. frame: (2, 3) the box to show,
    metres, the shape's own if None. marked: (F,) bool, faces to tint red.
    """
    low, high = shape.bounds if frame is None else frame
    scale = 1 / max(float(np.linalg.norm(high - low)), 1e-12)
    moved = shape.with_vertices((shape.vertices - (low + high) / 2) * scale)
    scene = raycaster(moved)
    rays = pinhole(eye, 2 * size)
    hits = surface_hits(scene, rays)
    start, view = np.split(rays.numpy()[hits.on].astype(np.float64), 2, axis=1)
    normal = hits.facing_normals(corner_normals(moved), view)
    points = start + hits.depth[hits.on][:, None] * view + 2e-3 * normal
    light = LIGHT / np.linalg.norm(LIGHT)
    lit = np.clip(normal @ light, 0, None) * ~_blocked(scene, points, light, np.inf)
    shade = 0.5 * lit + 0.5 * _openness(scene, points, normal)
    linear = look_of(shape, hits.face, hits.weights)[0] * shade[:, None]
    if marked is not None:
        red = marked[hits.face]
        linear[red] = 0.4 * linear[red] + 0.6 * MARK * shade[red, None]
    image = np.full((2 * size, 2 * size, 3), BACKGROUND, np.float64)
    image[hits.on] = 255 * np.clip(linear, 0, 1) ** (1 / 2.2)
    halved = image[::-1, ::-1].reshape(size, 2, size, 2, 3).mean(axis=(1, 3))
    picture: NDArray[np.uint8] = halved.round().astype(np.uint8)
    return picture


def pinhole(eye: Floats, size: int) -> Any:
    """(size, size, 6) tensor of Open3D: rays of a camera that holds the unit ball round the origin.

    eye: (3,) the direction to look from.
    """
    import open3d as o3d

    direction = np.asarray(eye, np.float64) / np.linalg.norm(eye)
    up = [0, 0, 1] if abs(direction[2]) < 0.99 else [0, 1, 0]
    return o3d.t.geometry.RaycastingScene.create_rays_pinhole(
        fov_deg=25,
        center=[0, 0, 0],
        eye=(2.35 * direction).tolist(),
        up=up,
        width_px=size,
        height_px=size,
    )


def _blocked(scene: Any, points: Floats, toward: Floats, reach: float) -> Bools:
    """(P,) whether something lies within reach of points (P, 3) along directions (3,), (P, 3)."""
    import open3d as o3d

    rays = np.concatenate([points, np.broadcast_to(toward, points.shape)], axis=1)
    tensor = o3d.core.Tensor(rays.astype(np.float32))
    blocked: Bools = scene.test_occlusions(tensor, tfar=reach, nthreads=THREADS).numpy()
    return blocked


def _openness(scene: Any, points: Floats, normal: Floats) -> Floats:
    """(P,) share of the sky, brightest above, that points (P, 3) see near by."""
    rng = np.random.default_rng(0)
    turned = rng.normal(size=(SKY_RAYS, 3))
    turned /= np.linalg.norm(turned, axis=1, keepdims=True)
    total = np.zeros(len(points))
    for direction in turned:
        toward = normal + 0.98 * direction
        toward /= np.linalg.norm(toward, axis=1, keepdims=True)
        total += ~_blocked(scene, points, toward, 0.3) * (0.7 + 0.3 * toward[:, 2])
    return total / SKY_RAYS


def contact_sheet(
    pictures: Sequence[NDArray[np.uint8]], captions: Sequence[str], columns: int
) -> Image.Image:
    """Pictures (H, W, 3) uint8 of one size row by row, each with its caption below.

    columns: how many are in a row.
    """
    height, width = pictures[0].shape[:2]
    label = 14
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * width, rows * (height + label)), "white")
    pen = ImageDraw.Draw(sheet)
    for k, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        x, y = k % columns * width, k // columns * (height + label)
        sheet.paste(Image.fromarray(picture), (x, y))
        pen.text((x + 3, y + height + 1), caption, fill="black")
    return sheet


def write_image(path: Path, picture: Image.Image) -> None:
    """Write the picture in the format that the path's ending says, whole or not at all.

    Raises OSError, ValueError for an unknown ending.
    """
    with whole_file(path) as aside:
        kind = Image.registered_extensions().get(path.suffix.lower())
        if kind is None:
            raise ValueError(f"unknown file extension: {path.suffix}")
        picture.save(aside, format=kind)
