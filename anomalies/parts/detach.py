"""A part and the rest as two shapes, closed where they were joined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from anomalies.parts.pieces import CONTACT
from anomalies.parts.rims import caps, rims
from anomalies.surgery.cut import join
from datagen.geometry.raycast import THREADS, raycaster
from datagen.geometry.shape import Bools, Floats, Ints, Shape, face_normals
from datagen.geometry.surface import weld

MIN_FULLNESS = 0.004  # volume of a part cut out of a surface, over its area^(3/2)
MAX_LOOSE = 0.5  # of an open rim: more of it along the rest, and the part is a patch of it
ALONG = 1e-3  # of the diagonal: how near is along


@dataclass(frozen=True, eq=False)
class Side:
    """One side of a joint, closed.

    shape: faces as they were, then caps where it was joined; capped: (F,) bool the caps.
    """

    shape: Shape
    capped: Bools

    @cached_property
    def scene(self) -> Any:
        """Open3D RaycastingScene."""
        return raycaster(self.shape)

    @cached_property
    def _winding(self) -> Any:
        import igl

        tree = igl.FastWindingNumberBVH()
        tree.init(self.shape.vertices, self.shape.faces)
        return tree

    @cached_property
    def normals(self) -> Floats:
        """(F, 3) unit normals of the faces."""
        return face_normals(self.shape.corners)

    def nearest(self, points: Floats) -> tuple[Floats, Floats]:
        """(N,) metres from (N, 3) points to the surface, and (N, 3) its unit normal there."""
        import open3d as o3d

        query = o3d.core.Tensor(np.ascontiguousarray(points, dtype=np.float32))
        found = self.scene.compute_closest_points(query, nthreads=THREADS)
        distance = np.linalg.norm(found["points"].numpy() - points, axis=1)
        return distance, self.normals[found["primitive_ids"].numpy().astype(np.int64)]

    def distance(self, points: Floats, reach: float = np.inf) -> Floats:
        """(N,) metres from (N, 3) points to the surface; inf for some that reach is less than."""
        import open3d as o3d

        low, high = self.shape.bounds
        near = ((points >= low - reach) & (points <= high + reach)).all(axis=1)
        found = np.full(len(points), np.inf)
        if near.any():
            query = o3d.core.Tensor(points[near].astype(np.float32))
            found[near] = self.scene.compute_distance(query, nthreads=THREADS).numpy()
        return found

    def holds(self, points: Floats) -> Bools:
        """(N,) bool whether points (N, 3) are inside, by winding number: open surfaces too."""
        low, high = self.shape.bounds
        result: Bools = ((points >= low) & (points <= high)).all(axis=1)
        if result.any():
            result[result] = np.abs(self._winding.winding_number(points[result])) > 0.5
        return result


@dataclass(frozen=True, eq=False)
class Detached:
    """Two sides that together are the shape, but for the caps."""

    part: Side
    rest: Side


def detach(shape: Shape, faces: Bools) -> Detached | None:
    """The faces (F,) bool as a part of their own, or None where they are only a patch of surface.

    Rims that the two share, and open rims that the other hides, are closed with flat caps.
    """
    part, rest = shape.keep_faces(faces), shape.keep_faces(~faces)
    part_side, rest_side = _bare(part), _bare(rest)
    chains, shared = rims(part), _shared(part, rest)
    if chains is None:
        return None if shared.any() else Detached(part_side, rest_side)
    joined = [chain for chain in chains if shared[chain].any()]
    part_caps: list[Shape] = []
    rest_caps: list[Shape] = []
    if joined:
        triangles = caps(part.vertices, joined)
        if triangles is None:
            return None
        part_caps.append(_dressed(part, part.vertices, triangles))
        rest_caps.append(_dressed(rest, part.vertices, triangles[:, ::-1]))
        closed = join(part, part_caps[0])
        if _volume(closed) < MIN_FULLNESS * part.face_areas.sum() ** 1.5:
            return None
    single = [chain for chain in chains if not shared[chain].any()]
    part_caps += _hidden_caps(part, single, rest_side)
    if single and not part_caps and _along(part, single, rest_side, shape) > MAX_LOOSE:
        return None
    open_rest = [chain for chain in rims(rest) or [] if not _shared(rest, part)[chain].any()]
    rest_caps += _hidden_caps(rest, open_rest, part_side)
    return Detached(_closed(part, part_caps), _closed(rest, rest_caps))


def _bare(shape: Shape) -> Side:
    return Side(shape, np.zeros(len(shape.faces), bool))


def _closed(shape: Shape, added: list[Shape]) -> Side:
    closed = shape
    for cap in added:
        closed = join(closed, cap)
    return Side(closed, np.arange(len(closed.faces)) >= len(shape.faces))


def _shared(first: Shape, second: Shape) -> Bools:
    """(V,) vertices of the first at whose position the second has one."""
    same = weld(np.concatenate([first.vertices, second.vertices]))
    count = len(first.vertices)
    return np.isin(same[:count], same[count:])


def _volume(shape: Shape) -> float:
    a, b, c = np.moveaxis(shape.corners - shape.vertices.mean(axis=0), 1, 0)
    return float(np.einsum("fk,fk->f", a, np.cross(b, c)).sum() / 6)


def _hidden_caps(shape: Shape, chains: list[Ints], other: Side) -> list[Shape]:
    """A cap for every flat rim that lies wholly at or in the other side."""
    if not chains:
        return []
    gap = CONTACT * shape.diagonal
    points = shape.vertices[np.concatenate(chains)]
    covered = (other.distance(points) < gap) | other.holds(points)
    found = []
    for chain, mine in zip(
        chains, np.split(covered, np.cumsum([len(c) for c in chains])[:-1]), strict=True
    ):
        triangles = caps(shape.vertices, [chain]) if mine.all() else None
        if triangles is not None:
            found.append(_dressed(shape, shape.vertices, triangles))
    return found


def _along(shape: Shape, chains: list[Ints], other: Side, whole: Shape) -> float:
    """Share of the rims' length that runs along the other side's surface."""
    start = shape.vertices[np.concatenate(chains)]
    end = shape.vertices[np.concatenate([np.roll(chain, -1) for chain in chains])]
    length = np.linalg.norm(end - start, axis=1)
    near = other.distance((start + end) / 2) < ALONG * whole.diagonal
    return float(length[near].sum() / max(length.sum(), 1e-30))


def _dressed(host: Shape, points: Floats, triangles: Ints) -> Shape:
    """The triangles (T, 3) between points on the host's rim, with the host's look there."""
    from scipy.spatial import cKDTree

    used, compact = np.unique(triangles, return_inverse=True)
    tree = cKDTree(host.corners.reshape(-1, 3))
    corner = tree.query(points[used])[1]
    face = corner // 3
    material = np.bincount(host.face_material[face]).argmax()
    part = np.bincount(host.face_part[face]).argmax()
    faces = compact.reshape(-1, 3).astype(np.int64)
    uv = None if host.uv is None else host.uv.reshape(-1, 2)[corner][faces]
    count = len(faces)
    return replace(
        host,
        vertices=points[used],
        faces=faces,
        face_part=np.full(count, part),
        face_material=np.full(count, material),
        uv=uv,
    )
