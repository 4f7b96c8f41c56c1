"""Heat on a picture: where an object looks odd."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from datagen.geometry.shape import Floats

MOST = 0.8  # of a picture that heat covers
FAINT, FULL = 0.05, 0.4  # heat that is not shown, and that is shown at its brightest


def heated(pixels: NDArray[np.uint8], heat: NDArray[np.floating]) -> NDArray[np.uint8]:
    """An image (H, W, 3) with heat (H, W) in 0..1 over it."""
    from matplotlib import colormaps

    told = np.clip((heat - FAINT) / (FULL - FAINT), 0, 1)
    share = MOST * told[..., None]
    color = colormaps["inferno"](0.3 + 0.7 * told)[..., :3] * 255
    mixed: NDArray[np.uint8] = (pixels * (1 - share) + color * share).round().astype(np.uint8)
    return mixed


def moved(
    heat: NDArray[np.floating], own: Floats, matrix: Floats, size: tuple[int, int]
) -> NDArray[np.float32]:
    """Heat (H, W) of one camera (3, 3), as another one with the same pose has it, size (w, h)."""
    scale = np.diag(own)[:2] / np.diag(matrix)[:2]
    shift = own[:2, 2] - scale * matrix[:2, 2]
    image = Image.fromarray(np.asarray(heat, np.float32))
    numbers = (scale[0], 0.0, shift[0], 0.0, scale[1], shift[1])
    warped = image.transform(size, Image.Transform.AFFINE, numbers, Image.Resampling.BILINEAR)
    return np.asarray(warped)
