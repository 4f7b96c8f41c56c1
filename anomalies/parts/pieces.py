"""The pieces a shape is made of, and which of them touch, cross or contain one another.

A piece is a connected component of the surface. Pieces that touch are linked in turn: what hangs
together through contacts is a component of pieces.
"""

from __future__ import annotations

import numpy as np

from anomalies.subject import Subject, once
from datagen.geometry.components import face_components, linked
from datagen.geometry.raycast import THREADS, raycaster
from datagen.geometry.shape import Bools, Floats, Ints, Shape
from datagen.geometry.surface import surface_points, weld

CONTACT = 0.006  # of the diagonal
MAX_PIECES = 150  # contact is looked for between this many of the largest pieces
SAMPLES = 300  # on every piece, and as many of its corners
WITHIN = 0.9  # share of a piece's points inside another that holds it


def components(shape: Shape, label: Ints | None = None) -> Ints:
    """(F,) the piece of every face: its component, vertices merged by position, largest area 0.

    label: (F,) faces of different labels are in different pieces, and then an edge must join.
    """
    same = weld(shape.vertices)[shape.faces]
    count = len(same)
    if label is None:
        return by_area(shape, face_components(same))
    start, end = _neighbours(same)
    alike = label[start] == label[end]
    return by_area(shape, linked(np.stack([start[alike], end[alike]], axis=1), count))


def by_area(shape: Shape, piece: Ints) -> Ints:
    """(F,) pieces (F,) numbered anew so that 0 has the largest area."""
    area = np.bincount(piece, shape.face_areas)
    rank = np.empty(len(area), dtype=np.int64)
    rank[np.argsort(-area, kind="stable")] = np.arange(len(area))
    return rank[piece]


def _neighbours(faces: Ints) -> tuple[Ints, Ints]:
    """Faces that follow one another among those of an edge; faces: (F, 3) welded vertices."""
    pairs = np.sort(np.stack([faces, np.roll(faces, -1, axis=1)], axis=2).reshape(-1, 2), axis=1)
    key = pairs[:, 0] * (int(faces.max()) + 1) + pairs[:, 1]
    order = np.argsort(key, kind="stable")
    joined = np.flatnonzero(key[order][1:] == key[order][:-1])
    return order[joined] // 3, order[joined + 1] // 3


def contacts(shape: Shape, piece: Ints) -> tuple[Bools, Bools]:
    """(P, P) bool which pieces touch or cross, and (P, P) bool [inner, outer] which lie in which.

    piece: (F,) of every face, from 0 on. Beyond the MAX_PIECES first no contact is looked for.
    """
    import open3d as o3d

    total = int(piece.max()) + 1
    count = min(total, MAX_PIECES)
    near = np.eye(total, dtype=bool)
    inside = np.zeros_like(near)
    gap = CONTACT * shape.diagonal
    shapes = [shape.keep_faces(piece == index) for index in range(count)]
    points = [_points(part) for part in shapes]
    low = np.stack([part.bounds[0] for part in shapes])
    high = np.stack([part.bounds[1] for part in shapes])
    for index, part in enumerate(shapes):
        reach = (low <= high[index] + gap).all(axis=1) & (high >= low[index] - gap).all(axis=1)
        reach[index] = False
        others = np.flatnonzero(reach)
        if not len(others):
            continue
        close = [
            ((points[k] >= low[index] - gap) & (points[k] <= high[index] + gap)).all(axis=1)
            for k in others
        ]
        query = np.concatenate([points[k][c] for k, c in zip(others, close, strict=True)])
        owner = np.repeat(others, [int(c.sum()) for c in close])
        if not len(query):
            continue
        scene, tensor = raycaster(part), o3d.core.Tensor(query.astype(np.float32))
        distance = scene.compute_distance(tensor, nthreads=THREADS).numpy()
        occupied = scene.compute_occupancy(tensor, nthreads=THREADS, nsamples=3).numpy() > 0.5
        touching = np.bincount(owner, (distance < gap) | occupied, minlength=total) > 0
        near[index] |= touching
        near[:, index] |= touching
        held = np.bincount(owner, occupied, minlength=total)
        sizes = np.array([len(points[k]) for k in others])
        inside[others, index] = held[others] > WITHIN * sizes
    return near, inside


def _points(shape: Shape) -> Floats:
    """(N, 3) spread over the area, and corners."""
    corners = shape.vertices
    return np.concatenate(
        [surface_points(shape, SAMPLES)[0], corners[:: max(1, len(corners) // SAMPLES)]]
    )


def piece_components(near: Bools) -> Ints:
    """(P,) the component of every piece, which touching ones (P, P) bool link."""
    return linked(np.argwhere(near), len(near))


def largest_share(shape: Shape) -> float:
    """Share of the area, 0 to 1, in the largest component of pieces that touch one another."""
    piece = components(shape)
    area = np.bincount(piece, shape.face_areas)
    if len(area) == 1:
        return 1.0
    component = piece_components(contacts(shape, piece)[0])
    return float(np.bincount(component, area).max() / area.sum())


@once
def largest_share_of(subject: Subject) -> float:
    """largest_share of the subject's shape."""
    return largest_share(subject.shape)
