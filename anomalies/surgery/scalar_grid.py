"""A scalar field on a regular grid: a solid's signed distance, the side of a cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datagen.geometry.shape import Floats


@dataclass(frozen=True, eq=False)
class Grid:
    """A field at the nodes of a regular grid.

    values: (X, Y, Z) float32 at origin + spacing * index; origin: (3,) and spacing in metres.
    """

    origin: Floats
    spacing: float
    values: NDArray[np.float32]

    def at(self, points: Floats) -> Floats:
        """(N,) the field at (N, 3) points, trilinear; beyond the grid its nearest value."""
        from scipy.ndimage import map_coordinates

        index = ((points - self.origin) / self.spacing).T
        found: Floats = map_coordinates(
            self.values.astype(np.float64), index, order=1, mode="nearest"
        )
        return found

    @property
    def points(self) -> Floats:
        """(X, Y, Z, 3) positions of the nodes, metres."""
        axes = [
            self.origin[k] + self.spacing * np.arange(n) for k, n in enumerate(self.values.shape)
        ]
        return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)

    def like(self, values: Floats) -> Grid:
        """Other values (X, Y, Z) on the same grid."""
        return Grid(self.origin, self.spacing, values.astype(np.float32))
