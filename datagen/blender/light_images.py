"""OpenEXR and Radiance images, which Blender reads and Pillow does not, as 8-bit pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from datagen.files.pictures import MOST_PIXELS
from datagen.geometry.color import linear_to_srgb

MAGIC = (b"v/1\x01", b"#?")


def light_picture(image: Any, encoded: bytes, longest: int) -> Image.Image | None:
    """RGB of Blender's image with the file's bytes, its longer side at most `longest` pixels.

    Light up to 1 becomes sRGB; what is no colour keeps its values. None where it is of another
    kind, or Blender cannot read it either.
    """
    if not encoded.startswith(MAGIC):
        return None
    width, height = image.size
    if not 0 < width * height <= MOST_PIXELS or not image.has_data:
        return None
    pixels = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(pixels)
    values = np.clip(np.nan_to_num(pixels.reshape(height, width, -1)[::-1]), 0.0, 1.0)
    values = np.repeat(values, 3, axis=2) if image.channels < 3 else values[..., :3]
    if image.colorspace_settings.name != "Non-Color":
        values = linear_to_srgb(values)
    picture = Image.fromarray(np.round(255 * values).astype(np.uint8))
    picture.thumbnail((longest, longest))
    return picture
