"""How much of the volume only one of two shapes has, by probes that both are asked for."""

from __future__ import annotations

import numpy as np

from anomalies.subject import Subject, once
from datagen.geometry.shape import Bools, Floats, Ints, Shape

PROBES = 8000  # of volume, in the normal shape's box
MIXER = np.uint64(0x9E3779B97F4A7C15)
MIN_CELLS = 40  # probes inside a shape that has a volume worth comparing
AROUND = 0.02  # of the diagonal: the sampled surface may miss as much of what is gone


def volume_share(subject: Subject, odd: Shape, changed: Floats) -> float:
    """Probes that only one shape holds over those that the normal one does.

    changed: (N, 3) metres, where the two differ; beyond the box of these neither has what the other
    lacks. 0 where the normal shape holds next to nothing.
    """
    before = held_cells_of(subject)
    if len(before) < MIN_CELLS or len(changed) == 0:
        return 0.0
    spacing, margin = probe_spacing(subject.shape), AROUND * subject.shape.diagonal
    box = np.stack([changed.min(axis=0) - margin, changed.max(axis=0) + margin])
    first, last = np.floor(box / spacing).astype(np.int64)
    index = _indices(before)
    within = ((index >= first) & (index <= last)).all(axis=1)
    return len(np.setxor1d(before[within], held_cells(odd, spacing, box))) / len(before)


@once
def held_cells_of(subject: Subject) -> Ints:
    """held_cells of the subject's shape, all of them."""
    return held_cells(subject.shape, probe_spacing(subject.shape))


def probe_spacing(shape: Shape) -> float:
    """Metres between the probes of volume."""
    return float(np.cbrt(np.prod(np.ptp(shape.bounds, axis=0)) / PROBES))


def held_cells(shape: Shape, spacing: float, box: Floats | None = None) -> Ints:
    """(N,) numbers of the probes inside the shape, on one lattice for all; spacing in metres.

    box: (2, 3) where to look, metres; None: everywhere.
    """
    low, high = shape.bounds
    if box is not None:
        low, high = np.maximum(low, box[0]), np.minimum(high, box[1])
    first, last = np.floor(np.stack([low, high]) / spacing).astype(np.int64)
    index = np.stack(
        np.meshgrid(
            *[np.arange(a, b + 1) for a, b in zip(first, last, strict=True)], indexing="ij"
        ),
        axis=-1,
    ).reshape(-1, 3)
    shifted = index + 2**20
    cells = (shifted[:, 0] << 42) | (shifted[:, 1] << 21) | shifted[:, 2]
    # Anywhere in its cell, always at the same point, or whole layers would come and go together.
    mixed = (cells.astype(np.uint64) * MIXER) ^ (cells.astype(np.uint64) >> np.uint64(29))
    mixed *= MIXER
    jitter = np.stack([(mixed >> np.uint64(bits)) % np.uint64(2**14) for bits in (22, 36, 50)], 1)
    inside: Ints = cells[holds(shape, (index + (jitter + 0.5) / 2**14) * spacing)]
    return inside


def _indices(cells: Ints) -> Ints:
    """(N, 3) into the lattice: what the numbers of cells (N,) stand for."""
    index: Ints = np.stack([(cells >> bits) & (2**21 - 1) for bits in (42, 21, 0)], axis=1)
    return index - 2**20


def holds(shape: Shape, points: Floats) -> Bools:
    """(N,) bool whether the shape's faces go round (N, 3) points, open and crossing ones too."""
    import igl

    if len(points) == 0:
        return np.zeros(0, bool)
    winding = igl.fast_winding_number(
        np.ascontiguousarray(shape.vertices), np.ascontiguousarray(shape.faces), points
    )
    inside: Bools = np.abs(np.asarray(winding)) > 0.5
    return inside
