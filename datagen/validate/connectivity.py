"""Is an object in one component, and how much of it is there?"""

from __future__ import annotations

import numpy as np

from datagen.geometry.components import linked
from datagen.geometry.shape import Bools, Floats, Shape
from datagen.validate.mesh_diff import components

CELL = 0.006  # of the diagonal: surfaces that come closer touch
SAMPLES = 300_000
VOLUME_GRID = 56  # cells along the longest side
SOLID = 0.01  # of the box: a shape that encloses less is a shell without a volume
UNCLEAR = 0.5  # of what seems inside: so many winding numbers are neither about 0 nor about 1


def largest_component_share(shape: Shape, cell: float) -> float:
    """Share of the area in the largest component, where components that touch count as one.

    The surface is sampled into cells (their side in metres); components that share a cell, or whose
    cells are neighbours, touch.
    """
    from scipy.ndimage import label

    component = components(shape, np.ones(len(shape.faces), bool))
    count = int(component.max()) + 1
    area = np.bincount(component, shape.face_areas)
    if count == 1:
        return 1.0
    points, face = _spread(shape)
    index = np.floor((points - points.min(axis=0)) / cell).astype(np.int64)
    grid = np.zeros(index.max(axis=0) + 1, bool)
    grid[tuple(index.T)] = True
    clusters, number = label(grid, np.ones((3, 3, 3)))
    cluster = clusters[tuple(index.T)] - 1 + count
    size = count + int(number)
    joined = linked(np.stack([component[face], cluster], axis=1), size)[:count]
    return float(np.bincount(joined, area).max() / area.sum())


def _spread(shape: Shape) -> tuple[Floats, np.ndarray]:
    """Points all over the surface, at least one a face, and the face (N,) of each."""
    area = shape.face_areas
    count = np.ceil(area / area.sum() * SAMPLES).astype(np.int64)
    face = np.repeat(np.arange(len(area)), np.maximum(count, 1))
    weights = np.random.default_rng(0).dirichlet(np.ones(3), len(face))
    points = np.einsum("nk,nkd->nd", weights, shape.corners[face])
    points = np.concatenate([points, shape.corners.reshape(-1, 3)])
    return points, np.concatenate([face, np.repeat(np.arange(len(area)), 3)])


def kept_volume(parent: Shape, odd: Shape) -> float:
    """Volume of the odd shape over its parent's, 1 = all, by winding numbers on a grid.

    Areas stand in for volumes where the parent is an open shell, or of sheets that cancel out.
    """
    low = np.minimum(parent.bounds[0], odd.bounds[0])
    high = np.maximum(parent.bounds[1], odd.bounds[1])
    step = (high - low).max() / VOLUME_GRID
    axes = [np.arange(a + step / 2, b, step) for a, b in zip(low, high, strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    winding = _winding(parent, points)
    before = winding > 0.5
    unclear = (np.abs(winding - 0.5) < 0.25) | (winding > 1.25)
    if before.mean() < SOLID or unclear.sum() > UNCLEAR * before.sum():
        return float(odd.face_areas.sum() / parent.face_areas.sum())
    return float(inside(odd, points).sum() / before.sum())


def inside(shape: Shape, points: Floats) -> Bools:
    """(N,) whether points (N, 3), metres, lie inside, by generalised winding numbers."""
    return _winding(shape, points) > 0.5


def _winding(shape: Shape, points: Floats) -> Floats:
    """(N,) how often the surface goes round points (N, 3), either way."""
    import igl

    winding = igl.fast_winding_number(
        np.ascontiguousarray(shape.vertices),
        np.ascontiguousarray(shape.faces),
        np.ascontiguousarray(points),
    )
    found: Floats = np.abs(np.asarray(winding, np.float64).reshape(-1))
    return found
