"""The face that a cut leaves inside a solid: the field's zero, stitched to the surface's cut line.

The zero set comes from marching cubes on the solid's grid and is clipped by the solid. Its rim
then moves onto the line along which the field cuts the triangles, so that no gap is left where
the surface is closed, and the error of the grid does not show where it is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from anomalies.surgery.scalar_grid import Grid
from anomalies.surgery.split import face_side, split_at_zero
from datagen.geometry.shape import Floats, Ints, Shape

REACH = 2.0  # cells, from the rim to the cut line
LONGEST_STEP = 12  # vertices of the cut line along one edge of the rim


@dataclass(frozen=True)
class CutLine:
    """Where a cut crosses a surface, as runs of vertices.

    points: (N, 3) metres, run after run; run, position: (N,) which run, and which vertex of it.
    Of every run (R): lengths: (R,) vertices; closed: whether it returns to its start; starts:
    (R,) index into points of its first vertex.
    """

    points: Floats
    run: Ints
    position: Ints
    lengths: Ints
    closed: list[bool]
    starts: Ints


def cap_faces(solid: Grid, phi: Grid, edges: Ints, vertices: Floats) -> tuple[Floats, Ints]:
    """The zero of phi inside the solid, facing the side where phi > 0.

    solid: signed distance, metres, negative inside; phi: on the same grid, about a distance in
    metres near its zero; edges: (E, 2) into vertices (V, 3) metres: where phi cuts the surface.
    Returns (N, 3) points in metres and (M, 3) int64 faces, none where phi has no zero inside.
    """
    points, faces = _zero_set(solid, phi)
    if len(faces) == 0:
        return points, faces
    points, faces = _inside(points, faces, solid)
    if len(edges) == 0 or len(faces) == 0:
        return points, faces
    return _stitched(points, faces, cut_line(edges, vertices), REACH * solid.spacing)


def _zero_set(solid: Grid, phi: Grid) -> tuple[Floats, Ints]:
    """Marching cubes of phi in the cells that may hold the solid: (N, 3) metres, (M, 3) faces."""
    from skimage import measure

    marching_cubes: Callable[..., tuple[Floats, Ints, Floats, Floats]] = measure.marching_cubes
    nothing = np.zeros((0, 3)), np.zeros((0, 3), np.int64)
    near = (solid.values < 2 * solid.spacing) & (np.abs(phi.values) < 3 * solid.spacing)
    if not near.any():
        return nothing
    spans = [
        np.flatnonzero(near.any(axis=tuple({0, 1, 2} - {axis})))[[0, -1]] + (-1, 2)
        for axis in range(3)
    ]
    low = [max(int(span[0]), 0) for span in spans]
    box = tuple(slice(first, int(span[1])) for first, span in zip(low, spans, strict=True))
    values = phi.values[box]
    if min(values.shape) < 2 or values.min() >= 0 or values.max() <= 0:
        return nothing
    inside = solid.values[box] < 2 * solid.spacing
    try:
        points, faces, _, _ = marching_cubes(
            values, 0.0, gradient_direction="descent", mask=inside, allow_degenerate=False
        )
    except (ValueError, RuntimeError):  # the zero lies outside the solid
        return nothing
    return phi.origin + phi.spacing * (points + np.array(low)), faces.astype(np.int64)


def _inside(points: Floats, faces: Ints, solid: Grid) -> tuple[Floats, Ints]:
    """What of the faces (M, 3) over points (N, 3) lies in the solid, cut off at its surface."""
    plain = np.zeros(len(faces), np.int64)
    sheet = Shape(points, faces, plain, plain, ("cap",), ())
    sheet, _, values = split_at_zero(sheet, solid.at)
    kept = sheet.keep_faces(face_side(sheet, values))
    return kept.vertices, kept.faces


def cut_line(edges: Ints, vertices: Floats) -> CutLine:
    """Edges (E, 2) between vertices (V, 3), metres, put into runs.

    A run ends where other than two edges meet.
    """
    edges = np.unique(np.sort(edges, axis=1), axis=0)
    used, compact = np.unique(edges, return_inverse=True)
    pairs = compact.reshape(-1, 2)
    degree = np.bincount(pairs.ravel(), minlength=len(used))
    beside = np.full((len(used), 2), -1)
    for first, second in np.concatenate([pairs, pairs[:, ::-1]]):
        if degree[first] <= 2:
            beside[first, 0 if beside[first, 0] < 0 else 1] = second
    run, position = np.full(len(used), -1), np.zeros(len(used), np.int64)
    lengths: list[int] = []
    closed: list[bool] = []
    ends = np.flatnonzero(degree == 1)
    crossings = np.flatnonzero(degree > 2)
    next_to_crossing = np.unique(pairs[np.isin(pairs, crossings).any(axis=1)])
    for start in np.concatenate([crossings, ends, next_to_crossing, np.arange(len(used))]):
        if run[start] >= 0:
            continue
        number, length, here = len(lengths), 0, int(start)
        while here >= 0 and run[here] < 0:
            run[here], position[here] = number, length
            length += 1
            onward = [int(k) for k in beside[here] if k >= 0 and run[k] < 0 and degree[k] <= 2]
            last, here = here, onward[0] if onward and degree[here] <= 2 else -1
        lengths.append(length)
        closed.append(length > 2 and int(start) in beside[last] and degree[start] == 2)
    starts = np.r_[0, np.cumsum(lengths)[:-1]].astype(np.int64)
    order = np.lexsort((position, run))
    points, run, position = vertices[used[order]], run[order], position[order]
    return CutLine(points, run, position, np.array(lengths), closed, starts)


def _stitched(points: Floats, faces: Ints, line: CutLine, reach: float) -> tuple[Floats, Ints]:
    """Move the rim onto the line's vertices and follow the line between them.

    points: (N, 3); faces: (M, 3); reach: metres that a vertex of the rim may be moved.
    """
    from scipy.spatial import cKDTree

    start, end = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    size = len(points)
    inner = np.isin(start * size + end, end * size + start)
    rim = np.unique(np.r_[start[~inner], end[~inner]])
    distance, nearest = cKDTree(line.points).query(points[rim], distance_upper_bound=reach)
    on_line = np.isfinite(distance)
    # Line vertices get the numbers from `size` on.
    target = np.arange(size)
    target[rim[on_line]] = size + nearest[on_line]
    stitched = target[faces]
    at_rim = (~inner).reshape(-1, 3)
    touched = at_rim.any(axis=1)
    result = [stitched[~touched]]
    patches: list[tuple[int, int, int]] = []
    open_edges = at_rim[touched].tolist()
    for face, open_edge in zip(stitched[touched].tolist(), open_edges, strict=True):
        patches.extend(_followed(face, open_edge, line, size))
    result.append(np.array(patches, np.int64).reshape(-1, 3))
    joined = np.concatenate(result)
    a, b, c = joined.T
    joined = joined[(a != b) & (b != c) & (c != a)]
    used, compact = np.unique(joined, return_inverse=True)
    return np.concatenate([points, line.points])[used], compact.reshape(-1, 3)


def _followed(
    face: list[int], open_edge: list[bool], line: CutLine, size: int
) -> Iterator[tuple[int, int, int]]:
    """A face whose open edges follow the line, as triangles; equal corners may remain."""
    polygon: list[int] = []
    for k in range(3):
        polygon.append(face[k])
        if open_edge[k]:
            polygon.extend(_path(face[k] - size, face[(k + 1) % 3] - size, line, size))
    if len(polygon) == 3:
        yield face[0], face[1], face[2]
        return
    counts = Counter(polygon)
    inner = [k for k in range(3) if not open_edge[k] and not open_edge[k - 1]]
    apex = face[inner[0]] if inner else max(polygon, key=lambda corner: counts[corner])
    first = polygon.index(apex)
    turned = polygon[first:] + polygon[:first]
    for k in range(1, len(turned) - 1):
        yield turned[0], turned[k], turned[k + 1]


def _path(first: int, last: int, line: CutLine, size: int) -> list[int]:
    """Vertices of the line strictly between two of its vertices, the shorter way."""
    if first < 0 or last < 0 or first == last or line.run[first] != line.run[last]:
        return []
    run = int(line.run[first])
    start, length = int(line.starts[run]), int(line.lengths[run])
    step = int(line.position[last] - line.position[first])
    if line.closed[run] and abs(step) > length / 2:
        step -= int(np.sign(step)) * length
    if abs(step) > LONGEST_STEP:
        return []
    sign = 1 if step > 0 else -1
    return [
        size + start + (int(line.position[first]) + sign * k) % length for k in range(1, abs(step))
    ]
