"""Bump: a smooth swelling or dent (1 - r^2)^2 of one side of the surface (App. A.1).

Every point moves along one direction, by less the deeper below the surface it lies, so that a
wall's other side stays; the order of points along that direction never changes, so that a dent
cannot come out there either.
"""

from __future__ import annotations

import numpy as np

from anomalies.anomaly_type import AnomalyType
from anomalies.parameters import Parameters
from anomalies.severity import Scale
from anomalies.subject import Subject
from anomalies.surgery.refine import refine_for
from datagen.geometry.raycast import THREADS
from datagen.geometry.shape import Bools, Floats, Shape, face_normals
from datagen.geometry.surface import moved_faces

CANDIDATES = 64
RADIUS = (0.14, 0.22)  # of the diagonal
SHRINK = (1.0, 0.7, 0.5)  # of the radius, where nothing larger fits
GOOD_COVER, MIN_COVER = 0.6, 0.2  # of the bump's ellipse that the surface should, must fill
MIN_FACING = 0.3  # cosine between the bump's direction and the surface that it is fitted to
DEEPEST = 2.0  # of the radius
STEEPEST = 2.42  # slope of (1 - d^4)^2 where it is steepest
MAX_SQUEEZE = 0.75  # of the material that a bump presses together
MAX_STRETCH = 4.0  # of the material that a swelling pulls apart
LARGEST = 0.59  # metres from the origin
CHORD_ERROR = 2e-4  # of the diagonal
HEIGHT = Scale(0.24, 0.34, 0.48, 0.62)  # of the shorter radius


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> Parameters | str:
    """A spot that can be seen along its normal and is wide enough, however the mesh is wound.

    centre: (3,) metres, on the surface; normal, tangent: (3,) unit vectors, out of the shape and
    along the longer radius; radii: metres; surface: (6,) the height of the surface over the
    tangent plane, over 1, u, v, u^2, uv, v^2 in radii; depth: metres below the surface where the
    bump ends; height: metres, negative for a dent.
    """
    points, normals, wound = _open_points(rng, subject)
    if len(points) == 0:
        return "no open surface point"
    longer = float(rng.uniform(*RADIUS) * subject.shape.diagonal)
    aspect = float(rng.uniform(0.7, 1.0))
    dent = bool(rng.random() < 0.5)
    ratio = HEIGHT.at(severity)
    tangents = rng.normal(size=points.shape)
    fits = (
        _fitted(subject, point, wound * normal, wound, tangent, (shrink * longer, aspect))
        for shrink in SHRINK
        for point, normal, tangent in zip(points, normals, tangents, strict=True)
    )
    wide, widest = {}, 0.0
    for fitted, cover in fits:
        if cover > widest:
            wide, widest = fitted, cover
        if cover > GOOD_COVER:
            break
    if widest < MIN_COVER:
        return "no place is wide enough"
    height, residual = ratio * wide["radii"][1], wide.pop("residual")
    deepest = DEEPEST * wide["radii"][0]
    thickness = _thickness(subject, wide)
    if dent:
        solid = thickness > STEEPEST / MAX_SQUEEZE * height
    else:
        height = min(height, _room(np.array(wide["centre"]), np.array(wide["normal"])))
        solid = thickness > max(height / MAX_STRETCH, 3 * residual)
    # A wall too thin to hold the bump bends as a whole.
    depth = min(thickness, deepest) if solid else deepest
    return wide | {"depth": depth, "height": -height if dent else height}


def _open_points(rng: np.random.Generator, subject: Subject) -> tuple[Floats, Floats, float]:
    """(N, 3) points of the surface that face the outside, (N, 3) face normals, and the sign that
    turns those outward.
    """
    import open3d as o3d

    shape = subject.shape
    points, face = subject.surface_points
    picks = rng.permutation(len(points))[:CANDIDATES]
    points, normals = points[picks], face_normals(shape.corners[face[picks]])
    # A side from which a ray meets nothing is outside; the faces' own winding is tried first.
    for wound in (1.0, -1.0):
        starts = points + wound * 1e-3 * shape.diagonal * normals
        rays = np.concatenate([starts, wound * normals], axis=1).astype(np.float32)
        hit = subject.raycaster.cast_rays(o3d.core.Tensor(rays), nthreads=THREADS)
        is_open = ~np.isfinite(hit["t_hit"].numpy())
        if is_open.any():
            break
    return points[is_open], normals[is_open], wound


