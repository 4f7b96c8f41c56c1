"""What an object looks like where it is broken open."""

from __future__ import annotations

import numpy as np

from datagen.geometry.color import average_color
from datagen.geometry.shape import Floats, Material, Shape

PALER = 0.35  # of the way to nearly white
DULLER = 0.25  # of the way to grey
ROUGH = 0.75
DARK = 0.1  # of the surface's colour, in a crack
BLACK = 0.02  # mean of linear RGB: what a dark crack would not show on


def interior_material(shape: Shape, index: int) -> Material:
    """A rough, paler, duller version of a material's average colour; metal stays metal.

    index: of the material in the shape's.
    """
    color = _color(shape, index)
    color = color + DULLER * (color.mean() - color)
    color = color + PALER * (0.85 - color)
    return _plain(shape.materials[index], "inside", color, ROUGH)


def groove_material(shape: Shape, index: int) -> Material:
    """Rough and nearly black, as light hardly reaches into a crack; in black material, paler.

    index: of the surrounding material in the shape's.
    """
    color = _color(shape, index)
    shown = DARK * color if color.mean() > BLACK else color + PALER * (0.85 - color)
    return _plain(shape.materials[index], "crack", shown, 0.95)


def _color(shape: Shape, index: int) -> Floats:
    """(3,) linear RGB, the mean over the faces that have the material."""
    return average_color(shape, shape.materials[index], shape.face_material == index)


def _plain(material: Material, name: str, color: Floats, roughness: float) -> Material:
    red, green, blue = (round(float(value), 4) for value in np.clip(color, 0.004, 0.9))
    return Material(
        f"{material.name} {name}",
        (red, green, blue),
        material.metallic,
        max(roughness, material.roughness),
    )
