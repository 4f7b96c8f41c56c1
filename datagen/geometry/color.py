"""Colours as people tell them apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from datagen.geometry.shape import Bools, Floats, Ints, Material, Shape


def srgb_to_linear(srgb: Floats) -> Floats:
    """Linear values, 0 to 1, of sRGB values in [0, 1], any shape."""
    return np.asarray(np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4))


def linear_to_srgb(linear: Floats) -> Floats:
    """sRGB values in [0, 1] of linear ones, any shape; what lies outside is cut off."""
    clipped = np.clip(linear, 0, 1)
    curved = 1.055 * np.maximum(clipped, 1e-9) ** (1 / 2.4) - 0.055
    return np.asarray(np.where(clipped <= 0.0031308, 12.92 * clipped, curved))


def lab(linear: Floats) -> Floats:
    """CIE L*a*b* (D65), (..., 3), of linear RGB colours (..., 3) in [0, 1]."""
    matrix = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    xyz = linear @ matrix.T / matrix.sum(axis=1)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def delta_e(first: Floats, second: Floats) -> Floats:
    """(...) CIEDE2000 between L*a*b* colours (..., 3) (Sharma, Wu and Dalal 2005)."""
    from skimage.color import deltaE_ciede2000

    found: Floats = deltaE_ciede2000(  # type: ignore[no-untyped-call]
        *np.broadcast_arrays(first, second)
    )
    return found


def average_color(shape: Shape, material: Material, faces: Bools) -> Floats:
    """(3,) linear RGB of the material over the chosen faces, its texture included.

    faces: (F,) bool over the shape's faces.
    """
    base = np.array(material.base_color, dtype=np.float64)
    if material.base_color_texture is None or shape.uv is None:
        return base
    pixels = material.base_color_texture.pixels()
    height, width = pixels.shape[:2]
    middle = shape.uv[faces].mean(axis=1) % 1
    column = np.minimum((middle[:, 0] * width).astype(np.int64), width - 1)
    row = np.minimum((middle[:, 1] * height).astype(np.int64), height - 1)
    linear = srgb_to_linear(pixels[row, column] / 255.0)
    mean: Floats = np.average(linear, axis=0, weights=shape.face_areas[faces] + 1e-30)
    return base * mean


def look_of(shape: Shape, face: Ints, weights: Floats) -> tuple[Floats, Floats]:
    """Linear colour (N, 3), and roughness and metalness (N, 2), at points of the surface.

    face: (N,) indices of faces; weights: (N, 3) of their corners.
    """
    materials = shape.face_material[face]
    color, finish = np.empty((len(face), 3)), np.empty((len(face), 2))
    uv = None if shape.uv is None else np.einsum("nk,nkd->nd", weights, shape.uv[face])
    for index in np.unique(materials):
        mine = materials == index
        material = shape.materials[index]
        color[mine] = material.base_color
        finish[mine] = material.roughness, material.metallic
        if uv is None:
            continue
        if material.base_color_texture is not None:
            color[mine] *= srgb_to_linear(_texels(material.base_color_texture.pixels(), uv[mine]))
        if material.metallic_roughness_texture is not None:
            texels = _texels(material.metallic_roughness_texture.pixels(), uv[mine])
            finish[mine] *= texels[:, 1:3]
    return color, finish


def _texels(pixels: Any, uv: Floats) -> Floats:
    """(N, 3) values 0 to 1 at UVs (N, 2), glTF convention, repeated beyond the image."""
    height, width = pixels.shape[:2]
    wrapped = uv % 1
    column = np.minimum((wrapped[:, 0] * width).astype(np.int64), width - 1)
    row = np.minimum((wrapped[:, 1] * height).astype(np.int64), height - 1)
    found: Floats = pixels[row, column] / 255.0
    return found
