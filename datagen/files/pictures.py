"""Pictures of any size and depth as 8-bit RGB: 16-bit grey keeps its values, huge ones shrink."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

MOST_PIXELS = 500_000_000  # of a picture that is decoded at all


class TooLarge(ValueError):
    """A picture of more than MOST_PIXELS pixels."""


def open_rgb(source: Path | bytes, longest: int | None = None, turned: bool = False) -> Image.Image:
    """The picture in RGB, its longer side at most `longest` pixels; turned: as EXIF data say.

    JPEG is made smaller while it is decoded. Raises what Pillow does, and TooLarge.
    """
    before = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = None
    try:
        stream: Any = io.BytesIO(source) if isinstance(source, bytes) else source
        with Image.open(stream) as file:
            image: Image.Image = file
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise TooLarge(
                    f"has {width} x {height} pixels, more than {MOST_PIXELS // 10**6} million"
                )
            if longest is not None:
                image.draft("RGB", (longest, longest))
                shrink = max(image.size) // (2 * longest)
                if shrink > 1 and image.mode in ("L", "RGB", "RGBA"):
                    image = image.reduce(shrink)
            picture = to_rgb(ImageOps.exif_transpose(image) if turned else image)
            if longest is not None:
                picture.thumbnail((longest, longest))
            return picture
    finally:
        Image.MAX_IMAGE_PIXELS = before


def to_rgb(image: Image.Image) -> Image.Image:
    """8-bit RGB; what has 16 bits keeps its values instead of being cut off at white."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        values = np.asarray(image).astype(np.float64)
        top = 1.0 if image.mode == "F" else 65535.0
        grey = np.clip(np.nan_to_num(values) / top * 255, 0, 255).round().astype(np.uint8)
        return Image.fromarray(np.repeat(grey[..., None], 3, axis=2))
    return image.convert("RGB")
