"""Bend: a stretch follows a circular arc, and what lies beyond turns rigidly (App. A.1)."""

from __future__ import annotations

from typing import Any

import numpy as np

from anomalies.refine import refine
from datagen.shape import Bools, Floats, Shape

MAX_EDGE = 0.025  # of the diagonal
MIN_JACOBIAN = 0.15
MOVED = 0.002  # of the diagonal: faces that move more count as affected


def random_direction(rng: np.random.Generator) -> Floats:
    """(3,) uniform on the unit sphere."""
    direction = rng.normal(size=3)
    return direction / np.linalg.norm(direction)


def surface_centroid(shape: Shape) -> Floats:
    """(3,) area-weighted centre of the surface, metres."""
    area = shape.face_areas
    return (shape.corners.mean(axis=1) * area[:, None]).sum(axis=0) / max(area.sum(), 1e-30)


def moved_faces(before: Shape, after: Shape) -> Bools:
    """(F,) faces with a corner that moved visibly; both shapes have the same faces."""
    step = np.linalg.norm(after.vertices - before.vertices, axis=1)
    return (step > MOVED * before.diagonal)[before.faces].any(axis=1)


def draw(rng: np.random.Generator, shape: Shape) -> dict[str, Any] | str:
    """A random bending axis; the bent direction is the longest one across it.

    axis, along: (3,) unit vectors; angle: radians; start, end: metres along `along`.
    """
    axis = random_direction(rng)
    first = np.cross(axis, random_direction(rng))
    first /= np.linalg.norm(first)
    second = np.cross(axis, first)
    turns = np.arange(12) * np.pi / 12
    directions = np.cos(turns)[:, None] * first + np.sin(turns)[:, None] * second
    extent = np.ptp(shape.vertices @ directions.T, axis=0)
    along = directions[np.argmax(extent)]
    # The lighter end moves; the other keeps its place.
    reach = shape.vertices @ along
    if surface_centroid(shape) @ along > (reach.min() + reach.max()) / 2:
        along, reach = -along, -reach
    length = np.ptp(reach)
    stretch = rng.uniform(0.35, 0.7) * length
    start = rng.uniform(reach.min() + 0.1 * length, reach.max() - stretch)
    return {
        "axis": (axis * rng.choice([-1.0, 1.0])).tolist(),
        "along": along.tolist(),
        "angle": float(np.radians(rng.uniform(30, 40))),
        "start": float(start),
        "end": float(start + stretch),
    }


def bend_points(points: Floats, centre: Floats, parameters: dict[str, Any]) -> tuple[Floats, float]:
    """Bent (V, 3) points and the smallest Jacobian 1 - kappa y; the neutral line meets centre."""
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
    moved = points + (new_x - x)[:, None] * along + (new_y - y)[:, None] * across
    return moved, float(1 - kappa * y.max())


def apply(shape: Shape, parameters: dict[str, Any]) -> tuple[Shape, Bools] | str:
    """Refine, then bend in closed form; rejects folds."""
    centre = surface_centroid(shape)
    _, jacobian = bend_points(shape.vertices, centre, parameters)
    if jacobian < MIN_JACOBIAN:
        return "bend folds the shape"
    fine, _ = refine(shape, MAX_EDGE * shape.diagonal)
    odd = fine.with_vertices(bend_points(fine.vertices, centre, parameters)[0])
    return odd, moved_faces(fine, odd)
