"""The side of a rough cut: from chosen tetrahedra to a field whose zero is the broken surface."""

from __future__ import annotations

import numpy as np

from anomalies.fracturing.fracture_modes import FractureModes
from anomalies.fracturing.tetrahedra import STRIDE
from anomalies.surgery.scalar_grid import Grid
from datagen.geometry.shape import Bools, Floats

SMOOTHING = 0.4  # standard deviation over the typical tetrahedron's size
COARSEST = 0.12  # of the diagonal: distance of the knots of the first octave
OCTAVES = 4
NOISE_REACH = 2.2  # smoothing widths, at most: noise makes no islands where the field levels off


def region_field(
    solid: Grid, modes: FractureModes, chosen: Bools, seed: int, roughness: float
) -> Grid:
    """Negative inside the chosen tetrahedra (T,) bool, zero on their boundary, on the solid's grid.

    Near zero about a distance in metres; farther away it levels off. roughness: how far noise,
    which `seed` decides, moves the boundary, over the solid's diagonal.
    """
    from scipy.ndimage import gaussian_filter
    from scipy.special import ndtri

    size = float(np.median(modes.volumes)) ** (1 / 3)
    width = SMOOTHING * size
    coarse = solid.spacing * STRIDE
    share = gaussian_filter(
        chosen[modes.tetrahedra.nearest].astype(np.float32), width / coarse, mode="nearest"
    )
    smooth = -width * ndtri(np.clip(share, 1e-3, 1 - 1e-3))
    values = _finer(smooth, solid.values.shape)
    if roughness == 0:
        return solid.like(values)
    diagonal = solid.spacing * float(np.linalg.norm(solid.values.shape))
    noise = _fractal_noise(solid, COARSEST * diagonal, np.random.default_rng(seed))
    most = NOISE_REACH * width
    return solid.like(values + np.clip(roughness * diagonal * noise, -most, most))


def _finer(values: Floats, shape: tuple[int, ...]) -> Floats:
    """Values of every STRIDE-th node, linear in between, on the whole grid."""
    positions = [np.arange(count) / STRIDE for count in shape]
    return _resampled(
        values, [_hat(_offsets(p, n)) for p, n in zip(positions, values.shape, strict=True)]
    )


def _fractal_noise(grid: Grid, cell: float, rng: np.random.Generator) -> Floats:
    """(X, Y, Z) of standard deviation 1: smooth noise, each octave half as wide and strong."""
    total = np.zeros(grid.values.shape)
    for octave in range(OCTAVES):
        step = 2**octave * grid.spacing / cell
        positions = [np.arange(n) * step + rng.uniform(1, 2) for n in grid.values.shape]
        count = [int(position[-1]) + 3 for position in positions]
        knots = rng.normal(size=count)
        weights = [_bump(_offsets(p, n)) for p, n in zip(positions, count, strict=True)]
        total += _resampled(knots, weights) / 2**octave
    noise: Floats = total / total.std()
    return noise


def _offsets(position: Floats, count: int) -> Floats:
    """(N, K) distances of positions (N,) from the first `count` whole numbers."""
    return np.abs(position[:, None] - np.arange(count))


def _hat(distance: Floats) -> Floats:
    """Weights of linear interpolation."""
    return np.maximum(1 - distance, 0)


def _bump(distance: Floats) -> Floats:
    """Weights of a cubic B-spline."""
    return (np.maximum(2 - distance, 0) ** 3 - 4 * np.maximum(1 - distance, 0) ** 3) / 6


def _resampled(knots: Floats, weights: list[Floats]) -> Floats:
    """(X, Y, Z) sums of knots (K, L, M), weighted along one axis after the other."""
    values = knots.astype(np.float32)
    for weight in weights:
        values = np.tensordot(values, weight.T.astype(np.float32), axes=(0, 0))
    return values.astype(np.float64)
