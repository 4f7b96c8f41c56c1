"""How strong an anomaly turned out, measured on the two shapes alone, whatever made it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from anomalies.gates import visible_share
from anomalies.subject import Subject
from anomalies.surface import surface_distance
from datagen.shape import Bools, Floats, Shape

SAMPLES = 4000


@dataclass(frozen=True)
class Strength:
    """displacement: the largest distance between the two surfaces over the normal diagonal.

    surface_share: of the area that is affected, or gone, whichever is more.
    visible_share: of the silhouette that looks different in the view that shows it best.
    """

    displacement: float
    surface_share: float
    visible_share: float

    def to_json(self) -> dict[str, Any]:
        return {name: round(value, 6) for name, value in asdict(self).items()}


def measure(subject: Subject, odd: Shape, affected: Bools) -> Strength:
    """affected: (F,) bool over the odd shape's faces."""
    shape = subject.shape
    area = odd.face_areas
    there = surface_distance(_surface_points(odd), shape)
    back = surface_distance(_surface_points(shape), odd)
    gone = float((back > 1e-3 * shape.diagonal).mean())
    return Strength(
        displacement=float(max(there.max(), back.max()) / shape.diagonal),
        surface_share=max(float(area[affected].sum() / area.sum()), gone),
        visible_share=visible_share(subject, odd),
    )


def _surface_points(shape: Shape) -> Floats:
    """(SAMPLES, 3) spread evenly over the area, the same every time."""
    area = np.cumsum(shape.face_areas)
    place = (np.arange(SAMPLES) + 0.5) / SAMPLES * area[-1]
    face = np.minimum(np.searchsorted(area, place), len(area) - 1)
    weights = np.random.default_rng(0).dirichlet(np.ones(3), SAMPLES)
    points: Floats = np.einsum("nk,nkd->nd", weights, shape.corners[face])
    return points
