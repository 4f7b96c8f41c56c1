"""What a shape and its parent look like from all sides, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from datagen.geometry.raycast import THREADS, raycaster
from datagen.geometry.shape import Bools, Floats, Ints, Shape, face_normals
from datagen.geometry.thumbnail import pinhole

VIEWS = 18
PIXELS = 112
DEPTH_STEP = 0.006  # of the frame's diagonal
TURN = 0.35  # radians
FROM_BELOW = -0.1  # height of an eye on the unit sphere
PREFERENCE = 0.6  # what a view from below counts


@dataclass(frozen=True)
class ShapeViews:
    """A shape from all sides: VIEWS rows of PIXELS**2 pixels.

    depth: along the ray, inf off the shape, in diagonals of the frame. face: index of what is
    seen, 0 off the shape. back: whether its back is seen. normal: (VIEWS, PIXELS**2, 3) unit.
    """

    depth: Floats
    face: Ints
    back: Bools
    normal: Floats


@dataclass(frozen=True)
class ViewDifference:
    """How much another shape looks different.

    share: of the silhouette that looks different in the view that shows it best.
    eye: (3,) a direction that shows it well, from above where that is nearly as good.
    turned: pixels of affected faces seen from behind, less those of the parent, over all
    pixels of affected faces.
    """

    share: float
    eye: Floats
    turned: float


@cache
def eyes() -> Floats:
    """(VIEWS, 3) unit directions to look from, evenly spread."""
    step = np.arange(VIEWS) + 0.5
    height = 1 - 2 * step / VIEWS
    turn = np.pi * (1 + 5**0.5) * step + 0.4
    flat = np.sqrt(1 - height**2)
    return np.stack([flat * np.cos(turn), flat * np.sin(turn), height], axis=1)


@cache
def _view_rays() -> list[Any]:
    """For every eye a tensor (PIXELS**2, 6)."""
    return [pinhole(eye, PIXELS).reshape((-1, 6)) for eye in eyes()]


def joint_frame(*shapes: Shape) -> Floats:
    """(2, 3) lowest and highest corner of the box that holds all shapes, metres."""
    bounds = np.stack([shape.bounds for shape in shapes])
    return np.stack([bounds[:, 0].min(axis=0), bounds[:, 1].max(axis=0)])


def difference(parent: Shape, odd: Shape, affected: Bools) -> ViewDifference:
    """How the odd shape looks beside its parent, in the frame that holds both.

    affected: (F,) bool over the odd shape's faces.
    """
    frame = joint_frame(parent, odd)
    before, after = _views_of(parent, frame), _views_of(odd, frame)
    was, is_ = np.isfinite(before.depth), np.isfinite(after.depth)
    both, either = was & is_, was | is_
    alike = np.array([[a == b for b in odd.materials] for a in parent.materials])
    gap = np.abs(np.where(both, before.depth, 0) - np.where(both, after.depth, 0))
    cosine = np.abs(np.einsum("vpk,vpk->vp", before.normal, after.normal))
    repainted = ~alike[parent.face_material[before.face], odd.face_material[after.face]]
    differs = (gap > DEPTH_STEP) | (cosine < np.cos(TURN)) | repainted
    share = ((was != is_) | (both & differs)).sum(axis=1) / np.maximum(either.sum(axis=1), 1)
    best = int((share * np.where(eyes()[:, 2] < FROM_BELOW, PREFERENCE, 1)).argmax())
    touched = is_ & affected[after.face]
    turned = (after.back & touched).sum() - (before.back & was).sum()
    return ViewDifference(float(share.max()), eyes()[best], float(turned / max(touched.sum(), 1)))


def _views_of(shape: Shape, frame: Floats) -> ShapeViews:
    low, high = frame
    scale = 1 / max(float(np.linalg.norm(high - low)), 1e-12)
    moved = shape.with_vertices((shape.vertices - (low + high) / 2) * scale)
    scene, normals = raycaster(moved), face_normals(moved.corners)
    depth, face, back, normal = [], [], [], []
    for rays in _view_rays():
        hits = scene.cast_rays(rays, nthreads=THREADS)
        away = hits["t_hit"].numpy().astype(np.float64)
        index = np.where(np.isfinite(away), hits["primitive_ids"].numpy().astype(np.int64), 0)
        depth.append(away)
        face.append(index)
        normal.append(normals[index])
        direction = rays.numpy()[:, 3:].astype(np.float64)
        back.append(np.einsum("pk,pk->p", normal[-1], direction) > 0)
    return ShapeViews(np.stack(depth), np.stack(face), np.stack(back), np.stack(normal))
