"""Twist: cross-sections turn about an axis, more the farther along it they lie (App. A.1)."""

from __future__ import annotations

import numpy as np

from anomalies.anomaly_type import AnomalyType
from anomalies.parameters import Parameters
from anomalies.severity import Scale
from anomalies.subject import Subject
from anomalies.surgery.refine import refine_for
from datagen.geometry.shape import Bools, Floats, Shape
from datagen.geometry.surface import moved_faces, random_direction, surface_centroid

AXES = 8
FAR = 0.7  # of what the best of the axes moves the surface
MAX_EDGE = 0.08  # of the diagonal, before edges are split where they bend
MAX_SHEAR = 1.5  # between neighbouring cross-sections; beyond it, a rod becomes a fan
MIN_CHANGE = 0.12  # of the way that points move: how far the surface they are on gets on average
ANGLE = Scale(15, 30, 50, 95)  # degrees between the ends


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> Parameters | str:
    """One of some random axes about which the shape is not symmetric and moves far, untorn.

    axis: (3,) unit vector; angle: radians between the two ends.
    """
    angle = float(np.radians(ANGLE.at(severity)) * rng.choice([-1.0, 1.0]))
    axes = [random_direction(rng) for _ in range(AXES)]
    axes = [axis for axis in axes if _shear(subject, axis, angle) < MAX_SHEAR]
    if not axes:
        return "shears too much"
    change, way = np.array([_change(subject, axis, angle) for axis in axes]).T
    fits = change > MIN_CHANGE * way
    if not fits.any():
        return "symmetric about the axis"
    first = int(np.argmax(fits & (change >= FAR * change[fits].max())))
    return {"axis": axes[first].tolist(), "angle": angle}


def twist_points(
    points: Floats, axis: Floats, centre: Floats, low: float, high: float, angle: float
) -> Floats:
    """(V, 3) points turned by -angle/2 at `low` to +angle/2 at `high` (metres along the axis).

    axis: (3,) unit, through the centre (3,), metres; angle: radians.
    """
    height = points @ axis
    turn = angle * ((height - low) / max(high - low, 1e-12) - 0.5)
    offset = points - centre
    around = offset - np.outer(offset @ axis, axis)
    cosine, sine = np.cos(turn)[:, None], np.sin(turn)[:, None]
    turned: Floats = points + around * (cosine - 1) + np.cross(axis, around) * sine
    return turned


def _twisted(subject: Subject, points: Floats, axis: Floats, angle: float) -> Floats:
    """(V, 3) points twisted about an axis through the surface's centroid, from end to end."""
    height = subject.shape.vertices @ axis
    centre = surface_centroid(subject.shape)
    return twist_points(points, axis, centre, height.min(), height.max(), angle)


def _shear(subject: Subject, axis: Floats, angle: float) -> float:
    """How far a point slides over the cross-section below it, over their distance; the largest."""
    offset = subject.surface_points[0] - surface_centroid(subject.shape)
    height = offset @ axis
    radius = np.linalg.norm(offset - np.outer(height, axis), axis=1).max()
    return float(abs(angle) * radius / max(np.ptp(height), 1e-12))


def _change(subject: Subject, axis: Floats, angle: float) -> tuple[float, float]:
    """Mean metres of the twisted surface from the normal one, and mean way of its points."""
    points = subject.surface_points[0][::4]
    twisted = _twisted(subject, points, axis, angle)
    way = np.linalg.norm(twisted - points, axis=1).mean()
    return float(subject.surface_distance(twisted).mean()), float(way)


def apply(subject: Subject, parameters: Parameters) -> tuple[Shape, Bools] | str:
    """Refine, then twist; rejects shapes that look the same because they turn onto themselves."""
    axis, angle = np.array(parameters["axis"]), parameters["angle"]
    change, way = _change(subject, axis, angle)
    if change < MIN_CHANGE * way:
        return "symmetric about the axis"

    def deform(points: Floats) -> Floats:
        return _twisted(subject, points, axis, angle)

    fine, twisted = refine_for(subject.shape, deform, MAX_EDGE * subject.shape.diagonal)
    odd = fine.with_vertices(twisted)
    return odd, moved_faces(fine, odd)


TYPE = AnomalyType(
    name="twist",
    code="twist",
    description="Cross-sections turn about an axis, more the farther along it they lie, without "
    "tearing.",
    draw=draw,
    apply=apply,
    scales={
        "degrees between the ends": ANGLE,
    },
    least_seen=0.16,  # all of the shape changes a little
)
