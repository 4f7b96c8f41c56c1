"""Where an anomalous shape is its parent, and where it is not.

Faces that are equal to the last bit are paired first; only the others cost distances, which are
in double precision. All lengths are metres, in the shapes' frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from anomalies.surgery.refine import refine
from datagen.geometry.components import face_components
from datagen.geometry.raycast import THREADS, raycaster
from datagen.geometry.shape import Bools, Floats, Ints, Shape, face_normals
from datagen.geometry.surface import weld

TOLERANCE = 1e-6  # metres, and of UVs
DOUBTFUL = 4e-3  # metres: farther away than what single precision may get wrong
GONE = 1e-4  # metres from the odd surface: more than rounding and refinement explain
REACH = 0.03  # of the diagonal: what lies so near to a change belongs to it
INTERIOR = np.array([[1, 1, 1], [18, 1, 1], [1, 18, 1], [1, 1, 18]]) / np.array(
    [[3], [20], [20], [20]]
)  # barycentric coordinates where faces are compared, away from edges
EVERYWHERE = np.concatenate([INTERIOR, np.eye(3)])
MOST_BRUTE = 400  # points that are compared with every face of the parent


@dataclass(frozen=True)
class MeshDiff:
    """What an odd shape of F faces shares with its parent of P faces.

    on_parent: (F,) lies on the parent's surface. dressed: (F,) has its UVs and material there too.
    turned: (F,) faces the other way. excess: (F,) metres from the parent's surface. gone: (P,) of
    the parent's faces, no longer part of the odd surface.
    """

    on_parent: Bools
    dressed: Bools
    turned: Bools
    excess: Floats
    gone: Bools


def compare(parent: Shape, odd: Shape, affected: Bools) -> MeshDiff:
    """The two shapes face by face; both canonical.

    affected: (F,) bool, the odd shape's faces that are looked at in their middle only.
    """
    partner, turned = _equal_faces(odd, parent)
    excess = np.zeros(len(odd.faces))
    dressed = partner >= 0
    for chosen, where in ((affected, INTERIOR[:1]), (~affected, EVERYWHERE)):
        rest = np.flatnonzero((partner < 0) & chosen)
        if len(rest):
            found = _against_surface(odd, rest, where, parent)
            excess[rest], dressed[rest], turned[rest] = found
    kept = np.zeros(len(parent.faces), bool)
    kept[partner[partner >= 0]] = True
    return MeshDiff(excess <= TOLERANCE, dressed, turned, excess, ~kept & _gone(parent, kept, odd))


def _equal_faces(shape: Shape, other: Shape) -> tuple[Ints, Bools]:
    """(F,) the other's face with the same corners, UVs and look, -1 = none; is it turned?"""
    looks: list = []
    partner_of: dict[tuple, tuple[int, int]] = {}
    for index, (key, parity) in enumerate(_face_keys(other, looks)):
        partner_of[(*key, parity)] = index, parity
        partner_of.setdefault(key, (index, parity))
    partner = np.full(len(shape.faces), -1)
    turned = np.zeros(len(shape.faces), bool)
    for index, (key, parity) in enumerate(_face_keys(shape, looks)):
        found = partner_of.get((*key, parity)) or partner_of.get(key)
        if found is not None:
            partner[index] = found[0]
            turned[index] = found[1] != parity
    return partner, turned


def _face_keys(shape: Shape, looks: list) -> list[tuple[tuple, int]]:
    """For every face what it is, corners in sorted order, and the parity of that order.

    looks: the materials met so far; equal ones get one number.
    """
    for material in shape.materials:
        if material not in looks:
            looks.append(material)
    number = np.array([looks.index(material) for material in shape.materials])
    corners = shape.corners
    rows = corners if shape.uv is None else np.concatenate([corners, shape.uv], axis=2)
    order = np.argsort(shape.faces, axis=1)  # vertices of canonical shapes are sorted by position
    parity = (order == [[0, 1, 2]]).all(1) | (order == [[1, 2, 0]]).all(1)
    parity |= (order == [[2, 0, 1]]).all(1)
    rows = np.take_along_axis(rows, order[:, :, None], axis=1) + 0.0
    keys = [row.tobytes() for row in np.ascontiguousarray(rows)]
    look = number[shape.face_material]
    return [((key, int(m)), int(p)) for key, m, p in zip(keys, look, parity, strict=True)]


