"""The one in-memory description of an object: triangles, named parts, PBR materials.

It knows neither Blender nor torch. Metres, z up.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Texture:
    """An image file as it was encoded (PNG or JPEG), so that it passes through unchanged."""

    encoded: bytes

    @property
    def mime(self) -> str:
        return "image/png" if self.encoded[:4] == b"\x89PNG" else "image/jpeg"

    def pixels(self) -> NDArray[np.uint8]:
        """(H, W, 3) uint8, row 0 on top."""
        from PIL import Image

        return np.asarray(Image.open(io.BytesIO(self.encoded)).convert("RGB"))

    @staticmethod
    def from_pixels(pixels: NDArray[np.uint8]) -> Texture:
        """Encode (H, W, 3) uint8 as PNG."""
        from PIL import Image

        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, format="PNG")
        return Texture(buffer.getvalue())


@dataclass(frozen=True)
class Material:
    """Metallic-roughness PBR as in glTF 2.0. Colours are linear RGB in [0, 1]."""

    name: str
    base_color: tuple[float, float, float] = (0.8, 0.8, 0.8)
    metallic: float = 0.0
    roughness: float = 0.5
    transmission: float = 0.0
    base_color_texture: Texture | None = None
    metallic_roughness_texture: Texture | None = None
    normal_texture: Texture | None = None


@dataclass(frozen=True)
class Shape:
    """Triangles with a part and a material each.

    vertices: (V, 3) float64 metres, z up.
    faces: (F, 3) int64 into vertices, counter-clockwise seen from outside.
    face_part: (F,) int64 into part_names.
    face_material: (F,) int64 into materials.
    uv: (F, 3, 2) float64 per corner, glTF convention (v down), or None.
    info: JSON-able facts that travel with the file (source, licence, anomaly, ...).
    """

    vertices: Floats
    faces: Ints
    face_part: Ints
    face_material: Ints
    part_names: tuple[str, ...]
    materials: tuple[Material, ...]
    uv: Floats | None = None
    info: dict[str, Any] = field(default_factory=dict)

    @property
    def corners(self) -> Floats:
        """(F, 3, 3) positions of every triangle's corners."""
        return self.vertices[self.faces]

    @property
    def face_areas(self) -> Floats:
        """(F,) square metres."""
        return 0.5 * np.linalg.norm(area_vectors(self.corners), axis=1)

    @property
    def bounds(self) -> Floats:
        """(2, 3) lowest and highest corner of the axis-aligned box."""
        return np.stack([self.vertices.min(axis=0), self.vertices.max(axis=0)])

    @property
    def diagonal(self) -> float:
        """Length of the bounding box's diagonal."""
        low, high = self.bounds
        return float(np.linalg.norm(high - low))

    def with_vertices(self, vertices: Floats) -> Shape:
        return replace(self, vertices=vertices)

    def keep_faces(self, keep: Bools) -> Shape:
        """The shape of the chosen faces (F,) bool; unused vertices are dropped, names stay."""
        faces = self.faces[keep]
        used, compact = np.unique(faces, return_inverse=True)
        return replace(
            self,
            vertices=self.vertices[used],
            faces=compact.reshape(-1, 3),
            face_part=self.face_part[keep],
            face_material=self.face_material[keep],
            uv=None if self.uv is None else self.uv[keep],
        )


def area_vectors(corners: Floats) -> Floats:
    """(F, 3) of triangles (F, 3, 3): along the normal, as long as twice the area."""
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])


def face_normals(corners: Floats) -> Floats:
    """(F, 3) unit normals of triangles (F, 3, 3), counter-clockwise seen from outside."""
    vectors = area_vectors(corners)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-30)


def corner_normals(shape: Shape, smooth_angle: float = 0.7) -> Floats:
    """(F, 3, 3) unit normals per corner: neighbours within smooth_angle (radians) are averaged."""
    corners = shape.corners
    raw, flat = area_vectors(corners), face_normals(corners)
    corner_vertex = shape.faces.ravel()
    order = np.argsort(corner_vertex, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(corner_vertex[order]) > 0])
    counts = np.diff(np.r_[starts, len(order)])
    result = np.repeat(flat[:, None], 3, axis=1).reshape(-1, 3)
    cosine = np.cos(smooth_angle)
    for count in np.unique(counts):
        if count < 2 or count > 64:
            continue
        groups = order[starts[counts == count][:, None] + np.arange(count)]
        normals = flat[groups // 3]
        near = np.einsum("gik,gjk->gij", normals, normals) > cosine
        mixed = np.einsum("gij,gjk->gik", near.astype(float), raw[groups // 3])
        size = np.linalg.norm(mixed, axis=2, keepdims=True)
        result[groups] = np.where(size > 1e-20, mixed / np.maximum(size, 1e-30), normals)
    return result.reshape(-1, 3, 3)
