"""Twist: cross-sections turn about an axis, more the farther along it they lie (App. A.1)."""

from __future__ import annotations

from typing import Any

import numpy as np

from anomalies.bend import MAX_EDGE
from anomalies.refine import refine
from anomalies.severity import scaled
from anomalies.subject import Subject
from anomalies.surface import moved_faces, random_direction, surface_centroid, surface_distance
from datagen.shape import Bools, Floats, Shape

MIN_CHANGE = 0.008  # of the diagonal: mean distance between the twisted and the normal surface


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> dict[str, Any] | str:
    """axis: (3,) unit vector; angle: radians between the two ends."""
    return {
        "axis": random_direction(rng).tolist(),
        "angle": float(np.radians(scaled(severity, 15, 30, 60, 100)) * rng.choice([-1.0, 1.0])),
    }


def twist_points(
    points: Floats, axis: Floats, centre: Floats, low: float, high: float, angle: float
) -> Floats:
    """(V, 3) points turned by -angle/2 at `low` to +angle/2 at `high` (metres along the axis)."""
    height = points @ axis
    turn = angle * ((height - low) / max(high - low, 1e-12) - 0.5)
    offset = points - centre
    around = offset - np.outer(offset @ axis, axis)
    cosine, sine = np.cos(turn)[:, None], np.sin(turn)[:, None]
    return points + around * (cosine - 1) + np.cross(axis, around) * sine


def apply(subject: Subject, parameters: dict[str, Any]) -> tuple[Shape, Bools] | str:
    """Refine, then twist; rejects shapes that look the same because they turn onto themselves."""
    shape = subject.shape
    axis, centre = np.array(parameters["axis"]), surface_centroid(shape)
    height = shape.vertices @ axis
    fine, _ = refine(shape, MAX_EDGE * shape.diagonal)
    odd = fine.with_vertices(
        twist_points(fine.vertices, axis, centre, height.min(), height.max(), parameters["angle"])
    )
    area = odd.face_areas
    picks = np.searchsorted(np.cumsum(area), (np.arange(3000) + 0.5) / 3000 * area.sum())
    picks = np.minimum(picks, len(area) - 1)
    gap = surface_distance(odd.corners[picks].mean(axis=1), shape)
    if gap.mean() < MIN_CHANGE * shape.diagonal:
        return "symmetric about the axis"
    return odd, moved_faces(fine, odd)
