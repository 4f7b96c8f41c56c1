"""What a scene's arrays look like: one picture a view and layer, for people."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray
from PIL import Image

from datagen.dataset.reader import Scene

Pixels = NDArray[np.uint8]

PALETTE = np.array(
    [(0, 0, 0), (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178),
     (213, 94, 0), (204, 121, 167), (150, 150, 150), (120, 200, 90), (160, 110, 220),
     (240, 130, 130), (90, 220, 210)], np.uint8)  # fmt: skip
ODD = np.array([255, 40, 40], np.uint8)


def palette_color(index: NDArray[np.int64] | int) -> Pixels:
    """(..., 3) uint8 of numbers of any shape: black for 0, twelve colours by turns from 1 on."""
    index = np.asarray(index)
    return PALETTE[np.where(index == 0, 0, (index - 1) % (len(PALETTE) - 1) + 1)]


def instance_picture(scene: Scene, view: int) -> Pixels:
    """(H, W, 3) uint8: a colour each object."""
    return palette_color(scene.instance[view].astype(np.int64))


def part_picture(scene: Scene, view: int) -> Pixels:
    """(H, W, 3) uint8: a colour each part, the same in all objects."""
    return palette_color(scene.part[view].astype(np.int64))


def defect_picture(scene: Scene, view: int) -> Pixels:
    """(H, W, 3) uint8: red where the view would look different were all objects normal."""
    return (scene.defect[view] > 0)[..., None] * ODD


def depth_range(scene: Scene) -> tuple[float, float]:
    """Metres that get the brightest and the darkest colour, the same in all views."""
    objects = scene.depth[scene.instance > 0]
    low, high = (objects.min(), objects.max()) if len(objects) else (0.0, 1.0)
    return float(low), float(max(high, low + 1e-6))


def depth_picture(scene: Scene, view: int) -> Pixels:
    """(H, W, 3) uint8: yellow is near, violet is far; nothing is black."""
    depth = scene.depth[view]
    low, high = depth_range(scene)
    near = np.clip((high - depth) / (high - low), 0, 1)
    colors: Pixels = colormaps["viridis"](near, bytes=True)[..., :3]
    return np.where(depth[..., None] > 0, colors, np.uint8(0))


def normal_picture(scene: Scene, view: int) -> Pixels:
    """(H, W, 3) uint8: red, green, blue for the world's x, y, z."""
    return (scene.normal[view].astype(np.int16) + 128).astype(np.uint8)


def marked(scene: Scene, view: int) -> Pixels:
    """(H, W, 3) uint8: the image with its defect pixels in red."""
    image = scene.rgb[view].astype(np.float64)
    odd = scene.defect[view] > 0
    image[odd] = 0.45 * image[odd] + 0.55 * ODD
    return image.astype(np.uint8)


def resized(pixels: Pixels, size: int, smooth: bool = True) -> Image.Image:
    """A square picture of (H, W, 3) uint8, so many pixels a side.

    smooth: shrink by means of pixels; not for masks.
    """
    picture = Image.fromarray(pixels)
    if picture.size == (size, size):
        return picture
    shrink = smooth and size < picture.width
    return picture.resize(
        (size, size), Image.Resampling.BOX if shrink else Image.Resampling.NEAREST
    )
