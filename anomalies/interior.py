"""What an object looks like where it is broken open."""

from __future__ import annotations

import numpy as np

from anomalies.color import average_color
from datagen.shape import Material, Shape

PALER = 0.35  # of the way to white
DULLER = 0.25  # of the way to grey
LEAST_ROUGH = 0.75


def interior_material(shape: Shape, index: int) -> Material:
    """A rough, paler, duller version of the material's average colour; metal stays metal."""
    material = shape.materials[index]
    faces = shape.face_material == index
    if not faces.any():
        faces = np.ones(len(shape.faces), bool)
    color = average_color(shape, material, faces)
    color = color + DULLER * (color.mean() - color)
    color = np.clip(color + PALER * (0.85 - color), 0.02, 0.9)
    red, green, blue = (round(float(value), 4) for value in color)
    return Material(
        f"{material.name} inside",
        (red, green, blue),
        material.metallic,
        max(LEAST_ROUGH, material.roughness),
    )
