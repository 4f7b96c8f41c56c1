"""Dislodged: a fragment has shifted and turned in its seat (`crack` in the published data)."""

from __future__ import annotations

import numpy as np

from anomalies.anomaly_type import AnomalyType, Traits
from anomalies.fracturing.breakage import solid_of
from anomalies.fracturing.crumbs import without_crumbs
from anomalies.parameters import Parameters
from anomalies.severity import Scale
from anomalies.subject import Subject
from anomalies.surgery.cut import Halves, cut, join
from anomalies.surgery.scalar_grid import Grid
from anomalies.types.region_choice import draw_region, region_field_of
from datagen.geometry.shape import Bools, Floats, Shape
from datagen.geometry.surface import random_direction

ROUGHNESS = (0.003, 0.007)  # of the diagonal
GAP = 0.006  # of the diagonal: nearer than this touches
MIN_CONTACT = 0.35  # of the seat
MAX_SUNK = 0.4  # of the fragment's skin may come to lie inside the rest
OUTWARD = 0.35  # of the shift at most leads out of the seat
EASED = (1.0, 0.7, 0.5, 0.35, 0.2)  # of the shift, where the seat bears no more
DIRECTIONS = 4  # tried with each
LIKELY_CONTACT = 0.45  # of the seat as the grid shows it: then the cut one will touch
SIZE = Scale(0.05, 0.07, 0.14, 0.2)  # of the volume
TURN = Scale(4, 7, 10, 15)  # degrees
SHIFT = Scale(0.012, 0.02, 0.04, 0.06)  # of the diagonal


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> Parameters | str:
    """pieces (fragments), seed, roughness: what is dislodged; shift: (3,) metres.

    turn: (3,) axis times radians, about the middle of the seat.
    """
    size = SIZE.at(severity)
    drawn = draw_region(rng, subject, size / 2, size * 1.5, ROUGHNESS)
    if isinstance(drawn, str):
        return drawn
    solid, phi = solid_of(subject), region_field_of(subject, drawn)
    seat = (solid.values < 0) & (np.abs(phi.values) < phi.spacing)
    if not seat.any():
        return "no fragment"
    middles = phi.origin + phi.spacing * np.argwhere(seat)
    out, rest = _seat_normal(phi, seat), _rest(solid, phi)
    angle = np.radians(TURN.at(severity))
    length = SHIFT.at(severity) * subject.shape.diagonal
    for eased in np.repeat(EASED, DIRECTIONS):
        motion = _motion(rng, out, eased * length, np.sqrt(eased) * angle)
        touching = rest.at(_dislodged(middles, middles, motion)) < GAP * subject.shape.diagonal
        if touching.mean() > LIKELY_CONTACT:
            return drawn | motion
    return "detached"


def _motion(rng: np.random.Generator, out: Floats, length: float, angle: float) -> Parameters:
    """A shift by `length` metres mostly along the seat, and a turn by `angle` radians."""
    along = np.cross(out, random_direction(rng))
    along /= max(float(np.linalg.norm(along)), 1e-9)
    outward = rng.uniform(0, OUTWARD)
    direction = np.sqrt(1 - outward**2) * along + outward * out
    axis = random_direction(rng) + rng.choice([-1.0, 1.0]) * out
    return {
        "shift": (length * direction).tolist(),
        "turn": (angle * axis / np.linalg.norm(axis)).tolist(),
    }


def _seat_normal(phi: Grid, seat: Bools) -> Floats:
    """(3,) unit: out of the seat (X, Y, Z), towards the fragment."""
    slope = np.array([-gradient[seat].sum() for gradient in np.gradient(phi.values)])
    length = float(np.linalg.norm(slope))
    return slope / length if length > 1e-9 else np.array([0.0, 0.0, 1.0])


def _rest(solid: Grid, phi: Grid) -> Grid:
    """The solid without the fragment."""
    return solid.like(np.maximum(solid.values, -phi.values))


def apply(subject: Subject, parameters: Parameters) -> tuple[Shape, Bools] | str:
    """Cut the fragment out, close both sides, shift and turn it; it must still sit in its seat."""
    shape, solid = subject.shape, solid_of(subject)
    phi = region_field_of(subject, parameters)
    for inner in (False, True):
        cleaned = without_crumbs(solid, phi, inner)
        if cleaned is None:
            return "falls apart"
        phi = cleaned
    halves = cut(shape, solid, phi)
    if not halves.inner.any() or halves.inner.all():
        return "no fragment"
    reason = _seat_fault(solid, phi, halves, parameters, shape.diagonal)
    if reason is not None:
        return reason
    rest, beside = halves.closed_half(inner=False)
    fragment, _ = halves.closed_half(inner=True)
    fragment = fragment.with_vertices(_dislodged(fragment.vertices, _seat(halves), parameters))
    return join(rest, fragment), np.r_[beside, np.ones(len(fragment.faces), bool)]


def _seat(halves: Halves) -> Floats:
    """(N, 3) points spread over the cut: the cap's, or the cut line where there is no cap."""
    faces = halves.cap.corners
    if not len(faces):
        faces = halves.surface.corners[halves.beside]
    seat: Floats = faces.mean(axis=1)
    return seat


def _dislodged(points: Floats, seat: Floats, parameters: Parameters) -> Floats:
    """(N, 3) points turned about the middle of the seat and shifted."""
    from scipy.spatial.transform import Rotation

    middle = seat.mean(axis=0)
    turn = Rotation.from_rotvec(parameters["turn"]).as_matrix()
    target: Floats = (points - middle) @ turn.T + middle + np.array(parameters["shift"])
    return target


def _seat_fault(
    solid: Grid, phi: Grid, halves: Halves, parameters: Parameters, size: float
) -> str | None:
    """The rejection where the fragment leaves its seat or sinks into the rest; size: diagonal."""
    rest, seat = _rest(solid, phi), _seat(halves)
    touching = rest.at(_dislodged(seat, seat, parameters)) < GAP * size
    if touching.mean() < MIN_CONTACT:
        return "detached"
    skin = halves.surface.keep_faces(halves.inner)
    below = rest.at(_dislodged(skin.corners.mean(axis=1), seat, parameters)) < -GAP * size
    buried = solid.at(skin.corners.mean(axis=1)) < -GAP * size
    area = skin.face_areas * ~buried
    return "swallowed" if area[below].sum() > MAX_SUNK * area.sum() else None


TYPE = AnomalyType(
    name="dislodged",
    code="crack",
    description="A fragment has shifted and turned, and still touches its seat (the published "
    "data's crack).",
    draw=draw,
    apply=apply,
    scales={
        "shift, of the diagonal (less where the seat is too small)": SHIFT,
        "turn in degrees": TURN,
        "size, of the volume": SIZE,
    },
    least_seen=0.034,  # one spot of the surface is elsewhere
    traits=Traits(takes_pieces=True),
)
