"""Colours painted on vertices or faces as a few plain materials."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from datagen.geometry.shape import Floats, Ints, Material

MAX_COLORS = 12


def color_materials(mesh: Any, triangles: Ints, loops: Ints) -> tuple[list[Material], Ints] | None:
    """Materials for colours painted on a Blender mesh, and which of them each triangle (F,) has.

    triangles, loops: (F, 3) vertices and loops of the corners. None where the mesh has no colours.
    """
    attribute = mesh.color_attributes.active_color
    if attribute is None or len(attribute.data) == 0:
        return None
    linear = np.empty(len(attribute.data) * 4, np.float32)
    attribute.data.foreach_get("color", linear)
    corners = linear.reshape(-1, 4)[triangles if attribute.domain == "POINT" else loops]
    faces = _to_srgb(corners[..., :3].mean(axis=1))
    palette, index = np.unique(faces, axis=0, return_inverse=True)
    index = index.reshape(-1)
    if len(palette) > MAX_COLORS:
        reduced = Image.fromarray(faces[None]).quantize(MAX_COLORS)
        entries = np.array(reduced.getpalette(), np.uint8).reshape(-1, 3)
        used, index = np.unique(np.asarray(reduced)[0], return_inverse=True)
        palette = entries[used]
    materials = [_material(*color) for color in palette.tolist()]
    return materials, index.astype(np.int64)


def srgb_to_linear(color: Floats) -> Floats:
    """Linear values, 0 to 1, of sRGB values in [0, 1], any shape."""
    return np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)


def _to_srgb(linear: Floats) -> np.ndarray:
    clipped = np.clip(linear, 0, 1)
    curved = 1.055 * np.maximum(clipped, 1e-9) ** (1 / 2.4) - 0.055
    return np.round(255 * np.where(clipped <= 0.0031308, 12.92 * clipped, curved)).astype(np.uint8)


def _material(red: int, green: int, blue: int) -> Material:
    r, g, b = srgb_to_linear(np.array([red, green, blue]) / 255).tolist()
    return Material(f"#{red:02x}{green:02x}{blue:02x}", (r, g, b))
