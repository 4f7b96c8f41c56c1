"""Clouds of points, and the views that they are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cloud:
    """points (P, 3): world, metres. colours (P, 3): 0..1, sRGB."""

    points: Floats
    colours: Floats

    def at(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Cloud:
        """Some of the points."""
        return Cloud(self.points[chosen], self.colours[chosen])


@dataclass(frozen=True)
class PosedViews:
    """V views of H x W pixels; pixel i covers [i, i + 1).

    rgb (V, H, W, 3) uint8 sRGB. intrinsics (V, 3, 3). world_to_camera (V, 4, 4), OpenCV axes,
    metres; the world's floor is z = 0. depth (V, H, W) of the labels, metres along the camera's z
    axis, 0 where nothing is hit; None where there are no labels.
    """

    rgb: NDArray[np.uint8]
    intrinsics: Floats
    world_to_camera: Floats
    depth: NDArray[np.float32] | None = None


def posed_views(
    rgb: NDArray[np.uint8],
    intrinsics: Floats,
    world_to_camera: Floats,
    depth: NDArray[np.float32] | None = None,
) -> PosedViews:
    """The same; intrinsics (3, 3) of all views or (V, 3, 3)."""
    return PosedViews(rgb, np.broadcast_to(intrinsics, (len(rgb), 3, 3)), world_to_camera, depth)
