"""Bend: a stretch follows a circular arc, and what lies beyond turns rigidly (App. A.1)."""

from __future__ import annotations

import numpy as np

from anomalies.anomaly_type import AnomalyType
from anomalies.parameters import Parameters
from anomalies.severity import Scale
from anomalies.subject import Subject
from anomalies.surgery.refine import refine_for
from datagen.geometry.shape import Bools, Floats, Shape
from datagen.geometry.surface import moved_faces, random_direction, surface_centroid

MAX_EDGE = 0.08  # of the diagonal, before edges are split where they bend
MIN_JACOBIAN = 0.15
ANGLE = Scale(12, 30, 40, 70)  # degrees


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> Parameters | str:
    """A random bending axis; the bent direction is the longest one across it.

    axis, along: (3,) unit vectors; angle: radians; start, end: metres along `along`.
    """
    shape = subject.shape
    axis = random_direction(rng)
    first = np.cross(axis, random_direction(rng))
    first /= np.linalg.norm(first)
    second = np.cross(axis, first)
    turns = np.arange(12) * np.pi / 12
    directions = np.cos(turns)[:, None] * first + np.sin(turns)[:, None] * second
    extent = np.ptp(shape.vertices @ directions.T, axis=0)
    along = directions[np.argmax(extent)]
    # The lighter end moves; the other stays where it is.
    reach = shape.vertices @ along
    if surface_centroid(shape) @ along > (reach.min() + reach.max()) / 2:
        along, reach = -along, -reach
    length = np.ptp(reach)
    axis *= rng.choice([-1.0, 1.0])
    angle = np.radians(ANGLE.at(severity))
    inside = ((shape.vertices - surface_centroid(shape)) @ np.cross(axis, along)).max()
    # A tight bend of a thick shape would fold its inner side.
    least = angle * inside / (1 - MIN_JACOBIAN)
    stretch = min(max(rng.uniform(0.35, 0.7) * length, 1.1 * least), 0.95 * length)
    start = reach.min() + rng.uniform(0.3, 1) * (length - stretch)
    return {
        "axis": axis.tolist(),
        "along": along.tolist(),
        "angle": float(angle),
        "start": float(start),
        "end": float(start + stretch),
    }


def bend_points(points: Floats, centre: Floats, parameters: Parameters) -> tuple[Floats, float]:
    """Bent (V, 3) points, metres, and the smallest Jacobian 1 - kappa y.

    The neutral line meets the centre (3,), metres; parameters: as draw gives them.
    """
    axis, along = np.array(parameters["axis"]), np.array(parameters["along"])
    across = np.cross(axis, along)
    start, end = parameters["start"], parameters["end"]
    kappa = parameters["angle"] / (end - start)
    x = points @ along - start
    y = (points - centre) @ across
    on_arc = np.clip(x, 0, end - start)
    beyond = x - on_arc  # negative before the arc, where turn is 0
    turn = kappa * on_arc
    sine, cosine = np.sin(turn), np.cos(turn)
    new_x = (1 / kappa - y) * sine + beyond * cosine
    new_y = 1 / kappa - (1 / kappa - y) * cosine + beyond * sine
    bent = points + (new_x - x)[:, None] * along + (new_y - y)[:, None] * across
    return bent, float(1 - kappa * y.max())


def apply(subject: Subject, parameters: Parameters) -> tuple[Shape, Bools] | str:
    """Refine where it bends, then bend in closed form; rejects folds."""
    shape = subject.shape
    centre = surface_centroid(shape)
    _, jacobian = bend_points(shape.vertices, centre, parameters)
    if jacobian < MIN_JACOBIAN:
        return "bend folds the shape"

    def deform(points: Floats) -> Floats:
        return bend_points(points, centre, parameters)[0]

    fine, bent = refine_for(shape, deform, MAX_EDGE * shape.diagonal)
    odd = fine.with_vertices(bent)
    return odd, moved_faces(fine, odd)


TYPE = AnomalyType(
    name="bend",
    code="bend",
    description="A stretch follows a circular arc, what lies beyond turns rigidly.",
    draw=draw,
    apply=apply,
    scales={
        "degrees": ANGLE,
    },
    least_seen=0.16,  # all of the shape changes a little
)
