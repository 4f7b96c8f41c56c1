"""Periodic 2D fields: whatever they make repeats without a seam. Fields are (S, S) float32."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft, ndimage

Field = NDArray[np.float32]
Ints = NDArray[np.int64]


class Cells(NamedTuple):
    """Worley noise, all (S, S).

    near, second: distances to the two nearest points, in cells; point: number of the nearest.
    """

    near: Field
    second: Field
    point: Ints


def grid(size: int) -> tuple[Field, Field]:
    """Pixel centres y and x, (S, S) each, in [0, 1), row 0 at the top."""
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size
    y, x = np.meshgrid(axis, axis, indexing="ij")
    return y, x


def fbm(
    rng: np.random.Generator,
    size: int,
    slope: float = 1.8,
    stretch: tuple[float, float] = (1.0, 1.0),
    low: float = 1.0,
    high: float = np.inf,
) -> Field:
    """(S, S) white noise filtered to an amplitude of frequency**-slope; mean 0, deviation 1.

    size: S, pixels. stretch: features are that many times longer along (y, x). low, high: cycles a
    tile.
    """
    spectrum = fft.rfft2(rng.standard_normal((size, size), dtype=np.float32))
    rows = np.fft.fftfreq(size, 1 / size)[:, None] * stretch[0]
    columns = np.fft.rfftfreq(size, 1 / size)[None, :] * stretch[1]
    frequency = np.hypot(rows, columns)
    gain = np.maximum(frequency, 1e-6) ** -slope
    gain[(frequency < low) | (frequency > high)] = 0
    field = fft.irfft2(spectrum * gain.astype(np.float32), s=(size, size))
    return ((field - field.mean()) / max(float(field.std()), 1e-9)).astype(np.float32)


def warp(field: Field, down: Field, right: Field) -> Field:
    """(S, S) the field read at positions moved by (down, right), (S, S) each, in tiles."""
    size = len(field)
    rows, columns = np.indices(field.shape, dtype=np.float32)
    positions = np.stack([rows + down * size, columns + right * size])
    return ndimage.map_coordinates(field, positions, order=1, mode="grid-wrap")


def cells(rng: np.random.Generator, size: int, count: int, jitter: float = 0.9) -> Cells:
    """Worley noise of count x count points, each moved inside its own cell by jitter (0 to 1).

    size: S, pixels.
    """
    offsets = (0.5 + jitter * (rng.random((count, count, 2)) - 0.5)).astype(np.float32)
    y, x = grid(size)
    y, x = y * count, x * count
    row, column = y.astype(np.int64), x.astype(np.int64)
    y, x = y - row, x - column
    near = np.full((size, size), 9, np.float32)
    second = near.copy()
    point = np.zeros((size, size), np.int64)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            other = (row + down) % count * count + (column + right) % count
            position = offsets.reshape(-1, 2)[other]
            distance = np.hypot(position[..., 0] + down - y, position[..., 1] + right - x)
            closer = distance < near
            second = np.where(closer, near, np.minimum(second, distance))
            near = np.where(closer, distance, near)
            point = np.where(closer, other, point)
    return Cells(near, second, point)


def smoothstep(low: float, high: float, value: Field) -> Field:
    """(S, S) 0 where value is below low, 1 above high, smooth between."""
    part = np.clip((value - low) / (high - low), 0, 1)
    return part * part * (3 - 2 * part)


def mix(first: ArrayLike, second: ArrayLike, share: Field) -> Field:
    """(S, S, 3) colours between first and second, which broadcast to it; share: (S, S), 0 to 1."""
    start = np.asarray(first, np.float32)
    return start + (np.asarray(second, np.float32) - start) * share[..., None]


def normals(height: Field) -> NDArray[np.uint8]:
    """(S, S, 3) uint8 OpenGL normal map (green towards row 0). height: (S, S), in pixels."""
    right = (np.roll(height, -1, 1) - np.roll(height, 1, 1)) / 2
    down = (np.roll(height, -1, 0) - np.roll(height, 1, 0)) / 2
    normal = np.stack([-right, down, np.ones_like(height)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return np.round(normal * 127.5 + 127.5).astype(np.uint8)