def _fitted(
    subject: Subject,
    centre: Floats,
    normal: Floats,
    wound: float,
    tangent: Floats,
    size: tuple[float, float],
) -> tuple[Parameters, float]:
    """The bump at a centre with its averaged normal, and the share of its ellipse with surface.

    size: longer radius in metres, and the shorter one's share of it.
    """
    shape = subject.shape
    points, face = subject.surface_points
    near = np.linalg.norm(points - centre, axis=1) < 1.2 * size[0]
    points, normals = points[near], wound * face_normals(shape.corners[face[near]])
    facing = normals @ normal > MIN_FACING
    weight = np.clip(1 - (np.linalg.norm(points - centre, axis=1) / size[0]) ** 2, 0, None) ** 2
    averaged = normal + (weight * facing) @ normals
    averaged /= np.linalg.norm(averaged)
    along = tangent - (tangent @ averaged) * averaged
    along /= np.linalg.norm(along)
    radii = [size[0], size[0] * size[1]]
    fitted = {"centre": centre.tolist(), "normal": averaged.tolist(), "tangent": along.tolist()}
    fitted["radii"] = radii
    u, v, height = _local(points, fitted)
    patch = facing & (u**2 + v**2 < 1) & (np.abs(height) < radii[0])
    u, v, height = u[patch], v[patch], height[patch]
    strength = (1 - u**2 - v**2)[:, None]
    terms = _terms(u, v)
    surface = np.zeros(6)
    if len(u) > 12:
        surface = np.linalg.lstsq(strength * terms, strength[:, 0] * height, rcond=None)[0]
    residual = np.abs(strength[:, 0] * (terms @ surface - height))
    density = len(subject.surface_points[0]) / shape.face_areas.sum()
    slope = np.maximum(normals[patch] @ averaged, MIN_FACING)
    cover = float(slope.sum() / density / (np.pi * radii[0] * radii[1]))
    fitted["surface"] = surface.tolist()
    fitted["residual"] = float(np.quantile(residual, 0.9)) if len(u) else 0.0
    return fitted, cover


def _room(centre: Floats, normal: Floats) -> float:
    """Metres from the centre along the normal within which no shape is too large."""
    rise = float(centre @ normal)
    return float(np.sqrt(rise**2 + LARGEST**2 - centre @ centre)) - rise


def _local(points: Floats, bump: Parameters) -> tuple[Floats, Floats, Floats]:
    """(N,) u and v in radii from the centre, and metres along the normal."""
    normal, tangent = np.array(bump["normal"]), np.array(bump["tangent"])
    offset = points - bump["centre"]
    longer, shorter = bump["radii"]
    across = np.cross(normal, tangent)
    return offset @ tangent / longer, offset @ across / shorter, offset @ normal


def _terms(u: Floats, v: Floats) -> Floats:
    """(N, 6) of a quadratic surface at u, v (N,)."""
    return np.stack([np.ones_like(u), u, v, u * u, u * v, v * v], axis=1)


def _thickness(subject: Subject, bump: Parameters) -> float:
    """Metres from the surface inward, against the normal, to the next surface; low quartile."""
    import open3d as o3d

    normal, tangent = np.array(bump["normal"]), np.array(bump["tangent"])
    across = np.cross(normal, tangent)
    step = np.linspace(-0.6, 0.6, 5)
    u, v = (axis.ravel() for axis in np.meshgrid(step, step))
    longer, shorter = bump["radii"]
    top = _terms(u, v) @ np.array(bump["surface"])
    above = 0.3 * longer
    start = np.array(bump["centre"]) + u[:, None] * longer * tangent + v[:, None] * shorter * across
    start = start + (top + above)[:, None] * normal
    rays = np.concatenate([start, np.broadcast_to(-normal, start.shape)], axis=1)
    found = subject.raycaster.list_intersections(
        o3d.core.Tensor(rays.astype(np.float32)), nthreads=THREADS
    )
    ray, depth = found["ray_ids"].numpy(), found["t_hit"].numpy().astype(np.float64)
    thickness = []
    for k in range(len(start)):
        levels = np.sort(depth[ray == k])
        below = levels[levels > levels[0] + 1e-4] - levels[0] if len(levels) else levels
        if len(levels):
            thickness.append(below[0] if len(below) else np.inf)
    return float(np.quantile(thickness, 0.25, method="lower")) if thickness else np.inf


def bump_points(points: Floats, parameters: Parameters) -> Floats:
    """(V, 3) points, metres, pushed along the normal; parameters: as draw gives them."""
    u, v, height = _local(points, parameters)
    outer = u * u + v * v
    inside = np.flatnonzero(outer < 1)
    below = _terms(u[inside], v[inside]) @ np.array(parameters["surface"]) - height[inside]
    reach = np.where(below > 0, parameters["depth"], DEEPEST * parameters["radii"][0])
    profile = np.clip(1 - outer[inside] - (below / reach) ** 4, 0, None) ** 2
    pushed = points.copy()
    pushed[inside] += parameters["height"] * profile[:, None] * np.array(parameters["normal"])
    return pushed


def apply(subject: Subject, parameters: Parameters) -> tuple[Shape, Bools] | str:
    """Refine near the centre, then push."""
    longer = parameters["radii"][0]
    ball = (np.array(parameters["centre"]), 1.5 * longer)

    def deform(points: Floats) -> Floats:
        return bump_points(points, parameters)

    fine, pushed = refine_for(subject.shape, deform, longer / 4, ball, CHORD_ERROR)
    odd = fine.with_vertices(pushed)
    return odd, moved_faces(fine, odd)


TYPE = AnomalyType(
    name="bump",
    code="bump",
    description="A round swelling or dent on one side of a wall.",
    draw=draw,
    apply=apply,
    scales={
        "height over radius": HEIGHT,
    },
    least_seen=0.034,  # one spot of the surface is elsewhere
)
