"""Silhouettes that a capture brings along: masks/NAME.png beside its photographs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmark.capture.images import undistort
from benchmark.capture.photos import SAME_SHAPE, Capture, Photo, image_size
from datagen.base.reading import reading
from datagen.errors import OddgenError
from datagen.files.pictures import is_deep, opened

FOLDER = "masks"


def with_masks(capture: Capture) -> Capture:
    """The same with a mask for every photograph, where there is a folder of them.

    For images/a.jpg that is masks/a.png, or masks/a.jpg.png as COLMAP has it. Raises OddgenError
    where some have one and others have none, or a mask has another shape.
    """
    root = capture.path if capture.path.is_dir() else capture.path.parent
    photos = tuple(replace(p, mask=_beside(root / FOLDER, p.path)) for p in capture.photos)
    without = [photo for photo in photos if photo.mask is None]
    if len(without) == len(photos):
        if (root / FOLDER).is_dir():
            raise OddgenError(
                f"{root / FOLDER}: has no mask for any photograph; name that of "
                f"{photos[0].path.name} {photos[0].path.stem}.png, or move the folder away."
            )
        return capture
    if without:
        raise OddgenError(
            f"{capture.path}: {len(without)} of {len(photos)} photographs have no mask, the first "
            f"is {without[0].path.name}; add {FOLDER}/{without[0].path.stem}.png and so on."
        )
    for photo in photos:
        _check(photo)
    return replace(capture, photos=photos)


def read_mask(photo: Photo) -> NDArray[np.uint8]:
    """(H, W) as large as the photograph, without distortion: 255 where there is an object.

    What is not black is an object. Raises OddgenError where it cannot be read.
    """
    assert photo.mask is not None
    size = photo.lens.width, photo.lens.height
    with reading(photo.mask, "the mask is damaged: replace it"), opened(photo.mask) as image:
        small = image.resize(size, Image.Resampling.NEAREST)
        pixels = np.atleast_3d(np.asarray(small if is_deep(small) else small.convert("RGB")))
    inside = np.where((pixels > 0).any(axis=2), 255, 0).astype(np.uint8)
    return undistort(np.repeat(inside[:, :, None], 3, axis=2), photo.lens)[:, :, 0]


def _beside(folder: Path, path: Path) -> Path | None:
    for name in (f"{path.stem}.png", f"{path.name}.png", path.name):
        if (folder / name).is_file():
            return folder / name
    return None


def _check(photo: Photo) -> None:
    assert photo.mask is not None
    width, height = image_size(photo.mask)
    if abs(width / height / (photo.lens.width / photo.lens.height) - 1) > SAME_SHAPE:
        raise OddgenError(
            f"{photo.mask}: is {width} x {height} pixels, its photograph {photo.lens.width} x "
            f"{photo.lens.height}; make masks of the photographs themselves."
        )
