"""The Chamfer distance of two shapes after alignment, and whether they are mirror images.

Lengths are metres in the frame of shapes whose largest |vertex| is .5: about shares of the size.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from anomalies.surface import surface_points
from datagen.raycast import THREADS, raycaster
from datagen.shape import Floats, Shape

COARSE, MIDDLE, FINE = 96, 400, 2000  # surface points
TURNS = 6  # of 15 degrees about the axis that differs most from the other two
KEPT = (8, 2)  # starts that are refined on points, and on surfaces
ROUNDS = (10, 12)
MAX_SCALE = 1.6  # of one shape over the other, after both are of one size
MIRRORED = 0.5  # a mirror image fits so much better than the shape itself, or more


@dataclass(frozen=True)
class Aligned:
    """distance: mean of both mean distances from points of one surface to the other.

    matrix: (4, 4) similarity that takes the second shape onto the first.
    mirror_distance: the same for the second shape's mirror image.
    """

    distance: float
    matrix: Floats
    mirror_distance: float

    @property
    def mirrored(self) -> bool:
        """Whether the second shape is like the first one's mirror image, not like itself."""
        return self.mirror_distance < MIRRORED * self.distance


class Form:
    """What the alignment needs of one shape, worked out once."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.points = surface_points(shape, FINE)[0]
        self.centre = self.points.mean(axis=0)
        self.size = float(np.sqrt(((self.points - self.centre) ** 2).sum(axis=1).mean()))
        self.axes = _axes(self.points - self.centre)
        self._trees: dict[int, Any] = {}
        self._scene: Any = None

    def some(self, count: int) -> Floats:
        """(count, 3) of the points, the same every time."""
        return self.points[_spread(FINE, count)]

    def nearest(self, points: Floats, count: int) -> tuple[Floats, Floats]:
        """Distance (...,) from points (..., 3) to the nearest of `count`, and that one."""
        from scipy.spatial import KDTree

        if count not in self._trees:
            self._trees[count] = KDTree(self.some(count))
        tree = self._trees[count]
        distance, index = tree.query(points)
        return distance, tree.data[index]

    def closest(self, points: Floats) -> Floats:
        """(N, 3) places on the surface nearest to points (N, 3)."""
        import open3d as o3d

        if self._scene is None:
            self._scene = raycaster(self.shape)
        query = o3d.core.Tensor(np.ascontiguousarray(points, np.float32))
        found = self._scene.compute_closest_points(query, nthreads=THREADS)
        place: Floats = found["points"].numpy().astype(np.float64)
        return place


def align(first: Form, second: Form) -> Aligned:
    """Scale, turn and move the second shape onto the first, itself and its mirror image."""
    distance, matrix = _fit(first, second)
    mirror = np.array([-1.0, 1.0, 1.0])
    flipped = second.shape.with_vertices(second.shape.vertices * mirror)
    faces = flipped.faces[:, ::-1].copy()
    from dataclasses import replace

    mirror_distance, _ = _fit(first, Form(replace(flipped, faces=faces)))
    return Aligned(distance, matrix, mirror_distance)


def chamfer(first: Form, second: Form, matrix: Floats) -> float:
    """Metres, for the second shape under a similarity (4, 4) onto the first."""
    scale = np.cbrt(np.linalg.det(matrix[:3, :3]))
    there = apply(matrix, second.points)
    back = apply(np.linalg.inv(matrix), first.points)
    forth = np.linalg.norm(first.closest(there) - there, axis=1).mean()
    return float(forth + scale * np.linalg.norm(second.closest(back) - back, axis=1).mean()) / 2


def apply(matrix: Floats, points: Floats) -> Floats:
    """Points (N, 3) under a (4, 4) affine map."""
    return points @ matrix[:3, :3].T + matrix[:3, 3]


def _fit(first: Form, second: Form) -> tuple[float, Floats]:
    starts = _starts(first, second)
    coarse = _coarse(first, second, starts)
    best = [starts[index] for index in np.argsort(coarse, kind="stable")[: KEPT[0]]]
    middle = [_refine_on_points(first, second, matrix) for matrix in best]
    order = sorted(range(len(middle)), key=lambda index: middle[index][0])[: KEPT[1]]
    fine = [_refine_on_surfaces(first, second, middle[index][1]) for index in order]
    return min(fine, key=lambda found: found[0])


def _starts(first: Form, second: Form) -> Floats:
    """(S, 4, 4) similarities: the turns of a cube between files' axes and between main axes."""
    group = cube_turns()
    angles = np.arange(TURNS) * np.pi / 12
    about = np.array([[[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]]
                      for a in angles])  # fmt: skip
    main = np.einsum("ij,gjk,akl,ml->gaim", first.axes, group, about, second.axes)
    turns = np.concatenate([group, main.reshape(-1, 3, 3)])
    matrices = np.tile(np.eye(4), (len(turns), 1, 1))
    matrices[:, :3, :3] = turns * (first.size / second.size)
    matrices[:, :3, 3] = first.centre - matrices[:, :3, :3] @ second.centre
    return matrices


