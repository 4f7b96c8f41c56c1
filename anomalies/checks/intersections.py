"""Whether an odd shape newly passes through itself."""

from __future__ import annotations

import numpy as np

from anomalies.subject import Subject, once
from datagen.geometry.self_intersections import Crossings, crossings
from datagen.geometry.shape import Bools, Floats

STEP = 0.005  # of the diagonal, between sample points on crossings
SAME_POSITION = 0.015  # of the diagonal
CARRIED = 0.06  # of the diagonal: as far as a dislodged fragment may move
STRETCH = 1.3  # how much longer a crossing may become by the deformation of its surroundings


@once
def crossings_of(subject: Subject) -> Crossings:
    """Where surfaces of the subject's shape cross."""
    return crossings(subject.shape)


def new_crossing_length(subject: Subject, odd: Subject) -> float:
    """Metres of self-crossing where no surfaces of the parent cross.

    Less those of the parent that are gone or lie near by: a deformation or a shifted fragment
    carries a crossing elsewhere, and a cut may join surfaces that crossed before. Positions and
    lengths do not change when triangles are split.
    """
    found = crossings_of(odd)
    if not found.same.any():
        return 0.0
    diagonal = subject.shape.diagonal
    everywhere, before = _samples(found, diagonal), _samples(crossings_of(subject), diagonal)
    folds = _samples(found.of_one_surface, diagonal)
    is_new = ~_near(folds[0], before[0], SAME_POSITION * diagonal)
    gone = before[1][~_near(before[0], everywhere[0], SAME_POSITION * diagonal)].sum()
    carried = before[1][_near(before[0], folds[0][is_new], CARRIED * diagonal)].sum()
    return max(0.0, float(folds[1][is_new].sum() - STRETCH * max(gone, carried)))


def _samples(crossings: Crossings, diagonal: float) -> tuple[Floats, Floats]:
    """(S, 3) points along the crossings and (S,) metres that each stands for."""
    count = np.maximum(1, np.ceil(crossings.lengths / (STEP * diagonal))).astype(np.int64)
    owner = np.repeat(np.arange(len(count)), count)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    fraction = ((rank + 0.5) / count[owner])[:, None]
    start, end = crossings.segments[owner, 0], crossings.segments[owner, 1]
    return start + fraction * (end - start), (crossings.lengths / count)[owner]


def _near(points: Floats, others: Floats, reach: float) -> Bools:
    """(N,) whether points (N, 3) lie within reach (metres) of one of the others (M, 3)."""
    from scipy.spatial import cKDTree

    if len(points) == 0 or len(others) == 0:
        return np.zeros(len(points), bool)
    distance, _ = cKDTree(others).query(points, distance_upper_bound=reach)
    near: Bools = np.isfinite(distance)
    return near
