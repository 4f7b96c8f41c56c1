"""Where a part meets the rest, and what a motion of the part does to that (paper App. A.1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from anomalies.parts.detach import Detached, Side
from anomalies.parts.pieces import CONTACT
from datagen.geometry.shape import Bools, Floats
from datagen.geometry.surface import surface_points

MIN_CONTACT = 0.35  # of the contact area before
MAX_SWALLOWED = 0.15  # of the part's area that was outside the rest and is now inside
MAX_CONTACT = 0.75  # of a part's area along the rest: more, and it is a coat or a picture on it
MAX_COINCIDING = 0.03  # of the part's area that comes to lie in the rest's surface, facing alike
COINCIDING = 1.5e-3  # of the diagonal
MIN_SHIFT = 0.012  # of the diagonal: how far MIN_SHIFTED of the part must come away from itself
MIN_SHIFTED = 0.08  # of its area; less is a round part that turns about its axis
SAMPLES = 6000  # over a side's area, of which these are kept:
NEAR, FAR = 1200, 700
NEARBY = 5.0  # contact distances


@dataclass(frozen=True)
class Motion:
    """x -> matrix @ x + offset; matrix: (3, 3) a rotation times a factor; offset: (3,) metres."""

    matrix: Floats
    offset: Floats

    @staticmethod
    def about(matrix: Floats, centre: Floats) -> Motion:
        """The motion that leaves the centre (3,), metres, where it is."""
        return Motion(matrix, centre - matrix @ centre)

    def __call__(self, points: Floats) -> Floats:
        """Where the points (N, 3), metres, go."""
        target: Floats = points @ self.matrix.T + self.offset
        return target

    @property
    def factor(self) -> float:
        """How many times longer lengths become."""
        return float(np.cbrt(np.linalg.det(self.matrix)))

    def back(self, points: Floats) -> Floats:
        """Where the points (N, 3), metres, came from."""
        origin: Floats = (points - self.offset) @ np.linalg.inv(self.matrix).T
        return origin


@dataclass(frozen=True, eq=False)
class Samples:
    """Points that stand for a side's surface.

    points: (N, 3) metres; normals: (N, 3) unit, of their faces; weight: (N,) square metres that
    each stands for.
    """

    points: Floats
    normals: Floats
    weight: Floats


@dataclass(frozen=True, eq=False)
class Joint:
    """The contact of a part with the rest, with the points that measure it.

    diagonal: of the whole shape, metres; part, rest: points on the two. touching: (K, 3) sampled
    points of the contact, centre: (3,) their mean, metres; normal: (3,) unit, of the plane that
    fits them best; contact: square metres of both sides that touch.
    """

    detached: Detached
    diagonal: float
    part: Samples
    rest: Samples
    touching: Floats
    centre: Floats
    normal: Floats
    contact: float

    @cached_property
    def inside(self) -> Bools:
        """(N,) bool which of the part's samples lie inside the rest."""
        return self.detached.rest.holds(self.part.points)

    def fault(self, motion: Motion) -> str | None:
        """The name of the rejection where the part must not move like that, or None."""
        gap = CONTACT * self.diagonal
        points = motion(self.part.points)
        away = self.detached.rest.distance(points, gap)
        touching = self.part.weight[away < gap].sum()
        if touching < MIN_CONTACT * self.contact:
            within = gap / motion.factor
            came = self.detached.part.distance(motion.back(self.rest.points), within) < within
            touching += self.rest.weight[came].sum()
        if touching < MIN_CONTACT * self.contact:
            return "part detached"
        shown = self.part.weight[self._coincides(motion, away)].sum()
        if shown > MAX_COINCIDING * self.part.weight.sum():
            return "part in the surface of the rest"
        entered = self.detached.rest.holds(points) & ~self.inside
        if self.part.weight[entered].sum() > MAX_SWALLOWED * self.part.weight.sum():
            return "part swallowed"
        least = MIN_SHIFT * self.diagonal
        shift = self.detached.part.distance(points[~entered], least)
        shifted = self.part.weight[~entered][shift >= least].sum()
        return "part hardly moves" if shifted < MIN_SHIFTED * self.part.weight.sum() else None

    def _coincides(self, motion: Motion, away: Floats) -> Bools:
        """(N,) samples of the part in the rest's surface, facing alike: neither would be seen.

        away: (N,) their distances from it, metres.
        """
        points = motion(self.part.points)
        facing = self.part.normals @ motion.matrix.T / motion.factor
        found: Bools = away < COINCIDING * self.diagonal
        if found.any():
            _, normals = self.detached.rest.nearest(points[found])
            found[found] = np.einsum("nk,nk->n", facing[found], normals) > 0.97
        return found


def find_joint(detached: Detached, diagonal: float) -> Joint | None:
    """The joint, or None where the two do not touch, or touch nearly everywhere.

    diagonal: of the whole shape's bounding box, metres.
    """
    gap = CONTACT * diagonal
    part, part_touches = _samples(detached.part, detached.rest, gap)
    rest, rest_touches = _samples(detached.rest, detached.part, gap)
    points = np.concatenate([part.points[part_touches], rest.points[rest_touches]])
    if len(points) < 3:
        return None
    if part.weight[part_touches].sum() > MAX_CONTACT * part.weight.sum():
        return None
    weight = np.concatenate([part.weight[part_touches], rest.weight[rest_touches]])
    centre = np.average(points, axis=0, weights=weight)
    centred = (points - centre) * np.sqrt(weight)[:, None]
    normal = np.linalg.svd(centred, full_matrices=False)[2][2]
    return Joint(detached, diagonal, part, rest, points, centre, normal, float(weight.sum()))


def _samples(side: Side, other: Side, gap: float) -> tuple[Samples, Bools]:
    """Points on a side, dense near the other, and (N,) whether they touch it."""
    points, face = surface_points(side.shape, SAMPLES)
    share = side.shape.face_areas.sum() / SAMPLES
    distance = other.distance(points, NEARBY * gap)
    chosen, weights = [], []
    for those, kept in ((distance < NEARBY * gap, NEAR), (distance >= NEARBY * gap, FAR)):
        index = np.flatnonzero(those)
        thinned = index[:: max(1, -(-len(index) // kept))]
        chosen.append(thinned)
        weights.append(np.full(len(thinned), share * len(index) / max(len(thinned), 1)))
    index = np.concatenate(chosen)
    normals = side.normals[face[index]]
    return Samples(points[index], normals, np.concatenate(weights)), distance[index] < gap
