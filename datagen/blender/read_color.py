"""Colours painted on a Blender mesh's vertices or faces."""

from __future__ import annotations

from typing import Any

import numpy as np

from datagen.files.colors import palette_of
from datagen.geometry.color import linear_to_srgb
from datagen.geometry.shape import Ints, Material


def color_materials(
    mesh: Any, triangles: Ints, loops: Ints, name: str = ""
) -> tuple[list[Material], Ints] | None:
    """Materials for colours painted on a Blender mesh, and which of them each triangle (F,) has.

    triangles, loops: (F, 3) vertices and loops of the corners. name: of the attribute, else the
    active or the first one. None where the mesh has no colours.
    """
    known = mesh.color_attributes
    attribute = known.get(name) if name else known.active_color
    if attribute is None and len(known):
        attribute = known[0]
    if attribute is None or len(attribute.data) == 0:
        return None
    linear = np.empty(len(attribute.data) * 4, np.float32)
    attribute.data.foreach_get("color", linear)
    corners = linear.reshape(-1, 4)[triangles if attribute.domain == "POINT" else loops]
    srgb = linear_to_srgb(corners[..., :3].mean(axis=1).astype(np.float64))
    return palette_of(np.round(255 * srgb).astype(np.uint8))
