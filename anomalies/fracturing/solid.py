"""The solid that a mesh of any kind stands for: a signed distance on a grid.

Open shells, flipped or doubled faces and surfaces that intersect all have one.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomalies.surgery.scalar_grid import Grid
from datagen.geometry.raycast import raycaster
from datagen.geometry.shape import Bools, Floats, Shape

CELLS = 104  # on the longest side
PADDING = 4  # cells around the shape
BAND = 3.0  # cells: where the distance is exact
BLOCKED = 0.55  # cells: no way leads through nodes so near the surface
SHEET = 0.7  # cells: half the thickness that a surface without an inside is given
LOST = 0.5  # cells: a surface where the solid is farther than this has no inside
SEEN = 0.05  # cells: nor has what lies next to it, unless the solid is as near as this
OFF_CENTRE = np.array([0.137, 0.229, 0.173])  # cells: grid lines keep off flat faces and edges
SPECK = 0.002  # of the volume
LEVELS = 24.0  # quantised steps in the first cell next to the surface, fewer farther away


def signed_distance(shape: Shape) -> Grid:
    """Signed distance, metres, negative inside, on a grid of CELLS cells on its longest side.

    Surfaces without an inside become thin shells.
    """
    low, high = shape.bounds
    spacing = float((high - low).max()) / CELLS
    count = 2 * (np.ceil((high - low) / spacing / 2).astype(int) + PADDING) + 1
    origin = (low + high) / 2 - spacing * ((count - 1) / 2 + OFF_CENTRE)
    grid = Grid(origin, spacing, np.zeros(count, np.float32))
    scene = raycaster(shape)
    band, points, distance, side = _near(shape, scene, grid)
    blocked = distance <= BLOCKED * spacing
    closed = _cavities(blocked)
    within = _winding(shape, scene, grid, closed)
    inside = _with_cavities(within, closed, blocked, band, side)
    signed = np.where(inside, -distance, distance)
    signed = _with_sheets(grid.like(signed), band, points, distance)
    return grid.like(_without_specks(signed, spacing))


def volume(solid: Grid) -> float:
    """Cubic metres of a solid given by its signed distance."""
    return float(material(solid.values.astype(np.float64), solid.spacing).sum()) * solid.spacing**3


def material(signed: Floats, width: float) -> Floats:
    """Share of material, 0 to 1, at signed distances (any shape), metres.

    A ramp of that width, metres, around the surface.
    """
    return np.clip(0.5 - signed / width, 0, 1)


def to_bytes(solid: Grid) -> bytes:
    """A small file: distances are rounded, finely near the surface, coarsely away from it."""
    levels = LEVELS * np.arcsinh(solid.values.astype(np.float64) / solid.spacing)
    small = np.clip(np.round(levels), -127, 127).astype(np.int8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, origin=solid.origin, spacing=solid.spacing, levels=small)
    return buffer.getvalue()


def from_bytes(content: bytes) -> Grid:
    """The solid that `to_bytes` stored."""
    with np.load(io.BytesIO(content)) as stored:
        spacing = float(stored["spacing"])
        levels = stored["levels"].astype(np.int16) + 128
        values = spacing * np.sinh(np.arange(-128, 128) / LEVELS)
        return Grid(stored["origin"], spacing, values.astype(np.float32)[levels])


def _near(shape: Shape, scene: Any, grid: Grid) -> tuple[Bools, Floats, Floats, Bools]:
    """band: (X, Y, Z) nodes near the surface; points: (N, 3) the surface next to each of them.

    distance: (X, Y, Z) to the surface, exact in the band and a good guess elsewhere.
    side: (N,) in front of the nearest face.
    """
    import open3d as o3d
    from scipy.ndimage import distance_transform_edt

    touched = np.zeros(grid.values.shape, bool)
    index = np.round((_samples(shape, grid.spacing) - grid.origin) / grid.spacing).astype(int)
    touched[tuple(index.T)] = True
    rough, nearest = distance_transform_edt(~touched, return_indices=True)
    band = rough <= BAND
    nodes = grid.origin + grid.spacing * np.argwhere(band)
    query = o3d.core.Tensor(nodes.astype(np.float32))
    closest = scene.compute_closest_points(query, nthreads=1)
    points = closest["points"].numpy().astype(np.float64)
    away = nodes - points
    side = np.einsum("nk,nk->n", away, closest["primitive_normals"].numpy()) >= 0
    owner = np.cumsum(band.ravel()) - 1
    owner = owner[np.ravel_multi_index(tuple(nearest), band.shape)]
    distance = np.linalg.norm(grid.points - points[owner], axis=-1)
    distance[band] = np.linalg.norm(away, axis=1)
    return band, points, distance, side


def _samples(shape: Shape, spacing: float) -> Floats:
    """(N, 3) points on the surface, at most one spacing apart."""
    corners = shape.corners
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    steps = np.maximum(np.ceil(longest / spacing).astype(int), 1)
    found = []
    for count in np.unique(steps):
        i, j = np.nonzero(np.add.outer(np.arange(count + 1), np.arange(count + 1)) <= count)
        weights = np.column_stack([i, j, count - i - j]) / count
        found.append(np.einsum("wk,fkd->fwd", weights, corners[steps == count]).reshape(-1, 3))
    return np.concatenate(found)


def _winding(shape: Shape, scene: Any, grid: Grid, closed: Bools) -> Bools:
    """(X, Y, Z) more than half wound round; `closed` nodes are not looked at closely.

    The winding number is the mean over all directions of the signed crossings on the way out.
    Where the six along the grid's axes disagree (open shells) it is worked out in full.
    """
    import igl

    votes = np.zeros(closed.shape, np.int8)
    for axis in range(3):
        crossed = _crossings(shape, scene, grid, axis)
        total = crossed.sum(axis=axis, keepdims=True, dtype=np.int16)
        ahead = np.cumsum(crossed, axis=axis, dtype=np.int16)
        votes += (ahead != 0).astype(np.int8) + (ahead != total)
    within = votes >= 5
    unsure = (votes > 1) & (votes < 5) & ~closed
    if unsure.any():
        nodes = grid.origin + grid.spacing * np.argwhere(unsure)
        number = igl.fast_winding_number(shape.vertices, shape.faces, nodes)
        within[unsure] = np.nan_to_num(np.abs(number)) > 0.5
    return within


def _crossings(shape: Shape, scene: Any, grid: Grid, axis: int) -> NDArray[np.int16]:
    """(X, Y, Z) signed crossings, +1 into the solid, between a node and the one before it."""
    import open3d as o3d

    count = grid.values.shape
    others = [k for k in range(3) if k != axis]
    lines = np.argwhere(np.ones([count[k] for k in others], bool))
    rays = np.zeros((len(lines), 6), np.float32)
    rays[:, axis], rays[:, 3 + axis] = grid.origin[axis], 1
    rays[:, others] = grid.origin[others] + grid.spacing * lines
    hits = scene.list_intersections(o3d.core.Tensor(rays), nthreads=1)
    depth = hits["t_hit"].numpy().astype(np.float64)
    a, b, c = np.moveaxis(shape.corners, 1, 0)
    outward = np.cross(b - a, c - a)[hits["primitive_ids"].numpy().astype(int), axis]
    index = np.zeros((len(depth), 3), int)
    index[:, others] = lines[hits["ray_ids"].numpy().astype(int)]
    index[:, axis] = np.clip(np.ceil(depth / grid.spacing), 0, count[axis] - 1)
    crossed = np.zeros(count, np.int16)
    np.add.at(crossed, tuple(index.T), np.where(outward < 0, 1, -1).astype(np.int16))
    return crossed


def _cavities(blocked: Bools) -> Bools:
    """(X, Y, Z) nodes that cannot be reached from outside round the blocked ones."""
    from scipy.ndimage import label

    component, _ = label(~blocked)
    cavities: Bools = ~blocked & (component != component[0, 0, 0])
    return cavities


def _with_cavities(within: Bools, closed: Bools, blocked: Bools, band: Bools, side: Bools) -> Bools:
    """Add the cavities; where winding got them wrong, the faces tell the side next to them."""
    from scipy.ndimage import distance_transform_edt

    inside = within | closed
    nearest = distance_transform_edt(blocked, return_distances=False, return_indices=True)
    doubtful = blocked & (closed & ~within)[tuple(nearest)]
    front = np.zeros(within.shape, bool)
    front[band] = side
    far = tuple(nearest[:, doubtful])
    inside[doubtful] = np.where(front[doubtful] == front[far], inside[far], ~inside[far])
    return inside


def _with_sheets(signed: Grid, band: Bools, points: Floats, distance: Floats) -> Floats:
    """Give a thickness to surfaces that the signed distance does not see."""
    from scipy.ndimage import maximum_filter

    values = signed.values.astype(np.float64)
    unseen = np.zeros(values.shape)
    unseen[band] = signed.at(points) / signed.spacing
    lost = (maximum_filter(unseen, 3) > LOST) & (unseen > SEEN)
    index = np.round((points - signed.origin) / signed.spacing).astype(int)
    lost[band] |= ~maximum_filter(values < 0, 3)[tuple(index.T)]
    return np.where(lost, np.minimum(values, distance - SHEET * signed.spacing), values)


def _without_specks(values: Floats, spacing: float) -> Floats:
    """Turn tiny components inside out; the largest one always stays."""
    from scipy.ndimage import label

    component, count = label(values < 0)
    size = np.bincount(component.ravel(), minlength=count + 1)[1:]
    tiny = size < min(SPECK * size.sum(), size.max(initial=0))
    return np.where(np.r_[False, tiny][component], np.maximum(-values, 0.1 * spacing), values)
