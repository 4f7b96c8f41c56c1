"""The Chamfer distance of two shapes after alignment, and whether they are mirror images.

Lengths are metres in the frame of shapes whose largest |vertex| is .5: about shares of the size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np

from datagen.geometry.raycast import THREADS, raycaster
from datagen.geometry.shape import Floats, Shape
from datagen.geometry.surface import surface_points

COARSE, FINE = 64, 2000  # surface points
TURNS = 6  # of 15 degrees about the axis that differs most from the other two
STAGES = ((8, 150, 4), (2, 300, 6))  # starts, points and rounds of refinement between points
SURFACES = (2, 400, 12)  # the same, between points and surfaces
SETTLED = 0.005  # share of the distance that a round must gain to be followed by another
HOPELESS = 2.0  # times as far as is of interest, once points lie on points
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

    @cached_property
    def mirrored(self) -> Form:
        """Of the shape's mirror image."""
        vertices = self.shape.vertices * [-1.0, 1.0, 1.0]
        return Form(replace(self.shape, vertices=vertices, faces=self.shape.faces[:, ::-1].copy()))

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
        """(N, 3) the positions on the surface nearest to points (N, 3)."""
        import open3d as o3d

        if self._scene is None:
            self._scene = raycaster(self.shape)
        query = o3d.core.Tensor(np.ascontiguousarray(points, np.float32))
        found = self._scene.compute_closest_points(query, nthreads=THREADS)
        position: Floats = found["points"].numpy().astype(np.float64)
        return position


def align(first: Form, second: Form, most: float = np.inf) -> Aligned:
    """Scale, turn and move the second shape onto the first, itself and its mirror image.

    most: of interest; a pair that is farther is given up once that is clear, its distance too
    large and its mirror image not looked at. A mirror image that fits no better than the shape
    itself is given up likewise.
    """
    distance, matrix = _fit(first, second, most)
    if distance > most:
        return Aligned(distance, matrix, np.inf)
    return Aligned(distance, matrix, _fit(first, second.mirrored, distance)[0])


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


def _fit(first: Form, second: Form, most: float) -> tuple[float, Floats]:
    matrices = _starts(first, second)
    distance = _between_points(first, second, matrices, COARSE)
    for kept, count, rounds in STAGES:
        matrices = matrices[np.argsort(distance, kind="stable")[:kept]]
        distance, matrices = _refine_on_points(first, second, matrices, count, rounds)
    order = np.argsort(distance, kind="stable")[: SURFACES[0]]
    found = [_refine_on_surfaces(first, second, matrix, most) for matrix in matrices[order]]
    return min(found, key=lambda fit: fit[0])


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


def _between_points(first: Form, second: Form, matrices: Floats, count: int) -> Floats:
    """(S,) twice the Chamfer distance between `count` points of one and some of the other."""
    forth = first.nearest(_apply(matrices, second.some(count)), 2 * count)[0].mean(axis=1)
    back = second.nearest(_apply(_inverses(matrices), first.some(count)), 2 * count)[0]
    distance: Floats = forth + _scales(matrices) * back.mean(axis=1)
    return distance


def _refine_on_points(
    first: Form, second: Form, matrices: Floats, count: int, rounds: int
) -> tuple[Floats, Floats]:
    """ICP from all (S, 4, 4) at once: their distances, as of _between_points, and what became."""
    ours, theirs = first.some(count), second.some(count)
    shape = len(matrices), count, 3
    for _ in range(rounds):
        there, back = _apply(matrices, theirs), _apply(_inverses(matrices), ours)
        source = [np.broadcast_to(theirs, shape), second.nearest(back, count)[1]]
        target = [first.nearest(there, count)[1], np.broadcast_to(ours, shape)]
        matrices = _limited(_similar(source, target), first, second)
    return _between_points(first, second, matrices, count), matrices


