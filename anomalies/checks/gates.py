"""Checks that every odd shape must pass, whatever made it (App. A.1).

Finite, not too large, not drawn out, not inside out, the change can be seen, the surface passes
through itself nowhere new. Every check is a function of the subject and of its odd shape that tells
whether the latter fails.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

import numpy as np

from anomalies.anomaly_type import LEAST_SEEN
from anomalies.checks.intersections import new_crossing_length
from anomalies.checks.visibility import REACH, noticed_share, views_of
from anomalies.subject import Subject
from datagen.geometry.components import face_components
from datagen.geometry.shape import Shape
from datagen.geometry.surface import weld

MAX_RADIUS = REACH
MAX_AREA_GROWTH = 4.0
MIN_INWARD = 1e-6  # of the diagonal's cube
MAX_CAVITY_GROWTH = 1.5
MAX_NEW_CROSSING = 0.01  # of the diagonal


def check(
    subject: Subject, odd: Subject, exempt: Collection[str] = (), least_seen: float = LEAST_SEEN
) -> str | None:
    """The name of the first failed check, cheap ones first, or None.

    exempt: names of checks to leave out; least_seen: share of the silhouette, 0 to 1, that a person
    must notice (anomalies.checks.visibility).
    """
    seen = partial(not_visible, least=least_seen)
    for failure, fails in (CHECKS | {"not visible": seen}).items():
        if failure not in exempt and fails(subject, odd):
            return failure
    return None


def not_finite(subject: Subject, odd: Subject) -> bool:
    """A position is no number, or there are no faces."""
    return len(odd.shape.faces) == 0 or not bool(np.isfinite(odd.shape.vertices).all())


def grows_too_large(subject: Subject, odd: Subject) -> bool:
    """A vertex is farther than MAX_RADIUS (metres) from the origin."""
    return float(np.linalg.norm(odd.shape.vertices, axis=1).max()) > MAX_RADIUS


def explodes(subject: Subject, odd: Subject) -> bool:
    """The surface is drawn out to MAX_AREA_GROWTH times its area, or a triangle to a splinter."""
    before, after = subject.shape.face_areas.sum(), odd.shape.face_areas
    corners = odd.shape.corners
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
    return bool(after.sum() > MAX_AREA_GROWTH * before or sides.max() > 2 * MAX_RADIUS)


def inside_out(subject: Subject, odd: Subject) -> bool:
    """A closed component with a volume of its own is turned inside out; cavities may stay."""
    least = MIN_INWARD * subject.shape.diagonal**3
    inward = _inward_volume(odd.shape)
    return inward > least and inward > MAX_CAVITY_GROWTH * _inward_volume(subject.shape) + least


def crosses_itself(subject: Subject, odd: Subject) -> bool:
    """Surfaces cross where none of the parent do, along more than MAX_NEW_CROSSING."""
    return new_crossing_length(subject, odd) > MAX_NEW_CROSSING * subject.shape.diagonal


def not_visible(subject: Subject, odd: Subject, least: float = LEAST_SEEN) -> bool:
    """Nobody would notice the change from any side; a round part's turn about its axis is none.

    least: share of the silhouette, 0 to 1, that must be noticed.
    """
    return noticed_share(views_of(subject), views_of(odd)) < least


CHECKS: dict[str, Callable[[Subject, Subject], bool]] = {
    "not finite": not_finite,
    "grows too large": grows_too_large,
    "drawn out": explodes,
    "inside out": inside_out,
    "not visible": not_visible,
    "crosses itself": crosses_itself,
}


def _inward_volume(shape: Shape) -> float:
    """Cubic metres in closed components whose faces look inward."""
    faces = weld(shape.vertices)[shape.faces]
    component = face_components(faces)
    start, end = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    count = int(faces.max()) + 1
    forth, back = start * count + end, end * count + start
    paired = np.isin(forth, back).reshape(-1, 3).all(axis=1)
    a, b, c = np.moveaxis(shape.corners, 1, 0)
    volume = np.bincount(component, np.einsum("fk,fk->f", a, np.cross(b, c)) / 6)
    closed = np.bincount(component, ~paired) == 0
    return float(-np.minimum(volume[closed], 0).sum())
