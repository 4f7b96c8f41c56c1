"""Collects trimesh pieces with a part name and a material into one Shape."""

from __future__ import annotations

import numpy as np
import trimesh

from datagen.shape import Material, Shape


class ShapeBuilder:
    """Add pieces part by part; pieces of one part may touch or overlap."""

    def __init__(self) -> None:
        self._vertices: list[np.ndarray] = []
        self._faces: list[np.ndarray] = []
        self._part: list[int] = []
        self._material: list[int] = []
        self._part_names: list[str] = []
        self._materials: list[Material] = []
        self._count = 0

    def add(self, part: str, mesh: trimesh.Trimesh, material: Material) -> None:
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
        return Shape(
            vertices=np.concatenate(self._vertices),
            faces=np.concatenate(self._faces),
            face_part=np.array(self._part),
            face_material=np.array(self._material),
            part_names=tuple(self._part_names),
            materials=tuple(self._materials),
        )
