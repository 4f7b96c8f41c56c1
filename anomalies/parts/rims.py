"""The rims of an open surface, and flat caps that close them."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats, Ints, Shape
from datagen.geometry.surface import weld

FLATNESS = 0.12  # a rim's distance from its plane (rms) over its size (rms)
SAME_PLANE = 0.05  # of two rims: sine of the angle, and distance over the size


def edge_keys(shape: Shape, same: Ints) -> Ints:
    """(F, 3) a number for the edge from corner k to k + 1, whichever way it runs.

    same: (V,) welded numbers (datagen.geometry.surface.weld), shared by shapes to be compared.
    """
    start = same[shape.faces]
    end = np.roll(start, -1, axis=1)
    keys: Ints = np.minimum(start, end) * (int(same.max()) + 1) + np.maximum(start, end)
    return keys


def rims(shape: Shape) -> list[Ints] | None:
    """Closed chains (N,) of vertices along edges of one face, the surface on their right.

    So a cap that follows the chain is wound like the surface. None where edges do not form
    simple chains.
    """
    same = weld(shape.vertices)
    keys = edge_keys(shape, same)
    _, edge, times = np.unique(keys, return_inverse=True, return_counts=True)
    border = (times == 1)[edge].reshape(keys.shape)
    start, end = np.roll(shape.faces, -1, axis=1)[border], shape.faces[border]
    following = dict(zip(same[start].tolist(), end.tolist(), strict=True))
    if len(following) < len(start):
        return None
    chains = []
    while following:
        first, vertex = following.popitem()
        chain = [vertex]
        while same[vertex] != first:
            found = following.pop(int(same[vertex]), None)
            if found is None:
                return None
            vertex = found
            chain.append(vertex)
        chains.append(np.array(chain))
    return chains


def caps(vertices: Floats, chains: list[Ints]) -> Ints | None:
    """(T, 3) triangles between the chains' vertices; chains in one plane may be holes of others.

    vertices: (V, 3) metres; chains: (N,) into them, as of rims. None where a chain is too far from
    flat, or has no area.
    """
    from manifold3d import triangulate

    planes = [_plane(vertices[chain]) for chain in chains]
    if any(plane is None for plane in planes):
        return None
    triangles = []
    open_chains = list(range(len(chains)))
    while open_chains:
        first = planes[open_chains[0]]
        others = [k for k in open_chains[1:] if _same_plane(first, planes[k])]
        together = [open_chains[0], *others]
        open_chains = [k for k in open_chains if k not in together]
        loop = np.concatenate([chains[k] for k in together])
        area = np.sum([_area_vector(vertices[chains[k]]) for k in together], axis=0)
        if np.linalg.norm(area) < 1e-9:
            return None
        flat = [vertices[chains[k]] @ _across(area) for k in together]
        triangles.append(loop[np.asarray(triangulate(flat), dtype=np.int64)])
    closing: Ints = np.concatenate(triangles).reshape(-1, 3)
    return closing


def _area_vector(points: Floats) -> Floats:
    """(3,) Newell's normal of a closed chain (N, 3), as long as its area."""
    centred = points - points.mean(axis=0)
    total: Floats = np.cross(centred, np.roll(centred, -1, axis=0)).sum(axis=0) / 2
    return total


def _plane(points: Floats) -> tuple[Floats, Floats, float] | None:
    """A chain's centre (3,), unit normal (3,), and size (rms distance from the centre), metres."""
    area = _area_vector(points)
    length = float(np.linalg.norm(area))
    centred = points - points.mean(axis=0)
    size = float(np.sqrt((centred**2).sum(axis=1).mean()))
    if length < 1e-3 * size**2 or size < 1e-6:
        return None
    normal = area / length
    if np.sqrt(((centred @ normal) ** 2).mean()) > FLATNESS * size:
        return None
    return points.mean(axis=0), normal, size


def _same_plane(
    first: tuple[Floats, Floats, float] | None, second: tuple[Floats, Floats, float] | None
) -> bool:
    if first is None or second is None:
        return False
    size = max(first[2], second[2])
    step = second[0] - first[0]
    aligned = np.linalg.norm(np.cross(first[1], second[1])) < SAME_PLANE
    near = np.linalg.norm(step) < 2 * size
    return bool(aligned and near and abs(step @ first[1]) < SAME_PLANE * size)


def _across(normal: Floats) -> Floats:
    """(3, 2) axes of a plane, right-handed with its normal."""
    first = np.eye(3)[np.argmin(np.abs(normal))]
    first = first - (first @ normal) * normal / (normal @ normal)
    first /= np.linalg.norm(first)
    second = np.cross(normal, first)
    return np.column_stack([first, second / np.linalg.norm(second)])