def _against_surface(
    odd: Shape, faces: Ints, where: Floats, parent: Shape
) -> tuple[Floats, Bools, Bools]:
    """For chosen faces (R,): the largest distance from the parent, dressed, and turned.

    where: (Q, 3) barycentric coordinates, the first ones those of INTERIOR.
    """
    points = np.einsum("qk,fkd->fqd", where, odd.corners[faces])
    count = len(where)
    flat = points.reshape(-1, 3)
    distance, nearest = closest(flat, parent, np.inf if len(where) > 1 else DOUBTFUL)
    excess = distance.reshape(-1, count).max(axis=1)
    inner = np.tile(np.arange(count) < len(INTERIOR), len(faces))
    owner = np.repeat(faces, count)
    weights = np.tile(where, (len(faces), 1))
    candidates = np.flatnonzero(inner & (distance <= TOLERANCE))
    normal, parent_normal = face_normals(odd.corners), face_normals(parent.corners)
    facing = np.full(len(flat), -np.inf)  # the best of all parent faces that fit

    def settle(chosen: Ints, against: Ints) -> None:
        good = _same_dress(odd, owner[chosen], weights[chosen], parent, against, flat[chosen])
        turn = np.einsum("pk,pk->p", normal[owner[chosen]], parent_normal[against])
        facing[chosen] = np.maximum(facing[chosen], np.where(good, turn, -np.inf))

    settle(candidates, nearest[candidates])
    for own, there in _alike(odd, parent):  # where faces of several materials or parts coincide
        open_ = candidates[facing[candidates] < 0]
        open_ = open_[own[owner[open_]]]
        if len(open_) and there.any():
            near, index = closest(flat[open_], parent.keep_faces(there))
            settle(open_[near <= TOLERANCE], np.flatnonzero(there)[index[near <= TOLERANCE]])
    for point in candidates[facing[candidates] < 0][:MOST_BRUTE]:
        for face in _faces_at(flat[point], parent):
            settle(np.array([point]), np.array([face]))
    fits = np.isfinite(facing)
    shown = (fits | ~inner).reshape(-1, count).all(axis=1)
    turned = (fits & (facing < 0)).reshape(-1, count).any(axis=1)
    turned &= _heights(odd.corners[faces]) > 2 * TOLERANCE
    return excess, shown & (excess <= TOLERANCE), turned


def _heights(corners: Floats) -> Floats:
    """(N,) smallest height of triangles (N, 3, 3), metres; next to none: they face any way."""
    sides = np.roll(corners, -1, axis=1) - corners
    double = np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1)
    heights: Floats = double / np.maximum(np.linalg.norm(sides, axis=2).max(axis=1), 1e-30)
    return heights


def _same_dress(
    odd: Shape, face: Ints, weights: Floats, parent: Shape, other: Ints, points: Floats
) -> Bools:
    """(N,) whether odd faces at points (N, 3) have the material and the UVs of parent faces."""
    alike = np.array([[a == b for b in parent.materials] for a in odd.materials])
    result: Bools = alike[odd.face_material[face], parent.face_material[other]]
    if odd.uv is None or parent.uv is None:
        return result
    corners = parent.corners[other]
    here, gradient = _interpolated_uv(corners, parent.uv[other], points)
    there = np.einsum("pk,pkd->pd", weights, odd.uv[face])
    allowed = TOLERANCE * (1 + np.abs(here).max(axis=1) + gradient)
    return result & (np.abs(there - here).max(axis=1) <= allowed)


def _interpolated_uv(corners: Floats, uv: Floats, points: Floats) -> tuple[Floats, Floats]:
    """(N, 2) UV of points on triangles (N, 3, 3), and (N,) how much it changes a metre."""
    frame = corners[:, 1:] - corners[:, :1]
    steps = uv[:, 1:] - uv[:, :1]
    squares = np.einsum("pik,pjk->pij", frame, frame)
    determinant = squares[:, 0, 0] * squares[:, 1, 1] - squares[:, 0, 1] ** 2
    turned = np.stack(
        [squares[:, 1, 1], -squares[:, 0, 1], -squares[:, 0, 1], squares[:, 0, 0]], axis=1
    ).reshape(-1, 2, 2)
    solve = turned @ frame / np.maximum(determinant, 1e-30)[:, None, None]
    second = np.einsum("pik,pk->pi", solve, points - corners[:, 0])
    gradient = np.linalg.norm(np.einsum("pid,pik->pdk", steps, solve), axis=(1, 2))
    return uv[:, 0] + np.einsum("pi,pid->pd", second, steps), gradient


def _alike(odd: Shape, parent: Shape) -> Iterator[tuple[Bools, Bools]]:
    """(F,) and (P,) faces of one material, or of one part, for each of these."""
    for material, look in enumerate(odd.materials):
        like = np.array([look == other for other in parent.materials])
        yield odd.face_material == material, like[parent.face_material]
    for part, name in enumerate(odd.part_names):
        like = np.array([name == other for other in parent.part_names])
        yield odd.face_part == part, like[parent.face_part]


