"""What a shape and its odd version look like from all around, and how much a person would notice.

Small shaded pictures, by casting rays: an object has as many pixels as in a scene's images.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomalies.subject import Subject, once
from datagen.geometry.color import lab, look_of
from datagen.geometry.raycast import SurfaceHits, surface_hits
from datagen.geometry.shape import Bools, Floats, Ints, Shape

VIEWS = 14
PIXELS = 112
REACH = 0.6  # metres from the origin to the border of a view; normal shapes have .5
LIGHT = np.array([0.3, -0.4, 0.87])
AMBIENT, FACING, LIT = 0.2, 0.3, 0.5  # shares of the light: even, from the eye, from LIGHT
NOTICED = 6.0  # difference of L*a*b* colours that is seen without looking for it
APART = 40.0  # what being there or not counts
FEWEST = 12  # pixels that are noticed together
SLIM = 1000  # pixels of a silhouette
NEIGHBOURS = tuple(row * PIXELS + column for row in (-1, 0, 1) for column in (-1, 0, 1))

Image = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ShadedViews:
    """What the views show.

    depth: (VIEWS, PIXELS**2) metres along the ray, inf off the shape; normal: (VIEWS, PIXELS**2, 3)
    unit; color: (VIEWS, PIXELS**2, 3) float32 L*a*b*, shaded.
    """

    depth: Floats
    normal: Floats
    color: Image

    @cached_property
    def on(self) -> Bools:
        """(VIEWS, PIXELS**2) bool pixels that show the shape."""
        return np.isfinite(self.depth)


@cache
def view_rays() -> Floats:
    """(VIEWS, PIXELS**2, 6) orthographic rays, origin in metres and unit direction.

    The views look at the origin from directions spread over the sphere.
    """
    step = np.arange(VIEWS) + 0.5
    height = 1 - 2 * step / VIEWS
    turn = np.pi * (1 + 5**0.5) * step
    flat = np.sqrt(1 - height**2)
    eye = np.stack([flat * np.cos(turn), flat * np.sin(turn), height], axis=1)
    right = np.cross(eye, [0.31, 0.17, 0.94])
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    up = np.cross(right, eye)
    grid = np.linspace(-REACH, REACH, PIXELS)
    x, y = (axis.ravel()[None, :, None] for axis in np.meshgrid(grid, grid))
    start = eye[:, None] + x * right[:, None] + y * up[:, None]
    return np.concatenate([start, np.broadcast_to(-eye[:, None], start.shape)], axis=2)


@cache
def _rays() -> Any:
    import open3d as o3d

    return o3d.core.Tensor(view_rays().astype(np.float32))


@once
def views_of(subject: Subject) -> ShadedViews:
    """Cast view_rays at the subject's shape."""
    shape = subject.shape
    hits = surface_hits(subject.raycaster, _rays())
    on = hits.on
    normal = np.zeros((*on.shape, 3))
    normal[on] = hits.normal
    color = np.zeros((*on.shape, 3), np.float32)
    direction = np.broadcast_to(view_rays()[:, :1, 3:], normal.shape)[on]
    color[on] = _shaded(shape, hits, direction)
    return ShadedViews(hits.depth, normal, color)


def _shaded(shape: Shape, hits: SurfaceHits, direction: Floats) -> Floats:
    """(P, 3) L*a*b* of what is hit, seen along directions (P, 3)."""
    facing = np.einsum("nk,nk->n", hits.normal, direction)
    lit = np.clip(-np.sign(facing) * (hits.normal @ (LIGHT / np.linalg.norm(LIGHT))), 0, 1)
    shade = AMBIENT + FACING * np.abs(facing) + LIT * lit
    color, _ = look_of(shape, hits.face, hits.weights)
    return lab(np.clip(color, 0, 1) * shade[:, None])


def noticed(before: ShadedViews, after: ShadedViews) -> Bools:
    """(VIEWS, PIXELS**2) bool pixels in which a person would see that the two differ.

    What has moved by no more than a pixel is not seen.
    """
    pixels = np.arange(before.depth.size)
    pixels = pixels[_distance(before, after, pixels, 0) > NOTICED]
    found = np.zeros(before.depth.size, bool)
    for first, second in ((before, after), (after, before)):
        left = pixels
        for shift in NEIGHBOURS:
            left = left[_distance(first, second, left, shift) > NOTICED]
        found[left] = True
    return found.reshape(before.depth.shape)


def noticed_share(before: ShadedViews, after: ShadedViews) -> float:
    """Pixels noticed in the view that has most of them, over those of the largest silhouette.

    0 to 1. None are where that view has fewer than FEWEST; a slim silhouette counts as one of SLIM
    pixels.
    """
    silhouette = (before.on | after.on).sum(axis=1).max()
    count = int(noticed(before, after).sum(axis=1).max())
    return count / max(silhouette, SLIM) if count >= FEWEST else 0.0


def _distance(first: ShadedViews, second: ShadedViews, pixels: Ints, shift: int) -> Floats:
    """(N,) L*a*b* distance of the first at flat indices (N,) and the second `shift` farther."""
    others = np.clip(pixels + shift, 0, second.depth.size - 1)
    here, there = first.on.ravel()[pixels], second.on.ravel()[others]
    step = first.color.reshape(-1, 3)[pixels] - second.color.reshape(-1, 3)[others]
    found: Floats = np.where(here & there, np.linalg.norm(step, axis=1), APART * (here != there))
    return found
