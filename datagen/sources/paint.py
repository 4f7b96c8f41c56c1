"""A neat material for files that bring none: one palette a shape, one colour a part."""

from __future__ import annotations

import colorsys
import zlib
from dataclasses import replace

import numpy as np

from datagen.shape import Material, Shape

METAL_SHARE = 0.25
TOY_SATURATION, PART_SATURATION = (0.45, 0.85), (0.05, 0.3)


def is_unpainted(shape: Shape) -> bool:
    """Whether no face has a material from the file."""
    used = {shape.materials[index].name for index in np.unique(shape.face_material)}
    return used == {"unpainted"}


def paint(shape: Shape, name: str, kind: str) -> Shape:
    """Colours that go together, the same for the same name; parts look machined, toys painted."""
    rng = np.random.default_rng([zlib.crc32(name.encode()), len(shape.part_names)])
    hue, step = rng.uniform(), rng.choice([0.08, 0.33, 0.5])
    saturation = TOY_SATURATION if kind == "toy" else PART_SATURATION
    metal_share = METAL_SHARE if kind == "toy" else 0.6
    materials = []
    for k, part in enumerate(shape.part_names):
        shade = (hue + step * k + 0.02 * rng.standard_normal()) % 1.0
        value = rng.uniform(0.35, 0.9)
        metallic = float(rng.uniform() < metal_share)
        red, green, blue = colorsys.hsv_to_rgb(
            shade, rng.uniform(*saturation) * (0.4 if metallic else 1.0), value
        )
        rough = float(rng.uniform(0.2, 0.45) if metallic else rng.uniform(0.25, 0.7))
        materials.append(Material(f"{part} paint", (red, green, blue), metallic, rough))
    return replace(shape, materials=tuple(materials), face_material=shape.face_part.copy())