def _faces_at(point: Floats, shape: Shape) -> Ints:
    """Faces within TOLERANCE of a point (3,)."""
    from trimesh.triangles import closest_point

    corners = shape.corners
    near = (corners.min(axis=1) <= point + TOLERANCE).all(axis=1)
    near &= (corners.max(axis=1) >= point - TOLERANCE).all(axis=1)
    faces = np.flatnonzero(near)
    nearest = closest_point(corners[faces], np.tile(point, (len(faces), 1)))
    return faces[np.linalg.norm(nearest - point, axis=1) <= TOLERANCE]


def _gone(parent: Shape, kept: Bools, odd: Shape) -> Bools:
    """(P,) faces of the parent with a point that is no longer on the odd surface."""
    lost = np.zeros(len(parent.faces), bool)
    open_ = np.flatnonzero(~kept)
    if len(open_):
        points = np.einsum("qk,fkd->fqd", INTERIOR, parent.corners[open_])
        distance = closest(points.reshape(-1, 3), odd)[0].reshape(len(open_), -1)
        lost[open_] = distance.max(axis=1) > GONE
    return lost


def justified(parent: Shape, odd: Shape, diff: MeshDiff, affected: Bools, enough: float) -> float:
    """Share of the affected area that has changed, or else borders on what is gone.

    affected: (F,) bool over the odd shape's faces. Borders are looked for only where less than
    `enough` of the area has changed.
    """
    area = odd.face_areas
    changed = ~diff.dressed | diff.turned
    if diff.gone.any() and area[affected & changed].sum() < enough * area[affected].sum():
        lost = parent.keep_faces(diff.gone)
        corners = odd.corners[affected].reshape(-1, 3)
        near = closest(corners, lost)[0].reshape(-1, 3).min(axis=1) < REACH * parent.diagonal
        changed[np.flatnonzero(affected)[near]] = True
        points = np.concatenate([lost.vertices, lost.corners.mean(axis=1)])
        distance, face = closest(points, odd)
        changed[face[distance < REACH * parent.diagonal]] = True
    return float(area[affected & changed].sum() / max(area[affected].sum(), 1e-30))


def unexplained_loss(
    parent: Shape, odd: Shape, diff: MeshDiff, affected: Bools, takes_pieces: bool
) -> float:
    """Share of the parent's area that is gone far from all affected faces (F,) bool.

    Far is more than REACH, and more than those faces themselves have left the parent.
    takes_pieces: whether whole parts, materials or components may go.
    """
    if not diff.gone.any():
        return 0.0
    area = parent.face_areas
    component = components(parent, diff.gone)
    explained = np.zeros(component.max() + 1, bool)
    if affected.any():
        changed = odd.keep_faces(affected)
        reach = max(REACH * parent.diagonal, float(diff.excess[affected].max()))
        fine, origin = refine(parent.keep_faces(diff.gone), REACH * parent.diagonal)
        near = closest(fine.corners.mean(axis=1), changed)[0] <= reach
        explained[component[diff.gone][origin[near]]] = True
    if takes_pieces:
        for label in (
            components(parent, np.ones(len(area), bool)),
            parent.face_part,
            parent.face_material,
        ):
            total, lost = np.bincount(label, area), np.bincount(label, area * diff.gone)
            whole = (lost > 0.98 * total) & (total > 0)
            explained[np.unique(component[diff.gone & whole[label]])] = True
    bad = diff.gone & ~explained[component]
    return float(area[bad].sum() / area.sum())


def components(shape: Shape, chosen: Bools) -> Ints:
    """(F,) number of the component of every chosen face (F,) bool; 0 for the others.

    Vertices at the same position are one.
    """
    result = np.zeros(len(shape.faces), np.int64)
    result[chosen] = face_components(weld(shape.vertices)[shape.faces[chosen]])
    return result


def closest(points: Floats, shape: Shape, doubtful: float = DOUBTFUL) -> tuple[Floats, Ints]:
    """Distance (N,) in metres and nearest face (N,) for points (N, 3) in the shape's frame.

    Open3D finds the face in single precision, and misses it by up to 1 mm where triangles are
    thin; from TOLERANCE to `doubtful` metres libigl looks again in double precision.
    """
    import igl
    import open3d as o3d
    from trimesh.triangles import closest_point

    query = o3d.core.Tensor(np.ascontiguousarray(points, np.float32))
    found = raycaster(shape).compute_closest_points(query, nthreads=THREADS)
    face = found["primitive_ids"].numpy().astype(np.int64)
    distance = np.linalg.norm(closest_point(shape.corners[face], points) - points, axis=1)
    near = np.flatnonzero((distance > TOLERANCE) & (distance < doubtful))
    if len(near):
        squared, again, nearest = igl.point_mesh_squared_distance(
            np.ascontiguousarray(points[near]), np.ascontiguousarray(shape.vertices),
            np.ascontiguousarray(shape.faces),
        )  # fmt: skip
        face[near] = np.asarray(again).reshape(-1)
        distance[near] = np.linalg.norm(nearest - points[near], axis=1)
    return distance, face
