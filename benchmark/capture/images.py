"""Photographs as a detector takes them: without distortion, square, all of one size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmark.capture.photos import Floats, Lens, Photo
from datagen.base.reading import reading
from datagen.files.pictures import open_rgb

Image8 = NDArray[np.uint8]


def read_photo(photo: Photo) -> Image8:
    """(H, W, 3) sRGB without distortion, for the same matrix; black where nothing was seen."""
    size = photo.lens.width, photo.lens.height
    with reading(photo.path, "it is damaged: replace or remove it"):
        picture = open_rgb(photo.path, max(size), photo.turned)
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.BILINEAR)
    return undistort(np.asarray(picture), photo.lens)


def undistort(pixels: Image8, lens: Lens) -> Image8:
    """OpenCV counts pixel centres as whole numbers; ours lie at i + .5."""
    if not lens.distorts:
        return pixels
    import cv2

    matrix = lens.matrix.copy()
    matrix[:2, 2] -= 0.5
    return cv2.undistort(pixels, matrix, np.array(lens.distortion)).astype(np.uint8)


def square_window(photo: Photo, point: Floats) -> tuple[int, int, int]:
    """x, y and side, pixels: the square of the shorter side, over a point (3,) where it can be."""
    lens = photo.lens
    local = photo.world_to_camera[:3, :3] @ point + photo.world_to_camera[:3, 3]
    middle = (lens.matrix @ local)[:2] / local[2]
    side = min(lens.width, lens.height)
    x, y = np.clip(middle - side / 2, 0, [lens.width - side, lens.height - side])
    return round(float(x)), round(float(y)), side


def crop(pixels: Image8, matrix: Floats, window: tuple[int, int, int]) -> tuple[Image8, Floats]:
    """The window of an image, and the camera's (3, 3) for it."""
    x, y, side = window
    shifted = matrix - np.array([[0, 0, x], [0, 0, y], [0, 0, 0.0]])
    return pixels[y : y + side, x : x + side], shifted


def resized(pixels: Image8, matrix: Floats, side: int) -> tuple[Image8, Floats]:
    """The longer side as given, antialiased as in training, and the camera's (3, 3) for it."""
    height, width = pixels.shape[:2]
    size = [max(round(n * side / max(height, width)), 1) for n in (width, height)]
    image = Image.fromarray(pixels).resize((size[0], size[1]), Image.Resampling.BILINEAR)
    scale = np.diag([size[0] / width, size[1] / height, 1.0])
    return np.asarray(image), scale @ matrix
