"""Tetrahedra that hold a solid, each with its share of material: what fracture modes live on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from anomalies.fracturing.solid import material
from anomalies.surgery.scalar_grid import Grid
from datagen.geometry.components import linked
from datagen.geometry.shape import Bools, Floats, Ints

TARGET = 2300  # tetrahedra, about
PER_CUBE = 12  # of a body-centred lattice
REACH = 0.15  # lattice constants beyond the surface that tetrahedra with material reach
JITTER = 0.12  # lattice constants
MIN_EDGE = 5.0  # cells of the grid: the lattice constant is at least this
MIN_FILL = 0.03  # share of a tetrahedron's volume
MIN_OPEN = 0.02  # share of a face's area
WEAK = 0.1  # area over volume^(2/3) of the smaller tetrahedron: such a face holds nothing
CRUMB = 0.002  # of the volume
TIE = 20  # a loose component is held by one in so many of its tetrahedra
DENSITY = 8  # samples along an edge
STRIDE = 2  # nodes of the solid's grid to one of `nearest`


@dataclass(frozen=True, eq=False)
class Tetrahedra:
    """A solid's tetrahedra; linked by `pairs` they are one component.

    points: (P, 3) metres; corners: (T, 4) into points; volumes: (T,) m3 of material. pairs: (E, 2)
    neighbours; areas: (E,) m2 of material between them. Loose components of the solid are tied to
    what is next to them. nearest: (x, y, z) int16, the tetrahedron at, or next to, every second
    node of the solid's grid.
    """

    points: Floats
    corners: Ints
    volumes: Floats
    pairs: Ints
    areas: Floats
    nearest: Ints

    @property
    def centres(self) -> Floats:
        """(T, 3) metres."""
        centres: Floats = self.points[self.corners].mean(axis=1)
        return centres

    def components(self, together: Bools) -> Ints:
        """(T,) components of the tetrahedra that the chosen pairs (E,) bool link, largest 0."""
        label = linked(self.pairs[together], len(self.volumes))
        order = np.argsort(-np.bincount(label, self.volumes), kind="stable")
        return np.argsort(order, kind="stable")[label]

    def without_crumbs(self, label: Ints) -> Ints:
        """(T,) components without tiny ones, which join what they share most area with; largest 0.

        label: (T,) the component of every tetrahedron.
        """
        label = label.copy()
        while True:
            size = np.bincount(label, self.volumes)
            sides = label[self.pairs]
            border = sides[:, 0] != sides[:, 1]
            small = int(np.argmin(size))
            if not border.any() or size[small] >= CRUMB * size.sum():
                return self.components(~border)
            touching = border & (sides == small).any(axis=1)
            other = sides[touching].sum(axis=1) - small
            label[label == small] = int(np.argmax(np.bincount(other, self.areas[touching])))
            label = np.unique(label, return_inverse=True)[1].reshape(-1)


def tetrahedra_of(solid: Grid, rng: np.random.Generator, target: int = TARGET) -> Tetrahedra:
    """Delaunay tetrahedra of a jittered body-centred lattice round the solid.

    solid: signed distance, metres, negative inside; target: about how many tetrahedra.
    """
    from scipy.spatial import Delaunay

    edge = _lattice_constant(solid, target)
    points = _lattice(solid, edge, rng)
    mesh = Delaunay(points)
    fill = _mean_material(solid, points[mesh.simplices])
    size = _volumes(points[mesh.simplices])
    keep = (fill > MIN_FILL) & (size > 1e-4 * edge**3)
    number = np.where(keep, np.cumsum(keep) - 1, -1)
    corners = mesh.simplices[keep].astype(np.int64)
    volumes = (fill * size)[keep]
    pairs, areas = _faces(solid, points, mesh, keep, number)
    areas = _firm(volumes, pairs, areas)
    tied, ties = _ties(points[corners].mean(axis=1), volumes, pairs)
    return Tetrahedra(
        points,
        corners,
        volumes,
        np.concatenate([pairs, tied]),
        np.concatenate([areas, ties]),
        _nearest(solid, mesh, number),
    )


def _lattice_constant(solid: Grid, target: int) -> float:
    """The edge of a lattice cube, metres, for about `target` tetrahedra with material."""
    values = np.sort(solid.values, axis=None)
    low, high = 1e-3, 1.0
    for _ in range(30):
        edge: float = (low * high) ** 0.5
        reached = np.searchsorted(values, REACH * edge) * solid.spacing**3
        low, high = (low, edge) if PER_CUBE * reached / edge**3 < target else (edge, high)
    return max(edge, MIN_EDGE * solid.spacing)


def _lattice(solid: Grid, edge: float, rng: np.random.Generator) -> Floats:
    """(P, 3) jittered points in the solid and close around it."""
    low = solid.origin - edge
    high = solid.origin + solid.spacing * np.array(solid.values.shape) + edge
    axes = [np.arange(low[k], high[k], edge) for k in range(3)]
    corner = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    lattice = np.concatenate([corner, corner + edge / 2])
    kept: Floats = lattice[solid.at(lattice) < 0.9 * edge]
    return kept + rng.uniform(-JITTER, JITTER, kept.shape) * edge


def _volumes(corners: Floats) -> Floats:
    """(T,) of tetrahedra (T, 4, 3)."""
    a, b, c, d = np.moveaxis(corners, 1, 0)
    volumes: Floats = np.abs(np.einsum("tk,tk->t", b - a, np.cross(c - a, d - a))) / 6
    return volumes


def _areas(corners: Floats) -> Floats:
    """(E,) of triangles (E, 3, 3)."""
    a, b, c = np.moveaxis(corners, 1, 0)
    areas: Floats = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    return areas


def _mean_material(solid: Grid, corners: Floats) -> Floats:
    """(N,) share of material in simplices (N, 3 or 4, 3)."""
    dimension = corners.shape[1]
    steps = np.indices((DENSITY,) * (dimension - 1)).reshape(dimension - 1, -1)
    steps = steps[:, steps.sum(axis=0) < DENSITY]
    rest = DENSITY - 1 - steps.sum(axis=0, keepdims=True)
    weights = (np.concatenate([steps, rest]) + 1 / dimension) / (DENSITY - 1 + 1)
    points = np.einsum("cw,ncd->nwd", weights, corners).reshape(-1, 3)
    share: Floats = material(solid.at(points), solid.spacing).reshape(len(corners), -1).mean(1)
    return share


def _faces(
    solid: Grid, points: Floats, mesh: Any, keep: Bools, number: Ints
) -> tuple[Ints, Floats]:
    """(E, 2) kept neighbours and (E,) m2 of material between them."""
    first, opposite = np.nonzero((mesh.neighbors > np.arange(len(keep))[:, None]) & keep[:, None])
    second = mesh.neighbors[first, opposite]
    both = keep[second]
    first, second, opposite = first[both], second[both], opposite[both]
    others = np.array([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]])[opposite]
    corners = points[np.take_along_axis(mesh.simplices[first], others, axis=1)]
    share = _mean_material(solid, corners)
    open_ = share > MIN_OPEN
    pairs = np.column_stack([number[first], number[second]])[open_]
    return pairs, (share * _areas(corners))[open_]


def _firm(volumes: Floats, pairs: Ints, areas: Floats) -> Floats:
    """(E,) areas, larger where crumbs hang by next to nothing: no mode should be about them."""
    hold = areas > WEAK * volumes[pairs].min(axis=1) ** (2 / 3)
    label = linked(pairs[hold], len(volumes))
    size = np.bincount(label, volumes)
    smaller = size[label[pairs]].min(axis=1)
    loose = (label[pairs[:, 0]] != label[pairs[:, 1]]) & (smaller < CRUMB * size.sum())
    return np.where(loose, np.maximum(areas, smaller ** (2 / 3)), areas)


def _ties(centres: Floats, volumes: Floats, pairs: Ints) -> tuple[Ints, Floats]:
    """Ties of loose components to the nearest other tetrahedra, as firm as if they were grown on.

    (E, 2) pairs, and (E,) m2 that hold each.
    """
    from scipy.spatial import KDTree

    tied = np.zeros((0, 2), np.int64)
    areas = np.zeros(0)
    while True:
        label = linked(np.concatenate([pairs, tied]), len(centres))
        if label.max() == 0:
            return tied, areas
        size = np.bincount(label, volumes)
        own = label == np.argmin(size)
        distance, other = KDTree(centres[~own]).query(centres[own])
        best = np.argsort(distance, kind="stable")[: max(1, own.sum() // TIE)]
        ends = np.column_stack([np.flatnonzero(own)[best], np.flatnonzero(~own)[other[best]]])
        tied = np.concatenate([tied, ends])
        areas = np.r_[areas, np.full(len(best), size.min() ** (2 / 3) / len(best))]


def _nearest(solid: Grid, mesh: Any, number: Ints) -> Ints:
    """(x, y, z) int16: the kept tetrahedron at every STRIDE-th node, or the nearest one."""
    from scipy.ndimage import distance_transform_edt

    nodes = solid.points[::STRIDE, ::STRIDE, ::STRIDE]
    found = mesh.find_simplex(nodes.reshape(-1, 3)).reshape(nodes.shape[:3])
    found = np.where(found < 0, -1, number[found])
    index = distance_transform_edt(found < 0, return_distances=False, return_indices=True)
    nearest: Ints = found[tuple(index)].astype(np.int16)
    return nearest