@cache
def cube_turns() -> Floats:
    """(24, 3, 3) proper rotations of a cube, the identity first."""
    from scipy.spatial.transform import Rotation

    turns = np.round(Rotation.create_group("O").as_matrix())
    order = np.argsort([-np.trace(turn) for turn in turns], kind="stable")
    return turns[order]


def _axes(points: Floats) -> Floats:
    """(3, 3) columns: main axes, right-handed, the one of most distinct spread last."""
    spread, axes = np.linalg.eigh(points.T @ points)
    if spread[1] - spread[0] > spread[2] - spread[1]:
        axes = axes[:, ::-1]
    if np.linalg.det(axes) < 0:
        axes = axes * [-1, 1, 1]
    return axes


def _coarse(first: Form, second: Form, matrices: Floats) -> Floats:
    """(S,) Chamfer distances between few points."""
    there = second.some(COARSE) @ matrices[:, :3, :3].transpose(0, 2, 1) + matrices[:, None, :3, 3]
    inverse = np.linalg.inv(matrices)
    back = first.some(COARSE) @ inverse[:, :3, :3].transpose(0, 2, 1) + inverse[:, None, :3, 3]
    scale = first.size / second.size
    forth: Floats = first.nearest(there, MIDDLE)[0].mean(axis=1)
    return forth + scale * second.nearest(back, MIDDLE)[0].mean(axis=1)


def _refine_on_points(first: Form, second: Form, matrix: Floats) -> tuple[float, Floats]:
    ours, theirs = first.some(MIDDLE), second.some(MIDDLE)
    for _ in range(ROUNDS[0]):
        there, back = apply(matrix, theirs), apply(np.linalg.inv(matrix), ours)
        source = np.concatenate([theirs, second.nearest(back, MIDDLE)[1]])
        target = np.concatenate([first.nearest(there, MIDDLE)[1], ours])
        matrix = _limited(similarity(source, target), first, second)
    there, back = apply(matrix, theirs), apply(np.linalg.inv(matrix), ours)
    scale = np.cbrt(np.linalg.det(matrix[:3, :3]))
    forth = first.nearest(there, MIDDLE)[0].mean()
    return float(forth + scale * second.nearest(back, MIDDLE)[0].mean()), matrix


def _refine_on_surfaces(first: Form, second: Form, matrix: Floats) -> tuple[float, Floats]:
    """The best of all rounds."""
    ours, theirs = first.some(MIDDLE), second.some(MIDDLE)
    best = chamfer(first, second, matrix), matrix
    for _ in range(ROUNDS[1]):
        there, back = apply(matrix, theirs), apply(np.linalg.inv(matrix), ours)
        source = np.concatenate([theirs, second.closest(back)])
        target = np.concatenate([first.closest(there), ours])
        matrix = _limited(similarity(source, target), first, second)
    last = chamfer(first, second, matrix), matrix
    return min(best, last, key=lambda found: found[0])


def _limited(matrix: Floats, first: Form, second: Form) -> Floats:
    """The same map, its scale kept from running away to a point."""
    usual = first.size / second.size
    scale = np.cbrt(np.linalg.det(matrix[:3, :3]))
    wanted = np.clip(scale, usual / MAX_SCALE, usual * MAX_SCALE)
    if scale == wanted:
        return matrix
    limited = matrix.copy()
    limited[:3, :3] *= wanted / scale
    middle = apply(matrix, second.centre[None])[0]
    limited[:3, 3] = middle - limited[:3, :3] @ second.centre
    return limited


def similarity(source: Floats, target: Floats) -> Floats:
    """(4, 4) proper similarity of least squares from points (N, 3) to points (N, 3).

    Umeyama, "Least-squares estimation of transformation parameters", 1991.
    """
    a, b = source.mean(axis=0), target.mean(axis=0)
    left, stretch, right = np.linalg.svd((target - b).T @ (source - a))
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(left) * np.linalg.det(right))])
    turn = left @ (sign[:, None] * right)
    scale = (stretch * sign).sum() / max(((source - a) ** 2).sum(), 1e-30)
    matrix = np.eye(4)
    matrix[:3, :3] = scale * turn
    matrix[:3, 3] = b - matrix[:3, :3] @ a
    return matrix


@cache
def _spread(total: int, count: int) -> np.ndarray:
    """(count,) places in a list of points that lie in the order of the faces."""
    return np.linspace(0, total - 1, count).astype(np.int64)
