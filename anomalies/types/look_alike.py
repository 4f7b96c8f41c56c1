"""A look-alike: another shape that is almost the same, where its parent was and in its colours.

App. A.1: "a different but geometrically similar instance". Whence it comes (a library of features,
or the parameter space of the built-in shapes) is datagen.look_alikes's business.
"""

from __future__ import annotations

import numpy as np

from anomalies.anomaly_type import AnomalyType, Traits
from anomalies.parameters import Parameters
from anomalies.parts.pieces import largest_share, largest_share_of
from anomalies.subject import Subject
from datagen.geometry.raycast import THREADS, raycaster
from datagen.geometry.shape import Bools, Shape
from datagen.geometry.surface import surface_distance, surface_points

DIFFERS = 0.00375  # metres: what a scene's defect mask counts as moved, in the shape's own frame
NO_SOURCE = "no library of similar shapes given"
HELD = 0.97  # of the share that the parent's largest component of pieces has
BARYCENTRIC = np.concatenate(
    [0.5 - 0.5 * np.eye(3), 0.05 + 0.85 * np.eye(3), np.full((1, 3), 1 / 3)]
)  # coordinates at which a face is compared besides its corners


def inapplicable(subject: Subject) -> str | None:
    """The reason where there is nowhere to look for a shape like this, else None."""
    if subject.look_alikes is None:
        return NO_SOURCE
    return subject.look_alikes.inapplicable(subject.shape)


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> Parameters | str:
    """A neighbour between the two Chamfer thresholds, and how it lies on its parent.

    What the parameters are is for the source of look-alikes to say (LookAlikeSource).
    """
    if subject.look_alikes is None:
        return NO_SOURCE
    return subject.look_alikes.draw(rng, subject.shape, severity)


def apply(subject: Subject, parameters: Parameters) -> tuple[Shape, Bools] | str:
    """The neighbour, and its faces that leave the parent's surface or cover what is gone."""
    if subject.look_alikes is None:
        return NO_SOURCE
    odd = subject.look_alikes.make(subject.shape, parameters)
    if isinstance(odd, str):
        return odd
    if largest_share(odd) < HELD * largest_share_of(subject):
        return "in loose pieces"
    affected = differing(subject, odd)
    return (odd, affected) if affected.any() else "hardly differs"


def differing(subject: Subject, odd: Shape) -> Bools:
    """(F,) bool faces farther than DIFFERS from the parent, or nearest to what is gone of it."""
    import open3d as o3d

    affected: Bools = (subject.surface_distance(odd.vertices) > DIFFERS)[odd.faces].any(axis=1)
    left = np.flatnonzero(~affected)
    if len(left):
        compared = np.einsum("qk,fkd->fqd", BARYCENTRIC, odd.corners[left])
        apart = subject.surface_distance(compared.reshape(-1, 3)).reshape(len(left), -1)
        affected[left] = apart.max(axis=1) > DIFFERS
    points, face = surface_points(odd, len(subject.surface_points[0]))
    affected[face[subject.surface_distance(points) > DIFFERS]] = True
    scene, parent = raycaster(odd), subject.surface_points[0]
    gone = parent[surface_distance(parent, odd, scene) > DIFFERS]
    if len(gone):
        query = o3d.core.Tensor(gone.astype(np.float32))
        near = scene.compute_closest_points(query, nthreads=THREADS)["primitive_ids"]
        affected[near.numpy().astype(np.int64)] = True
    return affected


TYPE = AnomalyType(
    name="look_alike",
    code="diff",
    description="Another shape that is almost the same, in its parent's place and materials.",
    draw=draw,
    apply=apply,
    inapplicable=inapplicable,
    exempt=frozenset({"inside out", "crosses itself"}),
    needs_look_alikes=True,
    traits=Traits(another_shape=True),
)
