"""Any triangles into the canonical form: centred, scaled, welded, ordered, exact in float32."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from datagen.errors import BadShape
from datagen.files.faults import not_numbers
from datagen.outward import face_outward
from datagen.shape import Bools, Floats, Ints, Shape

MAX_FACES = 300_000
MIN_FACES = 4
MIN_THICKNESS = 0.002  # of the longest side
RADIUS = 0.5
GRID = 2.0**-18  # metres; every multiple up to 1 is exact in float32


def normalise(shape: Shape, name: str) -> Shape:
    """Origin at the box's centre, largest |vertex| RADIUS. Raises BadShape naming `name`."""
    if len(shape.faces) == 0:
        raise BadShape(f"{name}: holds no triangles; export it again as a mesh or a solid.")
    if not np.isfinite(shape.vertices[shape.faces]).all():
        raise not_numbers(name)
    refuse_too_many(len(shape.faces), name)
    shape = shape.keep_faces(np.ones(len(shape.faces), bool))
    low, high = shape.bounds
    size = high - low
    if size.max() <= 0:
        raise BadShape(f"{name}: all its points are the same; export it again.")
    if _thickness(shape.vertices) < MIN_THICKNESS * size.max():
        raise BadShape(
            f"{name}: is flat (thinner than 1/{1 / MIN_THICKNESS:.0f} of its size); "
            "give it a thickness or remove the file."
        )
    centred = shape.vertices - (low + high) / 2
    scaled = centred * (RADIUS / np.linalg.norm(centred, axis=1).max())
    shape, _ = canonical(shape.with_vertices(scaled))
    if len(shape.faces) < MIN_FACES:
        raise BadShape(
            f"{name}: has only {len(shape.faces)} triangles with an area; "
            "export it again as a closed solid."
        )
    return face_outward(shape)


def refuse_too_many(triangles: int, name: str) -> None:
    """Raises BadShape above MAX_FACES."""
    if triangles > MAX_FACES:
        raise BadShape(
            f"{name}: has {triangles:,} triangles and at most {MAX_FACES:,} are useful; "
            "simplify it (MeshLab or Blender's Decimate) or export it with a coarser tolerance."
        )


def _thickness(vertices: Floats) -> float:
    """Extent along the direction in which the points (V, 3) spread least, however they lie."""
    centred = vertices - vertices.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    return float(np.ptp(vertices @ axes, axis=0).min())


def canonical(shape: Shape) -> tuple[Shape, Ints]:
    """Weld, drop degenerate and doubled faces, order by part, material; and the faces' origin.

    The form is a fixed point: a file of it reads back as the same arrays.
    """
    snapped = np.round(shape.vertices / GRID) * GRID + 0.0
    vertices, index = np.unique(snapped, axis=0, return_inverse=True)
    faces = index.reshape(-1)[shape.faces]
    uv = None if shape.uv is None else shape.uv.astype(np.float32).astype(np.float64)
    a, b, c = np.moveaxis(vertices[faces], 1, 0)
    keep = np.linalg.norm(np.cross(b - a, c - a), axis=1) > GRID**2
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
