"""Collects trimesh pieces with a part name and a material into one Shape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import trimesh

from datagen.geometry.shape import Floats, Ints, Material, Shape

Rng = np.random.Generator
Mesh = trimesh.Trimesh
Vector = Sequence[float] | Floats


class ShapeBuilder:
    """Add pieces part by part; pieces of one part may touch or overlap."""

    def __init__(self) -> None:
        self._vertices: list[Floats] = []
        self._faces: list[Ints] = []
        self._part: list[int] = []
        self._material: list[int] = []
        self._part_names: list[str] = []
        self._materials: list[Material] = []
        self._count = 0

    def add(self, part: str, mesh: Mesh, material: Material) -> None:
        """Add a piece, in the object's frame, to the named part, which begins with its first."""
        if part not in self._part_names:
            self._part_names.append(part)
        if material not in self._materials:
            self._materials.append(material)
        self._vertices.append(np.asarray(mesh.vertices, dtype=np.float64))
        self._faces.append(np.asarray(mesh.faces, dtype=np.int64) + self._count)
        self._count += len(mesh.vertices)
        self._part += [self._part_names.index(part)] * len(mesh.faces)
        self._material += [self._materials.index(material)] * len(mesh.faces)

    def build(self) -> Shape:
        """All that was added, as it is."""
        return Shape(
            vertices=np.concatenate(self._vertices),
            faces=np.concatenate(self._faces),
            face_part=np.array(self._part),
            face_material=np.array(self._material),
            part_names=tuple(self._part_names),
            materials=tuple(self._materials),
        )

    def finish(self, size: float) -> Shape:
        """What was added, on the ground z = 0, centred, with a box diagonal of this size."""
        return on_ground(self.build(), size)


def draw_size(rng: Rng) -> float:
    """Of a toy's box diagonal, about 1; of its form it says nothing."""
    return float(rng.uniform(0.95, 1.25))


def on_ground(shape: Shape, size: float) -> Shape:
    """The shape on the ground z = 0, centred in x and y, with a box diagonal of this size."""
    low, high = shape.bounds
    centre = np.array([*(low + high)[:2] / 2, low[2]])
    return shape.with_vertices((shape.vertices - centre) * (size / np.linalg.norm(high - low)))
