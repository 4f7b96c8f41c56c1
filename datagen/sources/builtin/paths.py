"""Lines, and functions of an angle, that the solids are drawn along."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import CubicSpline

from datagen.geometry.shape import Floats
from datagen.sources.builtin.builder import Rng


def curve(points: ArrayLike, count: int = 32) -> Floats:
    """(count, D) evenly parametrised points on a cubic spline through points (N, D)."""
    given = np.asarray(points, dtype=float)
    steps = np.linalg.norm(np.diff(given, axis=0), axis=1)
    at = np.r_[0, np.cumsum(steps)]
    result: Floats = CubicSpline(at, given)(np.linspace(0, at[-1], count))
    return result


def dome(points: ArrayLike, count: int = 24) -> Floats:
    """(count, 2) a spline of (radius, z) whose last point lies on the axis exactly."""
    rows = curve(points, count)
    rows[-1, 0] = 0
    return rows


def closed_curve(points: Floats, count: int = 72) -> Floats:
    """(count, D) evenly spaced points on a smooth closed curve through points (N, D)."""
    wrapped = np.concatenate([points[-3:], points, points[:4]])
    dense = curve(wrapped, 4000)
    start = int(np.argmin(np.linalg.norm(dense[:1500] - points[0], axis=1)))
    stop = 2000 + int(np.argmin(np.linalg.norm(dense[2000:] - points[0], axis=1)))
    part = dense[start:stop]
    at = np.r_[0, np.cumsum(np.linalg.norm(np.diff(part, axis=0), axis=1))]
    even = np.linspace(0, at[-1], count, endpoint=False)
    return np.column_stack([np.interp(even, at, part[:, k]) for k in range(part.shape[1])])


def fillet(points: ArrayLike, radius: float, steps: int = 4, closed: bool = False) -> Floats:
    """(M, D) the polyline (N, D) with its corners rounded off; the ends stay unless closed."""
    given = np.asarray(points, dtype=float)
    middle = range(len(given)) if closed else range(1, len(given) - 1)
    out = [] if closed else [given[:1]]
    for i in middle:
        before, here, after = given[i - 1], given[i], given[(i + 1) % len(given)]
        lengths = np.linalg.norm([before - here, after - here], axis=1)
        cut = min(radius, 0.46 * lengths.min())
        start = here + (before - here) * cut / lengths[0]
        end = here + (after - here) * cut / lengths[1]
        t = np.linspace(0, 1, steps + 1)[:, None]
        out.append((1 - t) ** 2 * start + 2 * t * (1 - t) * here + t**2 * end)
    return np.concatenate(out if closed else [*out, given[-1:]])


def turns(count: int) -> Floats:
    """(count,) angles in radians evenly round a circle, the first of them 0."""
    return np.arange(count) * 2 * np.pi / count


def circle(radius: float, count: int, z: float = 0.0) -> Floats:
    """(count, 3) points evenly round the z axis."""
    angle = turns(count)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle), np.full(count, z)])


def waves(
    rng: Rng, count: int, size: float, low: int = 2, high: int = 9
) -> Callable[[Floats], Floats]:
    """A random periodic function of angles in radians, of any shape, about size high.

    count: of its waves, each with from low to below high periods round the circle.
    """
    order = rng.integers(low, high, count)
    phase, share = rng.uniform(0, 2 * np.pi, count), rng.uniform(0.4, 1, count)
    share *= size / share.sum()

    def height(angle: Floats) -> Floats:
        result: Floats = (share * np.sin(np.asarray(angle)[..., None] * order + phase)).sum(axis=-1)
        return result

    return height
