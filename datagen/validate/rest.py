"""Do objects stand on the floor, and apart?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from datagen.geometry.raycast import THREADS, raycaster
from datagen.geometry.shape import Floats, Shape
from datagen.validate.connectivity import inside
from datagen.validate.mesh_diff import closest
from datagen.validate.raycast_views import Placed

FLOOR_TOLERANCE = 0.0015  # metres; the generator allows 1 mm
NEAR = 0.002  # metres: objects that come closer touch


def off_the_floor(item: Placed) -> str | None:
    """How far an object floats or sinks, in words.

    None where its lowest point is on the floor z = 0, to FLOOR_TOLERANCE.
    """
    lowest = float(item.vertices[:, 2].min())
    if abs(lowest) <= FLOOR_TOLERANCE:
        return None
    return f"{'floats' if lowest > 0 else 'sinks'} by {1000 * abs(lowest):.1f} mm"


def collisions(objects: Sequence[Placed]) -> Iterator[tuple[int, int, str]]:
    """Pairs of objects, by index, that cross, contain or touch each other.

    The text says which of these: `cross`, `lie inside each other` or `touch`.
    """
    worlds = [item.world for item in objects]
    scenes: dict[int, Any] = {}
    for a, b in combinations(range(len(worlds)), 2):
        gap = np.maximum(
            worlds[a].bounds[0] - worlds[b].bounds[1], worlds[b].bounds[0] - worlds[a].bounds[1]
        )
        if gap.max() > NEAR:
            continue
        for number in (a, b):
            scenes.setdefault(number, raycaster(worlds[number]))
        told = _pair(worlds[a], worlds[b], scenes[a], scenes[b])
        if told is not None:
            yield a, b, told


def _pair(one: Shape, other: Shape, one_scene: Any, other_scene: Any) -> str | None:
    if _edges_cross(one, other_scene) or _edges_cross(other, one_scene):
        return "cross"
    for points, shape in ((one.vertices, other), (other.vertices, one)):
        low, high = shape.bounds
        near = points[((points > low - NEAR) & (points < high + NEAR)).all(axis=1)]
        if len(near) and inside(shape, near[:1])[0]:
            return "lie inside each other"
        if len(near) and closest(near, shape)[0].min() < NEAR:
            return "touch"
    return None


def _edges_cross(shape: Shape, scene: Any) -> bool:
    """Whether an edge of the shape passes through a triangle of the scene."""
    import open3d as o3d

    pairs = np.sort(np.concatenate([shape.faces[:, [0, 1]], shape.faces[:, [1, 2]],
                                    shape.faces[:, [2, 0]]]), axis=1)  # fmt: skip
    pairs = np.unique(pairs, axis=0)
    start: Floats = shape.vertices[pairs[:, 0]]
    rays = np.concatenate([start, shape.vertices[pairs[:, 1]] - start], axis=1)
    hits = scene.cast_rays(o3d.core.Tensor(rays.astype(np.float32)), nthreads=THREADS)
    return bool((hits["t_hit"].numpy() <= 1).any())
