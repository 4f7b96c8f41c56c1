"""Noise in space, the same for the same seed."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats

LATTICE = 32  # knots to a side before the noise repeats


def lattice_noise(points: Floats, cell: float, seed: int, octaves: int = 1) -> Floats:
    """(N,) about -1 to 1 at (N, 3) points, metres: linear between random knots.

    cell: metres between knots. Every further octave has half the cell and half the strength.
    """
    from scipy.ndimage import map_coordinates

    rng = np.random.default_rng(seed)
    total = np.zeros(len(points))
    for octave in range(octaves):
        knots = rng.uniform(-1, 1, (LATTICE,) * 3)
        index = points.T / cell * 2**octave + rng.uniform(0, LATTICE, (3, 1))
        total += map_coordinates(knots, index, order=1, mode="grid-wrap") / 2**octave
    return total
