"""Regions of an object along which it would break, made of fragments.

A fragment is an atom of the fracture modes, or a share of one that is too large. A region is some
fragments that are one component.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anomalies.fracturing.breakage import modes_of
from anomalies.subject import Subject, once
from datagen.geometry.components import linked
from datagen.geometry.shape import Bools, Floats, Ints

LARGEST = 0.08  # of the volume: larger atoms are divided
RELAXATIONS = 3
STARTS = 12  # fragments from which regions are grown
KEEP = 0.98  # of the rest's volume must be one component


@dataclass(frozen=True, eq=False)
class Fragments:
    """The P fragments of a subject.

    label: (T,) the fragment of every tetrahedron; share: (P,) of the volume; contact: (P, P) square
    metres between two fragments.
    """

    label: Ints
    share: Floats
    contact: Floats

    def chosen(self, numbers: list[int]) -> Bools:
        """(T,) bool whether a tetrahedron belongs to one of the fragments of these numbers."""
        return np.isin(self.label, numbers)


@once
def fragments_of(subject: Subject) -> Fragments:
    """The atoms of all modes together; what the modes leave whole is divided evenly."""
    modes = modes_of(subject)
    label = _divided(modes.atoms, modes.volumes, modes.centres)
    share = np.bincount(label, modes.volumes) / modes.volumes.sum()
    contact = np.zeros((len(share), len(share)))
    first, second = label[modes.pairs].T
    np.add.at(contact, (first, second), modes.areas)
    np.add.at(contact, (second, first), modes.areas)
    np.fill_diagonal(contact, 0)
    return Fragments(label, share, contact)


def _divided(label: Ints, volumes: Floats, centres: Floats) -> Ints:
    """(T,) labels, those of more than LARGEST of the volume divided round spread-out middles."""
    label = label.copy()
    share = np.bincount(label, volumes) / volumes.sum()
    for large in np.flatnonzero(share > LARGEST):
        mine = np.flatnonzero(label == large)
        points = centres[mine]
        middles = _spread_out(points, int(np.ceil(share[large] / LARGEST)))
        for _ in range(RELAXATIONS):
            nearest = _nearest(points, middles)
            weight = np.bincount(nearest, volumes[mine], len(middles))
            sums = [np.bincount(nearest, volumes[mine] * axis, len(middles)) for axis in points.T]
            middles = np.stack(sums, axis=1) / weight[:, None]
        number = _nearest(points, middles)
        label[mine] = np.where(number == 0, large, label.max() + number)
    return np.unique(label, return_inverse=True)[1].reshape(-1)


def _nearest(points: Floats, middles: Floats) -> Ints:
    """(N,) which of the middles (M, 3) is nearest to each of the points (N, 3)."""
    nearest: Ints = np.argmin(((points[:, None] - middles) ** 2).sum(axis=2), axis=1)
    return nearest


def _spread_out(points: Floats, count: int) -> Floats:
    """(count, 3) of the points (N, 3), each as far as can be from those before it."""
    chosen = [int(np.argmax(((points - points.mean(axis=0)) ** 2).sum(axis=1)))]
    away = np.full(len(points), np.inf)
    while len(chosen) < count:
        away = np.minimum(away, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
        chosen.append(int(np.argmax(away)))
    return points[chosen]


def region(
    rng: np.random.Generator, fragments: Fragments, low: float, high: float
) -> list[int] | None:
    """Numbers of fragments that are one component, as is what they leave; or None.

    low, high: share of the volume, 0 to 1, that they have. A region grows from a random fragment
    by the neighbour that leaves the smallest cut for its volume; of all that fit, those with
    smaller cuts are more likely.
    """
    found: list[list[int]] = []
    cost: list[float] = []
    weight = np.sqrt(fragments.share)
    count = min(STARTS, len(weight))
    starts = rng.choice(len(weight), count, replace=False, p=weight / weight.sum())
    for start in starts.tolist():
        for members, neck in _growth(fragments, start, high):
            if low <= fragments.share[members].sum() <= high:
                found.append(sorted(members))
                cost.append(neck)
    if not found:
        return None
    odds = 1 / (np.array(cost) + 1e-9) ** 2
    for index in rng.choice(len(found), len(found), replace=False, p=odds / odds.sum()):
        if _rest_is_whole(fragments, found[index]):
            return found[index]
    return None


def _growth(fragments: Fragments, start: int, high: float) -> list[tuple[list[int], float]]:
    """Growing lists of fragments, each with its cut area over volume^(2/3)."""
    contact, share = fragments.contact, fragments.share
    total_contact = contact.sum(axis=1)
    members = [start]
    volume, cut = float(share[start]), float(total_contact[start])
    shared = contact[start].copy()
    grown = [([start], cut / volume ** (2 / 3))]
    while volume < high:
        free = shared > 0
        free[members] = False
        options = np.flatnonzero(free & (volume + share <= high))
        if len(options) == 0:
            return grown
        cuts = cut + total_contact[options] - 2 * shared[options]
        best = int(np.argmin(cuts / (volume + share[options]) ** (2 / 3)))
        chosen = int(options[best])
        members = [*members, chosen]
        volume, cut = volume + float(share[chosen]), float(cuts[best])
        shared += contact[chosen]
        grown.append((members, max(cut, 0.0) / volume ** (2 / 3)))
    return grown


def _rest_is_whole(fragments: Fragments, members: list[int]) -> bool:
    """Whether the fragments that are no members are one component, but for crumbs."""
    rest = np.setdiff1d(np.arange(len(fragments.share)), members)
    if len(rest) == 0:
        return False
    component = linked(np.argwhere(fragments.contact[np.ix_(rest, rest)] > 0), len(rest))
    volume = np.bincount(component, fragments.share[rest])
    return bool(volume.max() >= KEEP * volume.sum())