def _refine_on_surfaces(
    first: Form, second: Form, matrix: Floats, most: float
) -> tuple[float, Floats]:
    """ICP until it settles, or is clearly farther than `most`."""
    _, count, rounds = SURFACES
    ours, theirs = first.some(count), second.some(count)
    last = np.inf
    for _ in range(rounds):
        there, back = apply(matrix, theirs), apply(_inverses(matrix[None])[0], ours)
        near, nearest = first.closest(there), second.closest(back)
        forth = np.linalg.norm(near - there, axis=1).mean()
        scale = float(_scales(matrix[None])[0])
        distance = float(forth + scale * np.linalg.norm(nearest - back, axis=1).mean()) / 2
        if distance > HOPELESS * most:
            return distance, matrix
        if distance > (1 - SETTLED) * last:
            break
        last = distance
        matrix = _limited(
            _similar([theirs[None], nearest[None]], [near[None], ours[None]]), first, second
        )[0]
    return chamfer(first, second, matrix), matrix


def _limited(matrices: Floats, first: Form, second: Form) -> Floats:
    """The same maps (S, 4, 4), their scale kept from running away to a point."""
    usual = first.size / second.size
    scale = _scales(matrices)
    wanted = np.clip(scale, usual / MAX_SCALE, usual * MAX_SCALE)
    limited = matrices.copy()
    limited[:, :3, :3] *= (wanted / scale)[:, None, None]
    limited[:, :3, 3] += (matrices - limited)[:, :3, :3] @ second.centre
    return limited


def similarity(source: Floats, target: Floats) -> Floats:
    """(4, 4) proper similarity of least squares from points (N, 3) to points (N, 3)."""
    return _similar([source[None]], [target[None]])[0]


def _similar(source: Sequence[Floats], target: Sequence[Floats]) -> Floats:
    """(S, 4, 4) of S sets at once; each a list of points (S, n, 3) that belong together.

    Umeyama, "Least-squares estimation of transformation parameters", 1991.
    """
    x, y = np.concatenate(source, axis=1), np.concatenate(target, axis=1)
    a, b = x.mean(axis=1), y.mean(axis=1)
    x, y = x - a[:, None], y - b[:, None]
    left, stretch, right = np.linalg.svd(y.transpose(0, 2, 1) @ x)
    sign = np.ones_like(stretch)
    sign[:, 2] = np.sign(np.linalg.det(left) * np.linalg.det(right))
    scale = (stretch * sign).sum(axis=1) / np.maximum((x**2).sum(axis=(1, 2)), 1e-30)
    matrices = np.tile(np.eye(4), (len(x), 1, 1))
    matrices[:, :3, :3] = scale[:, None, None] * (left @ (sign[:, :, None] * right))
    matrices[:, :3, 3] = b - (matrices[:, :3, :3] @ a[:, :, None])[:, :, 0]
    return matrices


def _apply(matrices: Floats, points: Floats) -> Floats:
    """(S, N, 3) points (N, 3) under (S, 4, 4) affine maps."""
    turned: Floats = points @ matrices[:, :3, :3].transpose(0, 2, 1)
    return turned + matrices[:, None, :3, 3]


def _inverses(matrices: Floats) -> Floats:
    """Of similarities (S, 4, 4)."""
    inverse = np.tile(np.eye(4), (len(matrices), 1, 1))
    turned = matrices[:, :3, :3].transpose(0, 2, 1)
    inverse[:, :3, :3] = turned / _scales(matrices)[:, None, None] ** 2
    inverse[:, :3, 3] = -(inverse[:, :3, :3] @ matrices[:, :3, 3, None])[:, :, 0]
    return inverse


def _scales(matrices: Floats) -> Floats:
    """(S,) of similarities (S, 4, 4)."""
    scales: Floats = np.cbrt(np.linalg.det(matrices[:, :3, :3]))
    return scales


@cache
def _spread(total: int, count: int) -> np.ndarray:
    """(count,) indices into a list of points that lie in the order of the faces."""
    return np.linspace(0, total - 1, count).astype(np.int64)
