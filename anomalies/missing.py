"""Missing part: one part is taken away, and the rest must hold together (App. A.1)."""

from __future__ import annotations

from typing import Any

import numpy as np

from anomalies.parts import largest_share
from anomalies.refine import refine
from anomalies.subject import Subject
from anomalies.surface import surface_distance
from datagen.raycast import THREADS, raycaster
from datagen.shape import Bools, Shape

MIN_KEPT = 0.97  # of the largest group's share before
RIM = 0.02  # of the diagonal


def inapplicable(subject: Subject) -> str | None:
    """Whether the shape has no part of the right size."""
    return None if subject.parts.usable_parts else "no usable part"


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> dict[str, Any] | str:
    """part: index into find_parts(shape).names; name: for people."""
    parts = subject.parts
    part = int(rng.choice(parts.usable_parts))
    return {"part": part, "name": parts.names[part]}


def apply(subject: Subject, parameters: dict[str, Any]) -> tuple[Shape, Bools] | str:
    """Drop the part's faces; the affected faces are those of the rest next to it."""
    shape = subject.shape
    gone = subject.parts.face_label == parameters["part"]
    rest = shape.keep_faces(~gone)
    if largest_share(rest) < MIN_KEPT * subject.largest_share:
        return "the rest falls apart"
    return rest, _beside(rest, shape.keep_faces(gone), RIM * shape.diagonal)


def _beside(rest: Shape, gone: Shape, reach: float) -> Bools:
    """(F,) faces of rest with a corner within reach (metres) of gone, or nearest to a point there.

    The second covers faces that are much larger than reach.
    """
    import open3d as o3d

    corners = rest.corners.reshape(-1, 3)
    beside = surface_distance(corners, gone).reshape(-1, 3).min(axis=1) < reach
    points = refine(gone, reach)[0].vertices
    nearest = raycaster(rest).compute_closest_points(
        o3d.core.Tensor(points.astype(np.float32)), nthreads=THREADS
    )
    distance = np.linalg.norm(nearest["points"].numpy() - points, axis=1)
    beside[nearest["primitive_ids"].numpy()[distance < reach].astype(np.int64)] = True
    return np.asarray(beside)
