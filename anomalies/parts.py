"""What counts as a part: the file's parts, else its materials, else connected pieces (App. A.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anomalies.surface import weld
from datagen.raycast import THREADS, raycaster
from datagen.shape import Bools, Floats, Ints, Shape

CONTACT = 0.006  # of the diagonal
MIN_SHARE, MAX_SHARE = 0.01, 0.5  # of the surface's area
MAX_PIECES = 150  # contact is looked for between this many of the largest pieces


@dataclass(frozen=True)
class Parts:
    """face_label: (F,) int64 into names; shares: (P,) of the surface's area."""

    face_label: Ints
    names: tuple[str, ...]
    shares: Floats

    def usable(self, part: int) -> bool:
        """Neither a speck nor most of the object."""
        return bool(MIN_SHARE <= self.shares[part] <= MAX_SHARE)

    @property
    def usable_parts(self) -> list[int]:
        return [part for part in range(len(self.names)) if self.usable(part)]


def find_parts(shape: Shape) -> Parts:
    """The first way to divide the shape that gives a usable part."""
    material_names = tuple(material.name for material in shape.materials)
    parts = _labelled(shape, shape.face_part, shape.part_names)
    if not parts.usable_parts:
        parts = _labelled(shape, shape.face_material, material_names)
    if not parts.usable_parts:
        label = _component_parts(shape)
        names = tuple(f"piece {index}" for index in range(label.max() + 1))
        parts = _labelled(shape, label, names)
    return parts


def _labelled(shape: Shape, label: Ints, names: tuple[str, ...]) -> Parts:
    area = np.bincount(label, shape.face_areas, minlength=len(names))
    return Parts(label, names, area / max(area.sum(), 1e-30))


def components(shape: Shape) -> Ints:
    """(F,) connected piece of every face, vertices merged by position; the largest area is 0."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    same = weld(shape.vertices)[shape.faces]
    start, end = same[:, [0, 1]].ravel(), same[:, [1, 2]].ravel()
    size = int(same.max()) + 1
    graph = coo_matrix((np.ones(len(start), np.int8), (start, end)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    _, face_label = np.unique(label[same[:, 0]], return_inverse=True)
    area = np.bincount(face_label, shape.face_areas)
    rank = np.empty(len(area), dtype=np.int64)
    rank[np.argsort(-area, kind="stable")] = np.arange(len(area))
    return rank[face_label]


def _samples(shape: Shape, label: Ints, per_piece: int = 300) -> list[Floats]:
    """For every label, (N, 3) points on its surface: corners, middles and points in between."""
    corners = shape.corners
    middle = corners.mean(axis=1, keepdims=True)
    points = np.concatenate([corners, (corners + middle) / 2, middle], axis=1)
    order = np.argsort(label, kind="stable")
    pieces = np.split(points[order], np.cumsum(np.bincount(label))[:-1])
    flat = [piece.reshape(-1, 3) for piece in pieces]
    return [piece[:: max(1, len(piece) // per_piece)] for piece in flat]


def contacts(shape: Shape, label: Ints) -> tuple[Bools, Bools]:
    """(P, P) which pieces touch or cross, and [inner, outer] which lie inside another."""
    import open3d as o3d

    count = min(int(label.max()) + 1, MAX_PIECES)
    near = np.eye(int(label.max()) + 1, dtype=bool)
    inside = np.zeros_like(near)
    gap = CONTACT * shape.diagonal
    keep = label < count
    points = _samples(shape, label)[:count]
    corner = shape.corners
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, label[keep], corner[keep].min(axis=1))
    np.maximum.at(high, label[keep], corner[keep].max(axis=1))
    for piece in range(count):
        others = [
            other
            for other in range(count)
            if other != piece
            and (low[other] <= high[piece] + gap).all()
            and (high[other] >= low[piece] - gap).all()
        ]
        if not others:
            continue
        scene = raycaster(shape.keep_faces(label == piece))
        query = np.concatenate([points[other] for other in others]).astype(np.float32)
        owner = np.repeat(others, [len(points[other]) for other in others])
        distance = scene.compute_distance(o3d.core.Tensor(query), nthreads=THREADS).numpy()
        occupied = scene.compute_occupancy(o3d.core.Tensor(query), nthreads=THREADS).numpy() > 0.5
        for other in others:
            mine = owner == other
            touching = bool((distance[mine] < gap).any() or occupied[mine].any())
            near[piece, other] |= touching
            near[other, piece] |= touching
            inside[other, piece] = occupied[mine].mean() > 0.9
    return near, inside


def _component_parts(shape: Shape) -> Ints:
    """(F,) pieces; those inside another join it, and specks join the largest piece they touch."""
    label = components(shape)
    count = int(label.max()) + 1
    if count == 1:
        return label
    area = np.bincount(label, shape.face_areas)
    near, inside = contacts(shape, label)
    target = np.arange(count)
    for piece in range(count - 1, 0, -1):
        hosts = inside[piece, :piece]
        if not hosts.any() and area[piece] < MIN_SHARE * area.sum():
            hosts = near[piece, :piece]
        if hosts.any():
            target[piece] = np.argmax(hosts)
    for piece in range(count):  # hosts come first, so one pass settles chains
        target[piece] = target[target[piece]]
    _, merged = np.unique(target[label], return_inverse=True)
    return merged.reshape(-1)


def largest_share(shape: Shape) -> float:
    """Share of the area in the largest group of pieces that touch one another."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    label = components(shape)
    area = np.bincount(label, shape.face_areas)
    if len(area) == 1:
        return 1.0
    near, _ = contacts(shape, label)
    _, group = connected_components(csr_matrix(near.astype(np.int8)), directed=False)
    return float(np.bincount(group, area).max() / area.sum())
