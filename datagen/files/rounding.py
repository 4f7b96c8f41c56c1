"""What single precision rounds the points of models far from the origin to."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from datagen.geometry.shape import Floats

SHOWS = 1e-4  # of a model's size: rounding from where on it is told


@dataclass
class Rounding:
    """What single precision rounds a model's points to, gathered object by object."""

    _points: list[float] = field(default_factory=list)
    _places: list[float] = field(default_factory=list)

    def add(self, points: Floats, matrix: Floats) -> None:
        """points: (V, 3) in the object's frame; matrix: (4, 4) to the world."""
        scale = float(np.abs(np.linalg.svd(matrix[:3, :3], compute_uv=False)).max())
        self._points.append(scale * _step(points))
        self._places.append(_step(matrix[:3, 3]))

    def told(self, vertices: Floats) -> list[str]:
        """A warning where it shows; vertices: (V, 3) of the whole model in the world."""
        size = float(np.ptp(vertices, axis=0).max())
        step = max([*self._points, *(self._places if len(self._places) > 1 else ())], default=0.0)
        if step <= SHOWS * size:
            return []
        return [
            f"lies so far from the origin that its points are rounded to 1/{size / step:.0f} of "
            "its size; move it to the origin and export it again."
        ]


def _step(values: Floats) -> float:
    return float(np.spacing(np.float32(np.abs(values).max())))
