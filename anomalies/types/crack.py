"""Crack: a jagged dark groove where the surface meets a fracture-mode boundary (App. A.1)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from anomalies.anomaly_type import AnomalyType
from anomalies.checks.visibility import PIXELS, view_rays, views_of
from anomalies.fracturing.breakage import solid_of
from anomalies.parameters import Parameters
from anomalies.severity import Scale
from anomalies.subject import Subject
from anomalies.surgery.groove import Strand, carve
from anomalies.surgery.interior import groove_material
from anomalies.surgery.noise import lattice_noise
from anomalies.surgery.scalar_grid import Grid
from anomalies.types.region_choice import draw_region, region_field_of
from datagen.geometry.shape import Bools, Floats, Ints, Shape

ROUGHNESS = (0.002, 0.005)  # of the diagonal
SHARES = (0.05, 0.6)  # of the volume on one side of the sheet
JAGGED = 0.006  # of the diagonal: how far the fine noise moves the line
FINE = 0.03  # of the diagonal: the length of its longest wave
UNEVEN = 0.4  # of the width
EXAMINED = 6000  # points of the visible surface
CENTRES = 12  # points compared
PLAIN = 8.0  # difference of L*a*b* colours over two pixels, at most, where a line stands out
SHORTEST = 0.1  # of the radius: the line seen within it
FORK_ANGLE = (0.5, 1.1)  # radians
SHALLOWER = (0.5, 1.0)  # of the depth: some walls only allow less
FORK_WIDTH = 0.65  # of the main line's
RADIUS = Scale(0.15, 0.2, 0.3, 0.4)  # of the diagonal
WIDTH = Scale(0.005, 0.006, 0.009, 0.012)  # of the diagonal, to one side
DEPTH = Scale(0.012, 0.02, 0.035, 0.05)  # of the diagonal


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> Parameters | str:
    """pieces (fragments), seed, roughness: the sheet; centre (3,), radius, width, depth in metres.

    forks, if any: each with start (3,), normal (3,) of its sheet, side of the main one, radius.
    """
    drawn = draw_region(rng, subject, *SHARES, ROUGHNESS)
    if isinstance(drawn, str):
        return drawn
    size = subject.shape.diagonal
    phi = region_field_of(subject, drawn)
    points, normals, view, plain = visible_points(rng, subject)
    near = np.abs(phi.at(points)) < 0.01 * size
    if not near.any():
        return "no line in sight"
    points, normals, view, plain = points[near], normals[near], view[near], plain[near]
    radius = RADIUS.at(severity) * size
    candidates = rng.choice(len(points), min(CENTRES, len(points)), replace=False)
    shown = [_shown(points[plain], view[plain], points[index], radius) for index in candidates]
    chosen = candidates[int(np.argmax(shown))]
    if _span(points, points[chosen], radius) < SHORTEST * radius:
        return "line too short"
    sheet = {
        "centre": points[chosen].tolist(),
        "radius": radius,
        "width": WIDTH.at(severity) * size,
        "depth": DEPTH.at(severity) * size,
    }
    count = int(rng.integers(0, 2 + round(2 * severity)))
    inside = np.flatnonzero(np.linalg.norm(points - points[chosen], axis=1) < 0.6 * radius)
    starts = rng.choice(inside, min(count, len(inside)), replace=False)
    forks = [_fork(rng, phi, points[k], normals[k], radius) for k in starts]
    sheet["depth"] *= rng.uniform(*SHALLOWER)
    return drawn | sheet | ({"forks": forks} if forks else {})


def visible_points(
    rng: np.random.Generator, subject: Subject
) -> tuple[Floats, Floats, Ints, Bools]:
    """(N, 3) points that the views of the gates see, metres, and (N, 3) unit normals there.

    (N,) the view, and (N,) bool whether it is plain around the point: edges and patterns hide a
    line.
    """
    look = views_of(subject)
    view, pixel = np.nonzero(look.on)
    kept = rng.choice(len(view), min(EXAMINED, len(view)), replace=False)
    view, pixel = view[kept], pixel[kept]
    ray = view_rays()[view, pixel]
    points = ray[:, :3] + look.depth[view, pixel, None] * ray[:, 3:]
    plain = np.ones(len(view), bool)
    for shift in (2, -2, 2 * PIXELS, -2 * PIXELS):
        beside = np.clip(pixel + shift, 0, PIXELS**2 - 1)
        step = look.color[view, pixel] - look.color[view, beside]
        plain &= look.on[view, beside] & (np.linalg.norm(step, axis=1) < PLAIN)
    return points, look.normal[view, pixel], view, plain


def _shown(points: Floats, view: Ints, centre: Floats, radius: float) -> int:
    """How many of the points within the ball the view shows that shows most of them."""
    within = np.linalg.norm(points - centre, axis=1) < radius
    return int(np.bincount(view[within], minlength=1).max())


def _span(points: Floats, centre: Floats, radius: float) -> float:
    """Metres from end to end of the points within the ball."""
    within = points[np.linalg.norm(points - centre, axis=1) < radius]
    return float(np.ptp(within, axis=0).max())


def _fork(
    rng: np.random.Generator, phi: Grid, start: Floats, normal: Floats, radius: float
) -> Parameters:
    """A side crack that leaves the main line at start, on one side of it."""
    step = phi.spacing * np.eye(3)
    slope = phi.at(start + step) - phi.at(start - step)
    across = slope - slope @ normal * normal
    across /= max(np.linalg.norm(across), 1e-12)
    along = np.cross(normal, across)
    side = rng.choice([-1.0, 1.0])
    angle = rng.uniform(*FORK_ANGLE)
    heading = np.cos(angle) * rng.choice([-1.0, 1.0]) * along + np.sin(angle) * side * across
    return {
        "start": start.tolist(),
        "normal": np.cross(normal, heading).tolist(),
        "side": float(side),
        "radius": float(rng.uniform(0.3, 0.6) * radius),
    }


def apply(subject: Subject, parameters: Parameters) -> tuple[Shape, Bools] | str:
    """Carve the lines; the groove's faces get a dark material."""
    shape = subject.shape
    phi = region_field_of(subject, parameters)
    main = _main_strand(phi, parameters, shape.diagonal)
    forks = [
        _fork_strand(main, fork, parameters, shape.diagonal, number)
        for number, fork in enumerate(parameters.get("forks", []))
    ]
    carved, groove = carve(
        shape,
        solid_of(subject),
        subject.raycaster,
        [main, *forks],
        parameters["width"],
        parameters["depth"],
    )
    if not groove.any():
        return "no line in sight"
    return _darkened(carved, groove), groove


