"""Colours as people tell them apart."""

from __future__ import annotations

import numpy as np

from datagen.shape import Bools, Floats, Material, Shape


def lab(linear: Floats) -> Floats:
    """CIE L*a*b* (D65) of a linear RGB colour (3,) in [0, 1]."""
    matrix = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    xyz = matrix @ linear / matrix.sum(axis=1)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def delta_e(first: Floats, second: Floats) -> float:
    """CIEDE2000 between two L*a*b* colours (3,) (Sharma, Wu and Dalal 2005)."""
    mean_c = (np.hypot(*first[1:]) + np.hypot(*second[1:])) / 2
    g = 0.5 * (1 - np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)))
    a1, a2 = (1 + g) * first[1], (1 + g) * second[1]
    c1, c2 = np.hypot(a1, first[2]), np.hypot(a2, second[2])
    h1, h2 = np.arctan2(first[2], a1) % (2 * np.pi), np.arctan2(second[2], a2) % (2 * np.pi)
    grey = c1 * c2 < 1e-12
    turn = 0.0 if grey else (h2 - h1 + np.pi) % (2 * np.pi) - np.pi
    mean_h = h1 + h2 if grey else h1 + turn / 2
    mean_l, mean_c = (first[0] + second[0]) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * np.cos(mean_h - np.pi / 6)
        + 0.24 * np.cos(2 * mean_h)
        + 0.32 * np.cos(3 * mean_h + np.pi / 30)
        - 0.20 * np.cos(4 * mean_h - np.radians(63))
    )
    degrees = np.degrees(mean_h) % 360
    theta = np.radians(30) * np.exp(-(((degrees - 275) / 25) ** 2))
    rotation = -2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)) * np.sin(2 * theta)
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    d_l = (second[0] - first[0]) / s_l
    d_c = (c2 - c1) / (1 + 0.045 * mean_c)
    d_h = 2 * np.sqrt(c1 * c2) * np.sin(turn / 2) / (1 + 0.015 * mean_c * t)
    return float(np.sqrt(d_l**2 + d_c**2 + d_h**2 + rotation * d_c * d_h))


def average_color(shape: Shape, material: Material, faces: Bools) -> Floats:
    """(3,) linear RGB of the material over the chosen faces, its texture included."""
    base = np.array(material.base_color, dtype=np.float64)
    if material.base_color_texture is None or shape.uv is None:
        return base
    pixels = material.base_color_texture.pixels()
    height, width = pixels.shape[:2]
    middle = shape.uv[faces].mean(axis=1) % 1
    column = np.minimum((middle[:, 0] * width).astype(np.int64), width - 1)
    row = np.minimum((middle[:, 1] * height).astype(np.int64), height - 1)
    srgb = pixels[row, column] / 255.0
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return base * np.average(linear, axis=0, weights=shape.face_areas[faces] + 1e-30)
