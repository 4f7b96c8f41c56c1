"""The floor's height from photographs alone: only on the floor do all of them show one pattern.

Horizontal planes are tried one after the other. Every photograph is laid onto the plane; where the
plane is the floor, the photographs agree cell by cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates, uniform_filter
from scipy.optimize import minimize

from benchmark.capture.geometry import camera_distance, looked_at
from benchmark.capture.images import read_photo, resized
from benchmark.capture.photos import Capture, Floats
from benchmark.capture.placement import Plane

PIXELS = 256  # longer side of the photographs
CELLS = 96
REACH = 0.45  # half the width of the plane, in camera distances
HEIGHTS = np.linspace(-0.4, 0.1, 101)  # from what is looked at, in camera distances
PATCH = 7  # cells that are compared at once
LEAST_CONTRAST = 1e-5  # variance within a patch, of grey values 0 to 1
LEAST_AGREEMENT = 0.05  # correlation; a floor without any pattern has .00 to .04
TILT = 0.05  # radians: first step of the search for the last bit of tilt


@dataclass(frozen=True)
class _View:
    """grey: (H, W) 0 to 1. projection: (3, 4) from the capture to pixels."""

    grey: Floats
    projection: Floats


def sweep(capture: Capture, up: Floats, views: list[int]) -> Plane | None:
    """The plane at about right angles to up (3,) on which the photographs agree best; None
    where they agree on none."""
    poses = capture.poses()
    middle = looked_at(poses)
    unit = camera_distance(poses, middle)
    seen = [_view(capture, number) for number in views]

    def plane(numbers: Floats) -> tuple[Floats, Floats]:
        """Normal and a point, of tilts along two directions (radians) and a height."""
        first, second = _beside(up)
        normal = up + numbers[0] * first + numbers[1] * second
        normal = normal / np.linalg.norm(normal)
        return normal, middle + numbers[2] * unit * normal

    def agreement_of(numbers: Floats) -> float:
        return agreement(seen, *plane(numbers), REACH * unit)

    found = [agreement_of(np.array([0, 0, height])) for height in HEIGHTS]
    best = int(np.argmax(found))
    start = np.array([0, 0, HEIGHTS[best]])
    step = HEIGHTS[1] - HEIGHTS[0]
    simplex = start + np.array([[0, 0, 0], [TILT, 0, 0], [0, TILT, 0], [0, 0, step]])
    result = minimize(
        lambda numbers: -agreement_of(numbers),
        start,
        method="Nelder-Mead",
        options={"initial_simplex": simplex, "xatol": 1e-4, "fatol": 1e-4, "maxfev": 120},
    )
    if -result.fun < LEAST_AGREEMENT:
        return None
    normal, point = plane(result.x)
    return Plane(normal, -float(normal @ point))


def agreement(views: list[_View], normal: Floats, point: Floats, reach: float) -> float:
    """Correlation of patches, mean over pairs of views, median over the plane's cells; -1 to 1.

    The median asks more than half of the plane to agree: the tops of flat objects do not.
    """
    first, second = _beside(normal)
    steps = np.linspace(-reach, reach, CELLS)
    x, y = np.meshgrid(steps, steps)
    cells = point + x[..., None] * first + y[..., None] * second
    laid, visible = zip(*(_laid(view, cells) for view in views), strict=True)
    values, seen = np.stack(laid), np.stack(visible) & (np.hypot(x, y) <= reach)
    mean = _patch_mean(values)
    spread = np.sqrt(np.maximum(_patch_mean(values * values) - mean**2, 0))
    total, pairs = np.zeros(x.shape), np.zeros(x.shape, int)
    for k, m in combinations(range(len(views)), 2):
        both = seen[k] & seen[m]
        product = _patch_mean(values[k] * values[m]) - mean[k] * mean[m]
        total += np.where(both, product / (spread[k] * spread[m] + LEAST_CONTRAST), 0)
        pairs += both
    shared = pairs > 0
    return float(np.median(total[shared] / pairs[shared])) if shared.any() else 0.0


def _patch_mean(values: Floats) -> Floats:
    """Over PATCH x PATCH cells of the last two axes."""
    return uniform_filter(values, (0,) * (values.ndim - 2) + (PATCH, PATCH))


def _view(capture: Capture, number: int) -> _View:
    photo = capture.photos[number]
    pixels, matrix = resized(read_photo(photo), photo.lens.matrix, PIXELS)
    grey = gaussian_filter(pixels.mean(axis=2, dtype=np.float32) / 255, 1.0)
    return _View(grey, matrix @ photo.world_to_camera[:3])


def _laid(view: _View, cells: Floats) -> tuple[Floats, np.ndarray]:
    """Grey values at the cells (R, C, 3), and which of them the view shows."""
    local = cells @ view.projection[:, :3].T + view.projection[:, 3]
    ahead = local[..., 2] > 0
    pixels = local[..., :2] / np.where(ahead, local[..., 2], 1)[..., None]
    height, width = view.grey.shape
    visible = ahead & (pixels >= 0).all(-1) & (pixels <= [width, height]).all(-1)
    where = pixels[..., ::-1].transpose(2, 0, 1) - 0.5
    values = map_coordinates(view.grey, where, np.float32, order=1, mode="nearest")
    return values, visible


def _beside(normal: Floats) -> tuple[Floats, Floats]:
    """Two unit vectors at right angles to a normal (3,) and to each other."""
    helper = np.eye(3)[np.argmin(np.abs(normal))]
    first = np.cross(normal, helper)
    first = first / np.linalg.norm(first)
    return first, np.cross(normal, first)
