"""Shapes of simple meshes, one that uses everything a Shape can hold, and comparisons."""

from __future__ import annotations

import numpy as np
import trimesh

from datagen.geometry.canonical import canonical
from datagen.geometry.shape import Floats, Material, Shape, Texture
from datagen.sources.builtin.builder import ShapeBuilder

RED = Material("red", (0.7, 0.05, 0.05))
GREY = Material("grey", (0.5, 0.5, 0.5), 1.0, 0.3)


def rich_shape() -> Shape:
    """Box and ball in metres, overlapping; two parts, three materials, UVs, every texture."""
    box, ball = trimesh.creation.box((0.6, 0.4, 0.2)), trimesh.creation.icosphere(2, 0.15)
    ball.apply_translation((0.1, 0.05, 0.2))
    rng = np.random.default_rng(5)
    faces = np.concatenate([box.faces, ball.faces + len(box.vertices)])
    pictures = [Texture.from_pixels(rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)) for _ in "123"]
    return Shape(
        vertices=np.concatenate([box.vertices, ball.vertices]),
        faces=faces.astype(np.int64),
        face_part=np.repeat([0, 1], [len(box.faces), len(ball.faces)]),
        face_material=np.r_[np.zeros(6, int), np.ones(6, int), np.full(len(ball.faces), 2)],
        part_names=("body", "knob"),
        materials=(
            Material("painted", (0.8, 0.1, 0.05), 0.0, 0.4, 0.0, *pictures),
            Material("brass", (0.7, 0.5, 0.2), 1.0, 0.3),
            Material("glass", (0.9, 0.95, 0.9), 0.0, 0.05, transmission=1.0),
        ),
        uv=rng.random((len(faces), 3, 2)),
        info={"source": "test", "licence": "CC0-1.0"},
    )


def same(first: Shape, second: Shape) -> bool:
    """Whether two shapes are equal to the last bit."""
    arrays = ("vertices", "faces", "face_part", "face_material", "uv")
    return (
        all(np.array_equal(getattr(first, name), getattr(second, name)) for name in arrays)
        and first.part_names == second.part_names
        and first.materials == second.materials
        and first.info == second.info
    )


def box(size: tuple, position: tuple) -> trimesh.Trimesh:
    mesh = trimesh.creation.box(size)
    mesh.apply_translation(position)
    return mesh


def shape_of(*meshes: trimesh.Trimesh) -> Shape:
    """One grey part, as large as it is."""
    builder = ShapeBuilder()
    builder.add("body", trimesh.util.concatenate(list(meshes)), Material("grey"))
    return builder.build()


def single(mesh: trimesh.Trimesh) -> Shape:
    """One red part in canonical form."""
    builder = ShapeBuilder()
    builder.add("body", mesh, Material("red", (0.7, 0.05, 0.05)))
    shape = builder.build()
    vertices = shape.vertices - shape.bounds.mean(axis=0)
    return canonical(shape.with_vertices(vertices / np.linalg.norm(vertices, axis=1).max() / 2))[0]


def built(*pieces: tuple[str, trimesh.Trimesh, Material]) -> Shape:
    """Named parts in canonical form."""
    builder = ShapeBuilder()
    for name, mesh, material in pieces:
        builder.add(name, mesh, material)
    shape = builder.build()
    vertices = shape.vertices - shape.bounds.mean(axis=0)
    scaled = vertices / np.linalg.norm(vertices, axis=1).max() / 2
    return canonical(shape.with_vertices(scaled))[0]


def volume(shape: Shape) -> float:
    a, b, c = np.moveaxis(shape.corners, 1, 0)
    return float(np.einsum("fk,fk->", a, np.cross(b, c))) / 6


def off_surface(points: Floats, shape: Shape) -> Floats:
    """(N,) metres from the surface, in double precision."""
    import igl

    return np.sqrt(igl.point_mesh_squared_distance(points, shape.vertices, shape.faces)[0])
