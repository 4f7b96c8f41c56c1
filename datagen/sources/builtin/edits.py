"""Move, mirror, bend, cut and join meshes; each returns a new mesh."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import trimesh

from datagen.geometry.shape import Floats
from datagen.sources.builtin.builder import Mesh, Rng, Vector
from datagen.sources.builtin.drawn import Details, details


def outward(mesh: Mesh) -> Mesh:
    """The same mesh, turned inside out if its volume is negative."""
    a, b, c = np.moveaxis(np.asarray(mesh.vertices)[mesh.faces], 1, 0)
    if np.einsum("ij,ij->", a, np.cross(b, c)) < 0:
        mesh.invert()
    return mesh


def place(mesh: Mesh, at: Vector = (0, 0, 0), rx: float = 0, ry: float = 0, rz: float = 0) -> Mesh:
    """A copy turned about x, then y, then z by angles in radians, then moved by `at` (3,)."""
    matrix = trimesh.transformations.euler_matrix(rx, ry, rz, "sxyz")
    matrix[:3, 3] = at
    moved = mesh.copy()
    moved.apply_transform(matrix)
    return moved


def aim(mesh: Mesh, at: Vector, normal: Vector) -> Mesh:
    """A copy whose z axis points along the normal (3,), its origin at the point `at` (3,)."""
    matrix = trimesh.geometry.align_vectors([0, 0, 1], normal)
    matrix[:3, 3] = at
    moved = mesh.copy()
    moved.apply_transform(matrix)
    return moved


def warp(mesh: Mesh, change: Callable[[Floats], Floats]) -> Mesh:
    """A copy whose vertices (V, 3) are what `change` makes of them, (V, 3) too."""
    return outward(Mesh(change(np.array(mesh.vertices)), mesh.faces.copy(), process=False))


def stretch(mesh: Mesh, *factors: float) -> Mesh:
    """A copy scaled in x, y and z."""
    return warp(mesh, lambda p: p * factors)


def flip(mesh: Mesh) -> Mesh:
    """The mirror image in y."""
    return stretch(mesh, 1, -1, 1)


def ripple(mesh: Mesh, factor: Callable[[Floats], Floats]) -> Mesh:
    """A copy scaled in x and y by a factor (V,) of the angles (V,) about z, in radians."""

    def change(p: Floats) -> Floats:
        size = factor(np.arctan2(p[:, 1], p[:, 0]))
        return p * np.column_stack([size, size, np.ones(len(p))])

    return warp(mesh, change)


def knurl(mesh: Mesh, count: int, depth: float) -> Mesh:
    """A copy with so many ribs round z, each this share of the radius deep."""
    return ripple(mesh, lambda angle: 1 + depth * np.cos(count * angle))


def draw_bumps(rng: Rng) -> Details:
    """Of one call of bumpy, which draws as many numbers for any mesh."""
    return details(rng, _directions)


def _directions(rng: Rng) -> tuple[Floats, Floats]:
    """(6, 3) of waves, and their phases (6,)."""
    return rng.normal(size=(6, 3)), rng.uniform(0, 2 * np.pi, 6)


def bumpy(rng: Rng, mesh: Mesh, amount: float, frequency: float) -> Mesh:
    """A copy with soft random bumps along its normals.

    amount: their height; frequency: how many there are, in radians a unit of length.
    """
    directions, phase = _directions(rng)
    directions = directions * frequency
    normals = np.array(mesh.vertex_normals)
    return warp(
        mesh,
        lambda p: p + normals * amount * np.sin(p @ directions.T + phase).mean(axis=1)[:, None],
    )


def cut(solid: Mesh, *tools: Mesh) -> Mesh:
    """What the tools leave of the solid; all must be closed."""
    return trimesh.boolean.difference([solid, *tools], engine="manifold")


def common(*solids: Mesh) -> Mesh:
    """Where all the closed solids are."""
    return trimesh.boolean.intersection(list(solids), engine="manifold")


def united(*solids: Mesh) -> Mesh:
    """The outside of all the closed solids together."""
    return trimesh.boolean.union(list(solids), engine="manifold")


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """The meshes in one, as they are."""
    mesh = trimesh.util.concatenate(meshes)
    assert isinstance(mesh, Mesh)
    return mesh
