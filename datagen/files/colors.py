"""Colours that files paint on faces or corners, as a few plain materials."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from datagen.geometry.color import srgb_to_linear
from datagen.geometry.shape import Ints, Material

MAX_COLORS = 12


def named_color(srgb: tuple[int, int, int], name: str = "") -> Material:
    """A plain material of an sRGB colour, 0 to 255."""
    r, g, b = srgb_to_linear(np.array(srgb) / 255).tolist()
    return Material(name or "#{:02x}{:02x}{:02x}".format(*srgb), (r, g, b))


def palette_of(faces: NDArray[np.uint8]) -> tuple[list[Material], Ints]:
    """Materials for sRGB colours (F, 3) of faces, at most MAX_COLORS, and which each face has."""
    palette, index = np.unique(faces, axis=0, return_inverse=True)
    index = index.reshape(-1)
    if len(palette) > MAX_COLORS:
        reduced = Image.fromarray(faces[None]).quantize(MAX_COLORS)
        entries = np.array(reduced.getpalette(), np.uint8).reshape(-1, 3)
        used, index = np.unique(np.asarray(reduced)[0], return_inverse=True)
        palette = entries[used]
    return [named_color((r, g, b)) for r, g, b in palette.tolist()], index.astype(np.int64)
