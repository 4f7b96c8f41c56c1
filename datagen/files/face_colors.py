"""PLY files with a colour for every face, which Blender's importer passes over (trimesh)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from datagen.errors import BadShape
from datagen.files.colors import palette_of
from datagen.files.rounding import Rounding
from datagen.geometry.shape import Shape

_FACE = re.compile(rb"element\s+face\b(.*?)(?:element\b|end_header)", re.DOTALL)


def has_face_colors(path: Path) -> bool:
    """Whether a PLY's faces have colours. Raises OSError."""
    with path.open("rb") as file:
        found = _FACE.search(file.read(1 << 16))
    return found is not None and b" red" in found.group(1)


def read_face_colors(path: Path) -> Shape:
    """The mesh in the file's coordinates, with a material for each colour of its faces.

    Raises BadShape where it has no faces, and what trimesh raises.
    """
    import trimesh

    mesh = trimesh.load_mesh(path, process=False)
    if not isinstance(mesh, trimesh.Trimesh) or not len(mesh.faces):
        raise BadShape(f"{path}: no mesh could be read from it; export it again or remove it.")
    visual: Any = mesh.visual
    materials, index = palette_of(np.asarray(visual.face_colors)[:, :3].astype(np.uint8))
    vertices, rounding = np.asarray(mesh.vertices, np.float64), Rounding()
    if np.array_equal(vertices, vertices.astype(np.float32)):
        rounding.add(vertices, np.eye(4))
    warnings = rounding.told(vertices)
    return Shape(
        vertices=vertices,
        faces=np.asarray(mesh.faces, np.int64),
        face_part=np.zeros(len(mesh.faces), np.int64),
        face_material=index,
        part_names=(path.stem,),
        materials=tuple(materials),
        uv=None,
        info={"warnings": warnings} if warnings else {},
    )