def _main_strand(phi: Grid, parameters: Parameters, size: float) -> Strand:
    """The line along phi's zero within the ball of the parameters; size: the diagonal, metres."""
    centre, radius = np.array(parameters["centre"]), parameters["radius"]
    width, seed = parameters["width"], parameters["seed"]

    def middle(points: Floats) -> Floats:
        jag = lattice_noise(points, FINE * size, seed + 1, octaves=2)
        return phi.at(points) + JAGGED * size * jag

    def half_width(points: Floats) -> Floats:
        away = np.linalg.norm(points - centre, axis=1) / radius
        uneven = lattice_noise(points, 1.3 * FINE * size, seed + 2)
        tapered: Floats = width * (1 - away**1.5) * (1 + UNEVEN * uneven)
        return tapered

    return Strand(middle, half_width, centre, radius)


def _fork_strand(
    main: Strand, fork: Parameters, parameters: Parameters, size: float, number: int
) -> Strand:
    """The line of one fork, on its side of the main one; size: the diagonal, metres."""
    start, normal = np.array(fork["start"]), np.array(fork["normal"])
    radius, seed = fork["radius"], parameters["seed"] + 10 * (number + 1)
    width = FORK_WIDTH * parameters["width"]

    def middle(points: Floats) -> Floats:
        jag = lattice_noise(points, FINE * size, seed, octaves=2)
        height: Floats = (points - start) @ normal + JAGGED * size * jag
        return height

    def half_width(points: Floats) -> Floats:
        away = np.linalg.norm(points - start, axis=1) / radius
        own_side = fork["side"] * main.middle(points)
        narrower: Floats = np.minimum(width * (1 - away), own_side + 0.5 * width)
        return narrower

    return Strand(middle, half_width, start, radius)


def _darkened(shape: Shape, groove: Bools) -> Shape:
    """The groove's faces in a dark version of the material around them."""
    kinds, which = np.unique(shape.face_material[groove], return_inverse=True)
    dark = tuple(groove_material(shape, int(kind)) for kind in kinds)
    material = shape.face_material.copy()
    material[groove] = len(shape.materials) + which.reshape(-1)
    return replace(shape, materials=(*shape.materials, *dark), face_material=material)


TYPE = AnomalyType(
    name="crack",
    code="crack",
    description="A jagged, tapered, dark groove where the surface meets a fracture-mode boundary, "
    "with forks.",
    draw=draw,
    apply=apply,
    scales={
        "radius of its ball, of the diagonal": RADIUS,
        "half width, of the diagonal": WIDTH,
        "depth, of the diagonal (.5 to 1 of it)": DEPTH,
    },
    least_seen=0.006,  # a dark line
)
