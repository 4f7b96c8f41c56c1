"""Checks that every odd shape must pass: not too large, and the change can be seen (App. A.1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from anomalies.subject import Subject
from datagen.raycast import THREADS, raycaster
from datagen.shape import Floats, Ints, Shape

VIEWS = 14
PIXELS = 128
MIN_SHARE = 0.004  # of the silhouette, in the view that shows the change best
DEPTH_STEP = 0.006  # of the diagonal
MIN_TURN = 0.35  # radians between the surface's normals
MAX_RADIUS = 0.6  # metres; normal shapes have .5


def check(subject: Subject, odd: Shape) -> str | None:
    """The name of the failed check, or None."""
    if len(odd.faces) == 0 or not np.isfinite(odd.vertices).all():
        return "not finite"
    if np.linalg.norm(odd.vertices, axis=1).max() > MAX_RADIUS:
        return "grows too large"
    return "not visible" if visible_share(subject, odd) < MIN_SHARE else None


@cache
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


@dataclass(frozen=True)
class Look:
    """What the views show, (VIEWS, PIXELS**2): depth (inf off the shape), face, unit normal."""

    depth: Floats
    face: Ints
    normal: Floats


def look(shape: Shape, scene: Any = None) -> Look:
    """Cast view_rays at the shape; scene: its raycaster, where there is one."""
    import open3d as o3d

    rays = o3d.core.Tensor(view_rays().astype(np.float32))
    hit = (scene or raycaster(shape)).cast_rays(rays, nthreads=THREADS)
    depth = hit["t_hit"].numpy().astype(np.float64)
    face = np.where(np.isfinite(depth), hit["primitive_ids"].numpy().astype(np.int64), 0)
    return Look(depth, face, hit["primitive_normals"].numpy().astype(np.float64))


def visible_share(subject: Subject, odd: Shape) -> float:
    """Share of the silhouette's pixels that look different, in the view where it is largest.

    A pixel differs where depth, the way that the surface faces, or the material does.
    """
    normal_look, odd_look = subject.look, look(odd)
    on, odd_on = np.isfinite(normal_look.depth), np.isfinite(odd_look.depth)
    both, either = on & odd_on, on | odd_on
    gap = np.zeros(both.shape)
    gap[both] = np.abs(normal_look.depth[both] - odd_look.depth[both])
    cosine = np.abs(np.einsum("vpk,vpk->vp", normal_look.normal, odd_look.normal))
    alike = np.array([[a == b for b in odd.materials] for a in subject.shape.materials])
    before = subject.shape.face_material[normal_look.face]
    repainted = ~alike[before, odd.face_material[odd_look.face]]
    differs = (gap > DEPTH_STEP * subject.shape.diagonal) | (cosine < np.cos(MIN_TURN)) | repainted
    changed = (either & ~both) | (both & differs)
    return float((changed.sum(axis=1) / np.maximum(either.sum(axis=1), 1)).max())
