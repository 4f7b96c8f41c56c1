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
    """An image file as it was encoded, so that it passes through unchanged.

    Attributes:
        encoded: The bytes of a PNG or JPEG file.
    """

    encoded: bytes

    @property
    def mime(self) -> str:
        """`image/png` or `image/jpeg`, by the first bytes."""
        return "image/png" if self.encoded[:4] == b"\x89PNG" else "image/jpeg"

    def pixels(self) -> NDArray[np.uint8]:
        """Decode the image.

        Returns:
            (H, W, 3) uint8, row 0 on top.
        """
        from PIL import Image

        return np.asarray(Image.open(io.BytesIO(self.encoded)).convert("RGB"))

    @staticmethod
    def from_pixels(pixels: NDArray[np.uint8]) -> Texture:
        """Encode an image as PNG.

        Args:
            pixels: (H, W, 3) uint8, row 0 on top.

        Returns:
            The texture.
        """
        from PIL import Image

        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, format="PNG")
        return Texture(buffer.getvalue())


@dataclass(frozen=True)
class Material:
    """Metallic-roughness PBR as in glTF 2.0.

    Attributes:
        name: What people call it.
        base_color: Linear RGB, 0 to 1; a factor of the texture's where there is one.
        metallic: 0 to 1, a factor of the texture's blue.
        roughness: 0 to 1, a factor of the texture's green.
        transmission: 0 to 1, how much light passes through.
        base_color_texture: sRGB, or None.
        metallic_roughness_texture: Roughness in green, metalness in blue, or None.
        normal_texture: Tangent space, OpenGL, or None.
    """

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
    """Triangles with a part and a material each; its arrays are not to be changed in place.

    Attributes:
        vertices: (V, 3) float64, metres, z up.
        faces: (F, 3) int64 into vertices, counter-clockwise seen from outside.
        face_part: (F,) int64 into part_names.
        face_material: (F,) int64 into materials.
        part_names: Of the parts, in the order of their numbers.
        materials: In the order of their numbers.
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
        """(F, 3, 3) positions of every triangle's corners, metres."""
        return self.vertices[self.faces]

    @property
    def face_areas(self) -> Floats:
        """(F,) areas of the triangles, square metres."""
        areas: Floats = 0.5 * np.linalg.norm(area_vectors(self.corners), axis=1)
        return areas

    @property
    def bounds(self) -> Floats:
        """(2, 3) lowest and highest corner of the axis-aligned box, metres."""
        return np.stack([self.vertices.min(axis=0), self.vertices.max(axis=0)])

    @property
    def diagonal(self) -> float:
        """Length of the bounding box's diagonal, metres."""
        low, high = self.bounds
        return float(np.linalg.norm(high - low))

    def with_vertices(self, vertices: Floats) -> Shape:
        """The shape with its vertices moved.

        Args:
            vertices: (V, 3) metres.

        Returns:
            A new shape that shares all other arrays.
        """
        return replace(self, vertices=vertices)

    def keep_faces(self, keep: Bools) -> Shape:
        """The shape of some faces; unused vertices are dropped, names stay.

        Args:
            keep: (F,) bool, the faces to keep.

        Returns:
            A new shape.
        """
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
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    normals: Floats = vectors / np.maximum(lengths, 1e-30)
    return normals


def corner_normals(shape: Shape, smooth_angle: float = 0.7) -> Floats:
    """(F, 3, 3) unit normals per corner.

    Those of faces that meet at a vertex are averaged where they are within smooth_angle, radians.
    """
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
