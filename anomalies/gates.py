"""Checks that every odd shape must pass, whatever made it (App. A.1).

Finite, not too large, not drawn out, not inside out, the change can be seen, no new place where
the surface passes through itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from anomalies.intersections import new_crossing_length
from anomalies.subject import Subject
from anomalies.surface import connected, weld
from datagen.raycast import THREADS, raycaster
from datagen.shape import Floats, Ints, Shape

VIEWS = 14
PIXELS = 128
MIN_SHARE = 0.004  # of the silhouette, in the view that shows the change best
DEPTH_STEP = 0.006  # of the diagonal
MIN_TURN = 0.35  # radians between the surface's normals
MAX_RADIUS = 0.6  # metres; normal shapes have .5
MAX_AREA_GROWTH = 4.0
MIN_INWARD = 1e-6  # of the diagonal's cube
MAX_CAVITY_GROWTH = 1.5
MAX_NEW_CROSSING = 0.01  # of the diagonal


def check(subject: Subject, odd: Shape, exempt: Collection[str] = ()) -> str | None:
    """The name of the first failed check, cheap ones first, or None."""
    for failure, fails in CHECKS.items():
        if failure not in exempt and fails(subject, odd):
            return failure
    return None


def not_finite(subject: Subject, odd: Shape) -> bool:
    return len(odd.faces) == 0 or not bool(np.isfinite(odd.vertices).all())


def grows_too_large(subject: Subject, odd: Shape) -> bool:
    return float(np.linalg.norm(odd.vertices, axis=1).max()) > MAX_RADIUS


def explodes(subject: Subject, odd: Shape) -> bool:
    """The surface is drawn out to many times its area, or its triangles to splinters."""
    before, after = subject.shape.face_areas.sum(), odd.face_areas
    sides = np.linalg.norm(odd.corners - np.roll(odd.corners, 1, axis=1), axis=2)
    return bool(after.sum() > MAX_AREA_GROWTH * before or sides.max() > 2 * MAX_RADIUS)


def inside_out(subject: Subject, odd: Shape) -> bool:
    """A closed piece with a volume of its own is turned inside out; the parent's cavities stay."""
    least = MIN_INWARD * subject.shape.diagonal**3
    inward = _inward_volume(odd)
    return inward > least and inward > MAX_CAVITY_GROWTH * _inward_volume(subject.shape) + least


def crosses_itself(subject: Subject, odd: Shape) -> bool:
    return new_crossing_length(subject, odd) > MAX_NEW_CROSSING * subject.shape.diagonal


def not_visible(subject: Subject, odd: Shape) -> bool:
    return visible_share(subject, odd) < MIN_SHARE


CHECKS: dict[str, Callable[[Subject, Shape], bool]] = {
    "not finite": not_finite,
    "grows too large": grows_too_large,
    "drawn out": explodes,
    "inside out": inside_out,
    "not visible": not_visible,
    "crosses itself": crosses_itself,
}


def _inward_volume(shape: Shape) -> float:
    """Cubic metres in closed pieces whose faces look inward."""
    faces = weld(shape.vertices)[shape.faces]
    piece = connected(faces)
    start, end = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    count = int(faces.max()) + 1
    forth, back = start * count + end, end * count + start
    paired = np.isin(forth, back).reshape(-1, 3).all(axis=1)
    a, b, c = np.moveaxis(shape.corners, 1, 0)
    volume = np.bincount(piece, np.einsum("fk,fk->f", a, np.cross(b, c)) / 6)
    closed = np.bincount(piece, ~paired) == 0
    return float(-np.minimum(volume[closed], 0).sum())


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
