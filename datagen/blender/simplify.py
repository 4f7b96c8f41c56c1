"""Shapes of too many triangles with fewer, by Blender's Decimate; parts, materials and UVs stay."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np

from datagen.blender.meshes import triangle_mesh
from datagen.blender.session import reset
from datagen.errors import BadShape, not_numbers
from datagen.geometry.canonical import canonical
from datagen.geometry.normalise import RADIUS
from datagen.geometry.shape import Floats, Shape
from datagen.geometry.surface import surface_distance

ORIGIN = "origin"  # attribute: a face's part and material


def simplified(shape: Shape, most: int, name: str) -> Shape:
    """The shape with `most` triangles at most, which a warning in its info tells with the error.

    shape: of any size and position; one that has fewer comes back as it is. name: of the file in
    sentences. Raises BadShape for points that are no numbers, and where Blender cannot take so many
    triangles away.
    """
    before = len(shape.faces)
    if before <= most:
        return shape
    if not np.isfinite(shape.vertices[shape.faces]).all():
        raise not_numbers(name)
    middle = shape.bounds.mean(axis=0)
    radius = float(np.linalg.norm(shape.vertices - middle, axis=1).max())
    if radius == 0:
        return shape
    scaled = shape.with_vertices((shape.vertices - middle) * (RADIUS / radius))
    whole, _ = canonical(scaled)
    if len(whole.faces) <= most:
        return replace(shape, **_arrays(whole, radius, middle))
    fewer = _decimated(whole, most)
    if len(fewer.faces) > most:
        raise BadShape(
            f"{name}: its {before:,} triangles cannot be simplified to {most:,} (too many "
            "pieces, or more than two faces at an edge); repair it, or give a larger --max-faces."
        )
    off = _deviation(whole, fewer) / whole.diagonal
    told = (
        f"has {before:,} triangles; simplified to {len(fewer.faces):,}, off by {100 * off:.2g} % "
        "of its size at most (--max-faces)."
    )
    warnings = [*shape.info.get("warnings", ()), told]
    info = shape.info | {"warnings": warnings}
    return replace(shape, **_arrays(fewer, radius, middle), info=info)


def _arrays(shape: Shape, radius: float, middle: Floats) -> dict[str, Any]:
    """What simplifying changes, in the file's own units again."""
    return {
        "vertices": shape.vertices * (radius / RADIUS) + middle,
        "faces": shape.faces,
        "face_part": shape.face_part,
        "face_material": shape.face_material,
        "uv": shape.uv,
    }


def _deviation(first: Shape, second: Shape) -> float:
    """Metres that a vertex of either lies off the other's surface at most."""
    there, back = surface_distance(first.vertices, second), surface_distance(second.vertices, first)
    return float(max(there.max(), back.max()))


def _decimated(shape: Shape, most: int) -> Shape:
    bpy = reset()
    mesh = triangle_mesh(bpy, "whole", shape.vertices, shape.faces)
    origin = shape.face_part * len(shape.materials) + shape.face_material
    kept = mesh.attributes.new(ORIGIN, "INT", "FACE")
    kept.data.foreach_set("value", origin.astype(np.int32))
    if shape.uv is not None:
        mesh.uv_layers.new(name="UVMap").uv.foreach_set(
            "vector", shape.uv.astype(np.float32).ravel()
        )
    item = bpy.data.objects.new("whole", mesh)
    bpy.context.scene.collection.objects.link(item)
    modifier = item.modifiers.new("fewer", "DECIMATE")
    modifier.ratio = (most - 1) / len(shape.faces)
    fewer = _read(bpy, item, shape)
    reset()
    return fewer


def _read(bpy: ModuleType, item: Any, shape: Shape) -> Shape:
    """The shape with the triangles that the object's modifiers leave."""
    mesh = item.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
    vertices = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", vertices)
    faces = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", faces)
    origin = np.empty(len(mesh.polygons), np.int32)
    mesh.attributes[ORIGIN].data.foreach_get("value", origin)
    uv = None
    if shape.uv is not None:
        flat = np.empty(len(mesh.loops) * 2, np.float32)
        mesh.uv_layers[0].uv.foreach_get("vector", flat)
        uv = flat.reshape(-1, 3, 2).astype(np.float64)
    part, material = np.divmod(origin.astype(np.int64), len(shape.materials))
    return replace(
        shape,
        vertices=vertices.reshape(-1, 3).astype(np.float64),
        faces=faces.reshape(-1, 3).astype(np.int64),
        face_part=part,
        face_material=material,
        uv=uv,
    )
