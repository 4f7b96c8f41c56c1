"""Any shape cut in two along the zero of a field, both sides closed with an interior face."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from anomalies.surgery.cap import cap_faces
from anomalies.surgery.interior import interior_material
from anomalies.surgery.scalar_grid import Grid
from anomalies.surgery.split import face_side, refine_near_zero, split_at_zero
from datagen.geometry.components import vertex_components
from datagen.geometry.raycast import THREADS, raycaster
from datagen.geometry.shape import Bools, Floats, Ints, Shape

EDGE = 1.25  # cells: triangles that the cut crosses are not larger
RIM = 1.0  # cells: how far the surroundings of a cap reach into it


@dataclass(frozen=True, eq=False)
class Halves:
    """A shape cut in two.

    surface: the shape, its faces split along the cut; origin: (F,) int64 the face of the shape that
    each came from. inner: (F,) bool the side where the field is negative; beside: (F,) bool faces
    at the cut. cap: the face inside the solid, facing away from the inner side; it may have no
    faces. Its materials are the shape's, with those of the inside after them.
    """

    surface: Shape
    origin: Ints
    inner: Bools
    beside: Bools
    cap: Shape

    def closed_half(self, inner: bool) -> tuple[Shape, Bools]:
        """One half with its cap, and (F,) bool which of its faces are the cap or lie at the cut.

        inner: the half on the negative side of the field, or the other one.
        """
        chosen = self.inner == inner
        cap = self.cap if inner else flipped(self.cap)
        joined = join(self.surface.keep_faces(chosen), cap)
        return joined, np.r_[self.beside[chosen], np.ones(len(cap.faces), bool)]


def split_surface(shape: Shape, solid: Grid, phi: Grid) -> tuple[Shape, Ints, Floats]:
    """The shape's faces split along phi = 0; solid, phi: metres, on one grid.

    Returns the shape, (F,) int64 the face each came from, and (V,) phi, exactly 0 on the line.
    """
    far = _distance_to_zero(solid, phi)

    def beyond(points: Floats) -> Floats:
        return np.maximum(np.abs(phi.at(points)), far.at(points) - far.spacing)

    fine, first, _ = refine_near_zero(shape, beyond, EDGE * phi.spacing)
    split, second, values = split_at_zero(fine, phi.at)
    return split, first[second], values


def _distance_to_zero(solid: Grid, phi: Grid) -> Grid:
    """Metres to the zero of phi near or in the solid, on every other node."""
    from scipy.ndimage import distance_transform_edt

    every = (slice(None, None, 2),) * 3
    inner, near = phi.values[every] < 0, solid.values[every] < 3 * solid.spacing
    at_zero = np.zeros(inner.shape, bool)
    for axis in range(3):
        ahead = (slice(None),) * axis + (slice(1, None),)
        behind = (slice(None),) * axis + (slice(None, -1),)
        changes = inner[ahead] != inner[behind]
        at_zero[ahead] |= changes
        at_zero[behind] |= changes
    at_zero &= near
    cells = distance_transform_edt(~at_zero) if at_zero.any() else np.full(inner.shape, 1e3)
    spacing = 2 * solid.spacing
    return Grid(solid.origin, spacing, (spacing * cells).astype(np.float32))


def cut(shape: Shape, solid: Grid, phi: Grid) -> Halves:
    """Cut along phi = 0.

    solid: signed distance, metres, negative inside; phi: on the same grid, about a distance in
    metres near its zero, negative on the inner side.
    """
    surface, origin, values = split_surface(shape, solid, phi)
    inner = face_side(surface, values)
    on_line = values == 0
    points, faces = cap_faces(solid, phi, _cut_edges(surface, inner, on_line), surface.vertices)
    cap = _cap(shape, solid, points, faces)
    beside = on_line[surface.faces].any(axis=1)
    return Halves(replace(surface, materials=cap.materials), origin, inner, beside, cap)


def _cut_edges(surface: Shape, inner: Bools, on_line: Bools) -> Ints:
    """(E, 2) edges of inner faces with both ends on the cut."""
    start, end = surface.faces[inner], np.roll(surface.faces[inner], -1, axis=1)
    along = on_line[start] & on_line[end]
    return np.stack([start[along], end[along]], axis=1)


def _cap(shape: Shape, solid: Grid, points: Floats, faces: Ints) -> Shape:
    """The cap as a shape: each component of it is of the part and material that surround it."""
    count = len(faces)
    part, material = np.zeros(count, np.int64), np.zeros(count, np.int64)
    materials = shape.materials
    if count:
        middle = points[faces].mean(axis=1)
        at_rim = solid.at(middle) > -RIM * solid.spacing
        component = vertex_components(faces, len(points))[faces[:, 0]]
        nearest = _nearest_face(shape, middle)
        part = _most_common(shape.face_part[nearest], component, at_rim)
        outside = _most_common(shape.face_material[nearest], component, at_rim)
        kinds, which = np.unique(outside, return_inverse=True)
        materials += tuple(interior_material(shape, int(kind)) for kind in kinds)
        material = len(shape.materials) + which.reshape(-1)
    uv = None if shape.uv is None else _planar(points, faces)
    return Shape(points, faces, part, material, shape.part_names, materials, uv)


def _nearest_face(shape: Shape, points: Floats) -> Ints:
    """(N,) the shape's face next to each of (N, 3) points."""
    import open3d as o3d

    query = o3d.core.Tensor(points.astype(np.float32))
    found = raycaster(shape).compute_closest_points(query, nthreads=THREADS)
    nearest: Ints = found["primitive_ids"].numpy().astype(np.int64)
    return nearest


def _most_common(labels: Ints, component: Ints, counted: Bools) -> Ints:
    """(M,) the most common label of those counted within each one's component.

    Of all within it, where none is counted. labels, component: (M,); counted: (M,) bool.
    """
    votes = np.zeros((int(component.max()) + 1, int(labels.max()) + 1))
    np.add.at(votes, (component, labels), np.where(counted, 1.0, 1e-6))
    common: Ints = np.argmax(votes, axis=1)[component]
    return common


def _planar(points: Floats, faces: Ints) -> Floats:
    """(M, 3, 2) one metre is one unit, seen along the axis that the cap faces most."""
    a, b, c = np.moveaxis(points[faces], 1, 0)
    axis = int(np.argmax(np.abs(np.cross(b - a, c - a)).sum(axis=0))) if len(faces) else 0
    return points[:, [k for k in range(3) if k != axis]][faces]


def flipped(shape: Shape) -> Shape:
    """The same faces seen from behind."""
    uv = None if shape.uv is None else shape.uv[:, ::-1]
    return replace(shape, faces=shape.faces[:, ::-1], uv=uv)


def join(first: Shape, second: Shape) -> Shape:
    """Both shapes' faces in one; the part names, materials and info are the first's."""
    uv = None
    if first.uv is not None and second.uv is not None:
        uv = np.concatenate([first.uv, second.uv])
    return replace(
        first,
        vertices=np.concatenate([first.vertices, second.vertices]),
        faces=np.concatenate([first.faces, second.faces + len(first.vertices)]),
        face_part=np.concatenate([first.face_part, second.face_part]),
        face_material=np.concatenate([first.face_material, second.face_material]),
        uv=uv,
    )
