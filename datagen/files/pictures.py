"""Pictures of any size and depth as 8-bit RGB: 16-bit grey keeps its values, huge ones shrink."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

MOST_PIXELS = 500_000_000  # of a picture that is decoded at all


class TooLarge(ValueError):
    """A picture of more than MOST_PIXELS pixels."""


@contextmanager
def opened(source: Path | bytes) -> Iterator[Image.Image]:
    """A picture of any size, not decoded yet: our own limit stands for Pillow's.

    Raises what Pillow does, and TooLarge.
    """
    before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise TooLarge(
                    f"has {width} x {height} pixels, more than {MOST_PIXELS // 10**6} million"
                )
            yield image
    finally:
        Image.MAX_IMAGE_PIXELS = before


def open_rgb(source: Path | bytes, longest: int | None = None, turned: bool = False) -> Image.Image:
    """The picture in RGB, its longer side at most `longest` pixels; turned: as EXIF data say.

    JPEG is made smaller while it is decoded. Raises as opened does.
    """
    with opened(source) as image:
        if longest is not None:
            image.draft("RGB", (longest, longest))
        picture = to_rgb(ImageOps.exif_transpose(image) if turned else image)
    if longest is not None:
        picture.thumbnail((longest, longest))
    return picture


def is_deep(image: Image.Image) -> bool:
    """Whether it has more than 8 bits a channel."""
    return image.mode.startswith("I") or image.mode == "F"


def to_rgb(image: Image.Image) -> Image.Image:
    """8-bit RGB; what has 16 bits keeps its values instead of being cut off at white."""
    if is_deep(image):
        values = np.asarray(image).astype(np.float64)
        top = 1.0 if image.mode == "F" else 65535.0
        grey = np.clip(np.nan_to_num(values) / top * 255, 0, 255).round().astype(np.uint8)
        return Image.fromarray(np.repeat(grey[..., None], 3, axis=2))
    return image.convert("RGB")
