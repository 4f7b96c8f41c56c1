"""Closed surfaces whose faces look inward or both ways, turned to face outward."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import trimesh

from datagen.geometry.components import face_components
from datagen.geometry.shape import Bools, Floats, Ints, Shape


def face_outward(shape: Shape) -> Shape:
    """The shape with the faces of every closed component turned outward, or inward for a cavity.

    A component inside a larger one that faces inward all round is a cavity. Vertices must have
    been welded.
    """
    component = face_components(shape.faces)
    closed = np.bincount(component, ~_edges_run(shape.faces, twice=True)) == 0
    mixed = closed & (np.bincount(component, ~_edges_run(shape.faces, twice=False)) > 0)
    if mixed.any():
        shape = _turned(shape, _against_the_rest(shape.faces, mixed[component]))
    a, b, c = np.moveaxis(shape.corners, 1, 0)
    volume = np.bincount(component, np.einsum("fk,fk->f", a, np.cross(b, c)) / 6)
    inward = np.flatnonzero(closed & (volume < 0))
    if len(inward) == 0:
        return shape
    low, high = _boxes(shape.corners, component, len(volume))
    solids = np.flatnonzero(closed & (volume > 0))
    turn = [
        index
        for index in inward
        if mixed[index]
        or not np.any(
            (low[solids] <= low[index]).all(axis=1)
            & (high[solids] >= high[index]).all(axis=1)
            & (volume[solids] > -volume[index])
        )
    ]
    return _turned(shape, np.isin(component, turn))


def _turned(shape: Shape, chosen: Bools) -> Shape:
    faces = np.where(chosen[:, None], shape.faces[:, ::-1], shape.faces)
    uv = shape.uv
    if uv is not None:
        uv = np.where(chosen[:, None, None], uv[:, ::-1], uv)
    return replace(shape, faces=faces, uv=uv)


def _edges_run(faces: Ints, twice: bool) -> Bools:
    """(F,) whether all edges of a face are run exactly twice, or exactly once in its direction."""
    start, end = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    if twice:
        start, end = np.minimum(start, end), np.maximum(start, end)
    _, index, counts = np.unique(
        start * (int(faces.max()) + 1) + end, return_inverse=True, return_counts=True
    )
    runs = counts[index.reshape(-1)].reshape(-1, 3)
    run: Bools = (runs == (2 if twice else 1)).all(axis=1)
    return run


def _against_the_rest(faces: Ints, chosen: Bools) -> Bools:
    """(F,) which of the chosen faces to turn so that each component faces one way."""
    mesh = trimesh.Trimesh(np.zeros((int(faces.max()) + 1, 3)), faces[chosen], process=False)
    trimesh.repair.fix_winding(mesh)  # type: ignore[no-untyped-call]
    against = np.zeros(len(faces), bool)
    against[chosen] = (mesh.faces != faces[chosen]).any(axis=1)
    return against


def _boxes(corners: Floats, component: Ints, count: int) -> tuple[Floats, Floats]:
    """(C, 3) lowest and highest corner of every component."""
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, component, corners.min(axis=1))
    np.maximum.at(high, component, corners.max(axis=1))
    return low, high
