"""Checks that every odd shape must pass: not too large, and the change can be seen (App. A.1)."""

from __future__ import annotations

import numpy as np

from datagen.raycast import THREADS, raycaster
from datagen.shape import Floats, Ints, Shape

VIEWS = 14
PIXELS = 96
MIN_CHANGED = 0.003
DEPTH_STEP = 0.006  # of the diagonal
MAX_RADIUS = 0.6  # metres; normal shapes have .5


def check(normal: Shape, odd: Shape) -> str | None:
    """The name of the failed check, or None."""
    if not np.isfinite(odd.vertices).all():
        return "not finite"
    if np.linalg.norm(odd.vertices[odd.faces.ravel()], axis=1).max() > MAX_RADIUS:
        return "grows too large"
    return "not visible" if visible_change(normal, odd) < MIN_CHANGED else None


def view_rays() -> Floats:
    """(VIEWS, PIXELS**2, 6) orthographic rays on spread directions around the unit ball."""
    step = np.arange(VIEWS) + 0.5
    height = 1 - 2 * step / VIEWS
    turn = np.pi * (1 + 5**0.5) * step
    flat = np.sqrt(1 - height**2)
    eye = np.stack([flat * np.cos(turn), flat * np.sin(turn), height], axis=1)
    right = np.cross(eye, [0.31, 0.17, 0.94])
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    up = np.cross(right, eye)
    grid = np.linspace(-MAX_RADIUS, MAX_RADIUS, PIXELS)
    x, y = (axis.ravel()[None, :, None] for axis in np.meshgrid(grid, grid))
    start = eye[:, None] + x * right[:, None] + y * up[:, None]
    return np.concatenate([start, np.broadcast_to(-eye[:, None], start.shape)], axis=2)


def _look(shape: Shape, rays: Floats) -> tuple[Floats, Ints]:
    """Depth (VIEWS, PIXELS**2) in metres, inf off the shape, and the hit face's material or -1."""
    import open3d as o3d

    hit = raycaster(shape).cast_rays(o3d.core.Tensor(rays.astype(np.float32)), nthreads=THREADS)
    depth = hit["t_hit"].numpy().astype(np.float64)
    face = hit["primitive_ids"].numpy().astype(np.int64)
    on = np.isfinite(depth)
    material = np.full(depth.shape, -1, dtype=np.int64)
    material[on] = shape.face_material[face[on]]
    return depth, material


def visible_change(normal: Shape, odd: Shape) -> float:
    """Mean over the views of the share of silhouette pixels whose depth or material differs."""
    rays = view_rays()
    depth, material = _look(normal, rays)
    odd_depth, odd_material = _look(odd, rays)
    both = np.isfinite(depth) & np.isfinite(odd_depth)
    either = np.isfinite(depth) | np.isfinite(odd_depth)
    gap = np.abs(np.where(both, depth, 0) - np.where(both, odd_depth, 0))
    changed = (either & ~both) | (gap > DEPTH_STEP * normal.diagonal)
    changed |= (gap < 1e-4) & both & (material != odd_material)
    return float((changed.sum(axis=1) / np.maximum(either.sum(axis=1), 1)).mean())
