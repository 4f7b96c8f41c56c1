"""Deform: the space around the shape is bent smoothly by a lattice of control points (App. A.1)."""

from __future__ import annotations

from math import comb

import numpy as np

from anomalies.anomaly_type import AnomalyType
from anomalies.parameters import Parameters
from anomalies.severity import Scale
from anomalies.subject import Subject
from anomalies.surgery.refine import refine_for
from datagen.geometry.shape import Bools, Floats, Shape
from datagen.geometry.surface import moved_faces

DEGREE = 3
SIDE = DEGREE + 1
MARGIN = 0.1  # of the longest side of the box, round the cube of the lattice
SMOOTH = np.array([[1.0, 0.7, 0.2, 0], [0.7, 1, 0.7, 0.2], [0.2, 0.7, 1, 0.7], [0, 0.2, 0.7, 1]])
MAX_EDGE = 0.08  # of the diagonal, before edges are split where they bend
MIN_JACOBIAN = 0.3
TRIES = 12
FIT_EVERY = 8  # one of so many surface points stands for the surface
AMPLITUDE = Scale(0.016, 0.025, 0.034, 0.058)  # of the diagonal


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> Parameters | str:
    """The first lattice that squeezes the surface's space nowhere to less than MIN_JACOBIAN.

    seed: of the control points; amplitude: metres that the surface moves, root of mean square.
    """
    amplitude = AMPLITUDE.at(severity) * subject.shape.diagonal
    for seed in rng.integers(2**31, size=TRIES):
        parameters = {"seed": int(seed), "amplitude": amplitude}
        if _smallest_jacobian(subject, lattice_offsets(subject, parameters)) > MIN_JACOBIAN:
            return parameters
    return "deformation folds the shape"


def lattice_offsets(subject: Subject, parameters: Parameters) -> Floats:
    """(4, 4, 4, 3) metres of the control points: random, without what moves the shape as a whole.

    parameters: as draw gives them. Without a common shift, turn, scaling or shear.
    """
    random = np.random.default_rng(parameters["seed"]).normal(size=(SIDE, SIDE, SIDE, 3))
    # Neighbours move alike.
    random = np.einsum("ai,bj,ck,ijkd->abcd", SMOOTH, SMOOTH, SMOOTH, random, optimize=True)
    inside = _in_lattice(subject.surface_points[0][::FIT_EVERY], subject.shape)
    affine = np.concatenate([np.ones((len(inside), 1)), inside], axis=1)
    fit = np.linalg.lstsq(affine, _interpolated(inside, random), rcond=None)[0]
    grid = np.stack(np.meshgrid(*[np.arange(SIDE) / DEGREE] * 3, indexing="ij"), axis=-1)
    # Bernstein polynomials reproduce affine functions of the control points exactly.
    offsets = random - (fit[0] + grid @ fit[1:])
    step = np.linalg.norm(_interpolated(inside, offsets), axis=1)
    sized: Floats = offsets * parameters["amplitude"] / np.sqrt((step**2).mean())
    return sized


def deform_points(points: Floats, offsets: Floats, shape: Shape) -> Floats:
    """(V, 3) points, metres, where the lattice takes them; offsets: as lattice_offsets has them."""
    return points + _interpolated(_in_lattice(points, shape), offsets)


def _smallest_jacobian(subject: Subject, offsets: Floats) -> float:
    """The least volume, of its own, to which a little cube at the surface is squeezed."""
    shape = subject.shape
    points = subject.surface_points[0][::FIT_EVERY]
    step = 1e-4 * shape.diagonal
    columns = [
        deform_points(points + step * axis, offsets, shape)
        - deform_points(points - step * axis, offsets, shape)
        for axis in np.eye(3)
    ]
    return float(np.linalg.det(np.stack(columns, axis=2) / (2 * step)).min())


def _in_lattice(points: Floats, shape: Shape) -> Floats:
    """(V, 3) coordinates of points (V, 3) in the lattice's cube, 0 to 1 along each side."""
    low, high = shape.bounds
    side = (high - low).max() * (1 + 2 * MARGIN)
    inside: Floats = (points - (low + high) / 2) / side + 0.5
    return inside


def _bernstein(t: Floats) -> Floats:
    """(N, 4) Bernstein polynomials at t (N,) from 0 to 1."""
    power = np.arange(SIDE)
    count = np.array([comb(DEGREE, k) for k in power])
    column = t[:, None]
    return np.asarray(count * column**power * (1 - column) ** (DEGREE - power), np.float64)


def _interpolated(inside: Floats, offsets: Floats) -> Floats:
    """(N, 3) weighted offsets at coordinates (N, 3) in the lattice."""
    x, y, z = (_bernstein(column) for column in inside.T)
    over_x = np.einsum("na,ak->nk", x, offsets.reshape(SIDE, -1)).reshape(-1, SIDE, 3 * SIDE)
    over_y = np.einsum("na,nak->nk", y, over_x).reshape(-1, SIDE, 3)
    step: Floats = np.einsum("na,nak->nk", z, over_y)
    return step


def apply(subject: Subject, parameters: Parameters) -> tuple[Shape, Bools] | str:
    """Refine, then let the lattice move every point; rejects folds."""
    shape = subject.shape
    offsets = lattice_offsets(subject, parameters)
    if _smallest_jacobian(subject, offsets) < MIN_JACOBIAN:
        return "deformation folds the shape"

    def deform(points: Floats) -> Floats:
        return deform_points(points, offsets, shape)

    fine, deformed = refine_for(shape, deform, MAX_EDGE * shape.diagonal)
    odd = fine.with_vertices(deformed)
    return odd, moved_faces(fine, odd)


TYPE = AnomalyType(
    name="deform",
    code="defr",
    description="A smooth free-form deformation (a Bernstein lattice of 4 x 4 x 4 control points).",
    draw=draw,
    apply=apply,
    scales={
        "amplitude, of the diagonal": AMPLITUDE,
    },
    least_seen=0.16,  # all of the shape changes a little
)
