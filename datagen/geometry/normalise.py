"""Any triangles centred, scaled and in the canonical form (datagen.geometry.canonical)."""

from __future__ import annotations

import numpy as np

from datagen.errors import BadShape, not_numbers
from datagen.geometry.canonical import canonical
from datagen.geometry.shape import Floats, Shape
from datagen.geometry.winding import face_outward

MIN_FACES = 4
MIN_THICKNESS = 0.002  # of the longest side
RADIUS = 0.5


def normalise(shape: Shape, name: str) -> Shape:
    """The shape in canonical form: its box's centre at the origin, its largest |vertex| RADIUS.

    shape: of any size and position. Raises BadShape naming `name` where it cannot be used: no
    triangles, points that are no numbers, flat.
    """
    if len(shape.faces) == 0:
        raise BadShape(f"{name}: holds no triangles; export it again as a mesh or a solid.")
    if not np.isfinite(shape.vertices[shape.faces]).all():
        raise not_numbers(name)
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


def _thickness(vertices: Floats) -> float:
    """Extent along the direction in which the points (V, 3) spread least, however they lie."""
    centred = vertices - vertices.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    return float(np.ptp(vertices @ axes, axis=0).min())
