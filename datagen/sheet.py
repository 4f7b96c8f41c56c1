"""Contact sheets of shapes: one small shaded picture each, by casting rays; no renderer.

`python -m datagen.sheet FILE.png` writes one of the built-in library.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from datagen.raycast import raycaster
from datagen.shape import Floats, Shape, corner_normals

LIGHT = np.array([0.35, -0.5, 0.79])
BACKGROUND = 236


def thumbnail(shape: Shape, size: int = 192) -> NDArray[np.uint8]:
    """(size, size, 3) uint8 sRGB: three-quarter view from the front, Lambert shading."""
    import open3d as o3d

    low, high = shape.bounds
    vertices = (shape.vertices - (low + high) / 2) / max(shape.diagonal, 1e-12)
    scene = raycaster(shape.with_vertices(vertices))
    fine = 2 * size
    eye = np.array([0.95, -1.25, 0.85]) * 1.25
    rays = o3d.t.geometry.RaycastingScene.create_rays_pinhole(
        fov_deg=25, center=[0, 0, 0], eye=eye.tolist(), up=[0, 0, 1], width_px=fine, height_px=fine
    )
    hits = scene.cast_rays(rays)
    seen = np.isfinite(hits["t_hit"].numpy())
    face = hits["primitive_ids"].numpy()[seen].astype(np.int64)
    uv = hits["primitive_uvs"].numpy()[seen].astype(np.float64)
    weights = np.column_stack([1 - uv.sum(axis=1), uv])
    normal = np.einsum("pc,pck->pk", weights, corner_normals(shape)[face])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    view = rays.numpy()[seen][:, 3:]
    normal = np.where(((normal * view).sum(axis=1) > 0)[:, None], -normal, normal)
    light = LIGHT / np.linalg.norm(LIGHT)
    shade = 0.35 + 0.5 * np.clip(normal @ light, 0, None) + 0.15 * (normal[:, 2] * 0.5 + 0.5)
    linear = _colors(shape, face, weights) * shade[:, None]
    image = np.full((fine, fine, 3), BACKGROUND, np.float64)
    image[seen] = 255 * np.clip(linear, 0, 1) ** (1 / 2.2)
    return image[::-1, ::-1].reshape(size, 2, size, 2, 3).mean(axis=(1, 3)).round().astype(np.uint8)


def _colors(shape: Shape, face: NDArray[np.int64], weights: Floats) -> Floats:
    """(P, 3) linear base colour at the hits, textures included."""
    colors = np.array([material.base_color for material in shape.materials])
    result = colors[shape.face_material[face]]
    if shape.uv is None:
        return result
    for index, material in enumerate(shape.materials):
        if material.base_color_texture is None:
            continue
        chosen = shape.face_material[face] == index
        pixels = (material.base_color_texture.pixels() / 255.0) ** 2.2
        uv = np.einsum("pc,pck->pk", weights[chosen], shape.uv[face[chosen]]) % 1.0
        height, width = pixels.shape[:2]
        row = np.minimum((uv[:, 1] * height).astype(int), height - 1)
        column = np.minimum((uv[:, 0] * width).astype(int), width - 1)
        result[chosen] *= pixels[row, column]
    return result


def contact_sheet(
    pictures: Sequence[NDArray[np.uint8]], captions: Sequence[str], columns: int
) -> Image.Image:
    """Pictures (H, W, 3) of one size row by row, each with its caption below."""
    height, width = pictures[0].shape[:2]
    label = 14
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * width, rows * (height + label)), "white")
    pen = ImageDraw.Draw(sheet)
    for k, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        x, y = k % columns * width, k // columns * (height + label)
        sheet.paste(Image.fromarray(picture), (x, y))
        pen.text((x + 3, y + height + 1), caption, fill="black")
    return sheet


def builtin_sheet(index: int = 0, size: int = 128, columns: int = 9) -> Image.Image:
    """One tile for every built-in category."""
    from datagen.builtin import categories, make_builtin

    names = [category.name for category in categories()]
    pictures = [thumbnail(make_builtin(name, index), size) for name in names]
    return contact_sheet(pictures, names, columns)


if __name__ == "__main__":
    builtin_sheet().save(sys.argv[1], optimize=True)
