"""A neighbour in its parent's materials: only its form may tell it apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from datagen.geometry.raycast import THREADS, raycaster
from datagen.geometry.shape import Bools, Floats, Ints, Shape


def by_name(parent: Shape, other: Shape) -> Shape:
    """Parts that have a name of the parent's wear its material; the rest the one of equal number.

    For two shapes of one maker, which adds materials in one order.
    """
    count = len(parent.materials)
    material = np.minimum(other.face_material, count - 1)
    for index, name in enumerate(other.part_names):
        if name not in parent.part_names:
            continue
        worn = np.unique(parent.face_material[parent.face_part == parent.part_names.index(name)])
        if len(worn) == 1:
            material[other.face_part == index] = worn[0]
    return replace(other, face_material=material, materials=parent.materials, uv=None)


def by_nearness(parent: Shape, other: Shape) -> Shape:
    """Every part wears the material of the parent's surface that it mostly lies next to.

    Texture coordinates go on from the parent's nearest face in that material. Both in one frame.
    """
    middle = other.corners.mean(axis=1)
    nearest = _nearest_face(parent, middle)
    material = np.zeros(len(other.faces), np.int64)
    area = other.face_areas
    for part in np.unique(other.face_part):
        chosen = other.face_part == part
        shares = np.bincount(parent.face_material[nearest[chosen]], area[chosen])
        material[chosen] = int(np.argmax(shares))
    return replace(
        other,
        face_material=material,
        materials=parent.materials,
        uv=None if parent.uv is None else _continued_uv(parent, other, material),
    )


def _continued_uv(parent: Shape, other: Shape, material: Ints) -> Floats:
    assert parent.uv is not None
    uv = np.zeros((len(other.faces), 3, 2))
    for worn in np.unique(material):
        chosen, like = material == worn, parent.face_material == worn
        face = np.flatnonzero(like)[_nearest_face(parent, other.corners[chosen].mean(axis=1), like)]
        uv[chosen] = _affine(parent.corners[face], parent.uv[face], other.corners[chosen])
    return uv


def _affine(corners: Floats, uv: Floats, points: Floats) -> Floats:
    """(N, 3, 2) UVs at points (N, 3, 3) in the planes of triangles (N, 3, 3)."""
    sides = corners[:, 1:] - corners[:, :1]
    inverse = np.linalg.pinv(sides)  # (N, 3, 2)
    weights = np.einsum("nqk,nkc->nqc", points - corners[:, :1], inverse)
    steps = uv[:, 1:] - uv[:, :1]
    result: Floats = uv[:, :1] + np.einsum("nqc,ncd->nqd", weights, steps)
    return result


def _nearest_face(shape: Shape, points: Floats, like: Bools | None = None) -> Ints:
    """(N,) the face nearest to points (N, 3), counted among `like` alone where it is given."""
    import open3d as o3d

    scene = raycaster(shape if like is None else shape.keep_faces(like))
    query = o3d.core.Tensor(np.ascontiguousarray(points, np.float32))
    found = scene.compute_closest_points(query, nthreads=THREADS)["primitive_ids"]
    faces: Ints = found.numpy().astype(np.int64)
    return faces
