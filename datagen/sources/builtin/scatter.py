"""Random spots on a surface."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from datagen.geometry.shape import Floats, Material
from datagen.sources.builtin.builder import Mesh, Rng, ShapeBuilder
from datagen.sources.builtin.edits import aim, place
from datagen.sources.builtin.solids import sweep

Spot = tuple[Floats, Floats]


def anywhere(point: Floats, normal: Floats) -> bool:
    """Whether a spot at a point (3,) with a normal (3,) is wanted: every one is."""
    return True


def scatter(
    rng: Rng,
    mesh: Mesh,
    count: int,
    gap: float,
    wanted: Callable[[Floats, Floats], bool] = anywhere,
) -> list[Spot]:
    """Up to count points (3,) with normals (3,), gap apart, where wanted(point, normal) holds."""
    weight = mesh.area_faces / mesh.area_faces.sum()
    corners, normals = mesh.triangles, mesh.face_normals
    found: list[Spot] = []
    for face in rng.choice(len(weight), size=count * 12, p=weight):
        point = rng.dirichlet([1, 1, 1]) @ corners[face]
        far = all(np.linalg.norm(point - other) > gap for other, _ in found)
        if far and wanted(point, normals[face]):
            found.append((point, normals[face]))
        if len(found) == count:
            break
    return found


def sprinkle(
    toy: ShapeBuilder,
    part: str,
    rng: Rng,
    spots: Sequence[Spot],
    size: float,
    mix: Sequence[Material],
) -> None:
    """Little sugar rods lying on the surface points, in a mix of materials."""
    line = np.array([[-size, 0, 0], [0, 0, 0], [size, 0, 0]])
    for point, normal in spots:
        grain = place(sweep(line, size * 0.45, 8), rz=rng.uniform(0, np.pi))
        toy.add(part, aim(grain, point, normal), mix[rng.integers(len(mix))])
