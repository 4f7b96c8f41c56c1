"""Missing part: one part is taken away, and the rest must stay practical (App. A.1).

The paper discards a shape that is impractical without the part. Here the rest must hold together,
and stand as it is wherever the whole did.
"""

from __future__ import annotations

import numpy as np

from anomalies.anomaly_type import AnomalyType, Traits
from anomalies.parameters import Parameters
from anomalies.parts.find import parts_of
from anomalies.parts.pieces import largest_share, largest_share_of
from anomalies.subject import Subject
from anomalies.surgery.refine import refine
from datagen.geometry.raycast import THREADS, raycaster
from datagen.geometry.shape import Bools, Floats, Shape
from datagen.geometry.surface import surface_centroid, surface_distance

MIN_KEPT = 0.97  # of the share that the largest component of pieces had before
RIM = 0.02  # of the diagonal
SHARPNESS = 4.0  # how strictly the part's size follows the severity
GROUND = 0.01  # of the diagonal: what is this low rests on the floor
LEAN = 0.02  # of the diagonal: how far past its feet the middle may be


def inapplicable(subject: Subject) -> str | None:
    """`no part that comes off` where the shape has none, else None."""
    return None if parts_of(subject).any_movable else "no part that comes off"


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> Parameters | str:
    """part: index into parts_of(subject).items, the larger the more severe; name: for people."""
    parts = parts_of(subject)
    share = np.array([part.share for part in parts.items])
    rank = np.argsort(np.argsort(share)) / max(len(share) - 1, 1)
    weight = np.exp(-SHARPNESS * np.abs(rank - severity))
    order = rng.choice(len(share), len(share), replace=False, p=weight / weight.sum()).tolist()
    part = next(index for index in order if parts.is_movable(index))
    return {"part": part, "name": parts.items[part].name}


def apply(subject: Subject, parameters: Parameters) -> tuple[Shape, Bools] | str:
    """Drop the part; the affected faces are the caps and those of the rest next to it.

    A rejection where the rest falls apart, or tips over though the whole stood.
    """
    part = parts_of(subject).items[parameters["part"]]
    if part.detached is None:
        return "no part that comes off"
    rest = part.detached.rest
    if largest_share(rest.shape) < MIN_KEPT * largest_share_of(subject):
        return "the rest falls apart"
    if stands(subject.shape) and not stands(rest.shape):
        return "the rest tips over"
    beside = _beside(rest.shape, part.detached.part.shape, RIM * subject.shape.diagonal)
    return rest.shape, beside | rest.capped


def stands(shape: Shape) -> bool:
    """Whether the middle of the surface is above what rests on the floor, z being up."""
    points, size = shape.vertices, shape.diagonal
    feet = points[points[:, 2] < points[:, 2].min() + GROUND * size][:, :2]
    return _outside_hull(surface_centroid(shape)[:2], feet) <= LEAN * size


def _outside_hull(point: Floats, points: Floats) -> float:
    """How far a point (2,) is outside the convex hull of points (N, 2)."""
    turns = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    sides = np.stack([np.cos(turns), np.sin(turns)])
    return float((point @ sides - (points @ sides).max(axis=0)).max())


def _beside(rest: Shape, gone: Shape, reach: float) -> Bools:
    """(F,) faces of rest with a corner within reach (metres) of gone, or nearest to a point there.

    The second covers faces that are much larger than reach.
    """
    import open3d as o3d

    beside = (surface_distance(rest.vertices, gone) < reach)[rest.faces].any(axis=1)
    points = refine(gone, reach)[0].vertices
    nearest = raycaster(rest).compute_closest_points(
        o3d.core.Tensor(points.astype(np.float32)), nthreads=THREADS
    )
    distance = np.linalg.norm(nearest["points"].numpy() - points, axis=1)
    beside[nearest["primitive_ids"].numpy()[distance < reach].astype(np.int64)] = True
    return np.asarray(beside)


TYPE = AnomalyType(
    name="missing",
    code="miss",
    description="A part has been taken away.",
    draw=draw,
    apply=apply,
    inapplicable=inapplicable,
    traits=Traits(takes_pieces=True),
)
