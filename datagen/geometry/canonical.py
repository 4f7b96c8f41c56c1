"""The canonical form of a shape: welded, ordered, on a grid that float32 holds exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from datagen.geometry.shape import Bools, Ints, Shape

GRID = 2.0**-18  # metres; every multiple up to 1 is exact in float32


def canonical(shape: Shape, grid: float = GRID) -> tuple[Shape, Ints]:
    """The canonical shape, and for each of its faces (F,) the face that it was before.

    Welded, without degenerate and doubled faces, ordered by part and material. grid: positions
    become multiples of it, metres; 2^-24 or more, exact in float32. The form is a fixed point: a
    file of it reads back as the same arrays.
    """
    snapped = np.round(shape.vertices / grid) * grid + 0.0
    vertices, index = np.unique(snapped, axis=0, return_inverse=True)
    faces = index.reshape(-1)[shape.faces]
    uv = None if shape.uv is None else shape.uv.astype(np.float32).astype(np.float64)
    a, b, c = np.moveaxis(vertices[faces], 1, 0)
    keep = np.linalg.norm(np.cross(b - a, c - a), axis=1) > grid**2
    keep &= _first_of_each(np.sort(faces, axis=1))
    origin = np.flatnonzero(keep)
    order = np.lexsort((origin, shape.face_material[origin], shape.face_part[origin]))
    origin = origin[order]
    ordered = replace(
        shape,
        vertices=vertices,
        faces=faces[origin],
        face_part=shape.face_part[origin],
        face_material=shape.face_material[origin],
        uv=None if uv is None else uv[origin],
    )
    return ordered.keep_faces(np.ones(len(origin), bool)), origin


def _first_of_each(rows: Ints) -> Bools:
    first = np.zeros(len(rows), bool)
    first[np.unique(rows, axis=0, return_index=True)[1]] = True
    return first
