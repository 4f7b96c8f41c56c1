"""A neat material for files that bring none: one palette a shape, one colour a part."""

from __future__ import annotations

import colorsys
import zlib
from dataclasses import replace

import numpy as np

from datagen.geometry.shape import Material, Shape

TOY_METAL_SHARE, PART_METAL_SHARE = 0.25, 0.6
DEFAULT_GREY = 0.8  # linear; Blender's default material
MAX_COLORS = 6
TOY_SATURATION, PART_SATURATION = (0.45, 0.85), (0.05, 0.3)


def is_unpainted(shape: Shape) -> bool:
    """Whether every face has no material, or one as programs make them by default."""
    return all(_is_bare(shape.materials[index]) for index in np.unique(shape.face_material))


def _is_bare(material: Material) -> bool:
    textures = (
        material.base_color_texture,
        material.metallic_roughness_texture,
        material.normal_texture,
    )
    return (
        all(abs(value - DEFAULT_GREY) < 0.005 for value in material.base_color)
        and material.metallic == material.transmission == 0.0
        and not any(textures)
    )


def paint(shape: Shape, name: str, kind: str) -> Shape:
    """The shape in colours that go together, the same for the same name.

    kind: parts look machined, toys painted. A material for every part and every bare material in
    it; they repeat after MAX_COLORS.
    """
    rng = np.random.default_rng([zlib.crc32(name.encode()), len(shape.part_names)])
    hue, step = rng.uniform(), rng.choice([0.08, 0.33, 0.5])
    saturation = TOY_SATURATION if kind == "toy" else PART_SATURATION
    metal_share = TOY_METAL_SHARE if kind == "toy" else PART_METAL_SHARE
    groups = np.column_stack([shape.face_part, shape.face_material])
    known, index = np.unique(groups, axis=0, return_inverse=True)
    count = min(len(known), MAX_COLORS)
    materials = []
    for k in range(count):
        shade = (hue + step * k + 0.02 * rng.standard_normal()) % 1.0
        value = rng.uniform(0.35, 0.9)
        metallic = float(rng.uniform() < metal_share)
        red, green, blue = colorsys.hsv_to_rgb(
            shade, rng.uniform(*saturation) * (0.4 if metallic else 1.0), value
        )
        rough = float(rng.uniform(0.2, 0.45) if metallic else rng.uniform(0.25, 0.7))
        materials.append(Material(f"paint {k + 1}", (red, green, blue), metallic, rough))
    return replace(shape, materials=tuple(materials), face_material=index.reshape(-1) % count)
