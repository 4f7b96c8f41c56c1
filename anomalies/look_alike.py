"""A look-alike: another shape that is almost the same, in its parent's place and colours.

App. A.1: "a different but geometrically similar instance". Whence it comes (a library of features,
or the parameter space of the built-in shapes) is datagen.similar's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from anomalies.pieces import largest_share
from anomalies.subject import Subject
from anomalies.surface import surface_distance, surface_points
from datagen.raycast import THREADS, raycaster
from datagen.shape import Bools, Shape

DIFFERS = 0.00375  # metres: what a scene's defect mask counts as moved, in the shape's own frame
HELD = 0.97  # of the share of the parent that holds together
PLACES = np.concatenate(
    [0.5 - 0.5 * np.eye(3), 0.05 + 0.85 * np.eye(3), np.full((1, 3), 1 / 3)]
)  # barycentric, where a face is compared besides its corners


class LookAlikes(Protocol):
    """Where look-alikes of shapes come from; answers with a reason where there is none.

    draw: JSON-able parameters; make: the shape that they name, on its parent and in its colours.
    """

    def holds(self, shape: Shape) -> bool: ...

    def inapplicable(self, shape: Shape) -> str | None: ...

    def draw(
        self, rng: np.random.Generator, shape: Shape, severity: float
    ) -> dict[str, Any] | str: ...

    def make(self, shape: Shape, parameters: Mapping[str, Any]) -> Shape | str: ...


def inapplicable(subject: Subject) -> str | None:
    """Whether there is nowhere to look for a shape like this."""
    origin = _origin(subject)
    if origin is None:
        return "no library of similar shapes given"
    return origin.inapplicable(subject.shape)


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> dict[str, Any] | str:
    """A neighbour between the two Chamfer thresholds, and how it lies on its parent."""
    origin = _origin(subject)
    assert origin is not None
    return origin.draw(rng, subject.shape, severity)


def apply(subject: Subject, parameters: dict[str, Any]) -> tuple[Shape, Bools] | str:
    """The neighbour, and its faces that leave the parent's surface or cover what is gone."""
    origin = _origin(subject)
    assert origin is not None
    odd = origin.make(subject.shape, parameters)
    if isinstance(odd, str):
        return odd
    if largest_share(odd) < HELD * subject.largest_share:
        return "in loose pieces"
    affected = differing(subject, odd)
    return (odd, affected) if affected.any() else "hardly differs"


def differing(subject: Subject, odd: Shape) -> Bools:
    """(F,) faces farther than DIFFERS from the parent, or nearest to a part of it that is gone."""
    import open3d as o3d

    affected: Bools = (subject.surface_distance(odd.vertices) > DIFFERS)[odd.faces].any(axis=1)
    left = np.flatnonzero(~affected)
    if len(left):
        places = np.einsum("qk,fkd->fqd", PLACES, odd.corners[left])
        apart = subject.surface_distance(places.reshape(-1, 3)).reshape(len(left), -1)
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


def _origin(subject: Subject) -> LookAlikes | None:
    """The library that was given, else the parameter space where the shape is built in."""
    from datagen.similar.builtin import BuiltinAlikes, is_builtin

    given = subject.look_alikes
    if given is not None and (given.holds(subject.shape) or not is_builtin(subject.shape)):
        return given
    return BuiltinAlikes() if is_builtin(subject.shape) else None
