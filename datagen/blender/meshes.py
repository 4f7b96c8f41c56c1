"""Shapes as Blender objects."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from datagen.geometry.shape import Bools, Floats, Ints, Material, Shape, corner_normals

SAME_NORMAL = 1e-3


def triangle_mesh(bpy: ModuleType, name: str, vertices: Floats, faces: Ints) -> Any:
    """A Blender mesh of vertices (V, 3), metres, and triangles (F, 3) into them."""
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", vertices.astype(np.float32).ravel())
    mesh.loops.add(faces.size)
    mesh.loops.foreach_set("vertex_index", faces.astype(np.int32).ravel())
    mesh.polygons.add(len(faces))
    mesh.polygons.foreach_set("loop_start", np.arange(0, faces.size, 3, dtype=np.int32))
    mesh.update(calc_edges=True)
    return mesh


def _sharp_edges(mesh: Any, faces: Ints, normals: Floats) -> Bools:
    """(E,) edges of the mesh at which the corner normals (F, 3, 3) of its faces differ."""
    edge = np.empty(faces.size, np.int32)
    mesh.loops.foreach_get("edge_index", edge)
    ends = np.stack([faces, np.roll(faces, -1, axis=1)], axis=-1).reshape(-1, 2)
    at_ends = np.stack([normals, np.roll(normals, -1, axis=1)], axis=2).reshape(-1, 2, 3)
    turned = ends[:, 0] > ends[:, 1]
    at_ends[turned] = at_ends[turned, ::-1]
    of_edge = np.empty((len(mesh.edges), 2, 3))
    of_edge[edge] = at_ends
    sharp = np.zeros(len(mesh.edges), bool)
    sharp[edge[(np.abs(at_ends - of_edge[edge]) > SAME_NORMAL).any(axis=(1, 2))]] = True
    return sharp


class MeshBuilder:
    """Builds objects and shares equal materials and meshes between them."""

    def __init__(self, bpy: ModuleType) -> None:
        self._bpy = bpy
        self._materials: list[tuple[Material, Any]] = []
        self._meshes: list[tuple[Shape, Any]] = []

    def add(self, shape: Shape, object_to_world: Floats, name: str) -> Any:
        """Link the shape into the open scene; returns the Blender object.

        object_to_world: (4, 4), metres, z up.
        """
        from mathutils import Matrix

        item = self._bpy.data.objects.new(name, self._mesh(shape, name))
        item.matrix_world = Matrix(object_to_world.tolist())
        self._bpy.context.scene.collection.objects.link(item)
        return item

    def _mesh(self, shape: Shape, name: str) -> Any:
        for known, mesh in self._meshes:
            if known is shape:
                return mesh
        mesh = triangle_mesh(self._bpy, name, shape.vertices, shape.faces)
        for material in shape.materials:
            mesh.materials.append(self._material(material))
        mesh.polygons.foreach_set("material_index", shape.face_material.astype(np.int32))
        if shape.uv is not None:
            uv = shape.uv.reshape(-1, 2).astype(np.float32)
            uv[:, 1] = 1 - uv[:, 1]
            mesh.uv_layers.new(name="UVMap").uv.foreach_set("vector", uv.ravel())
        mesh.polygons.foreach_set("use_smooth", np.ones(len(shape.faces), bool))
        normals = corner_normals(shape)
        custom = mesh.attributes.new("custom_normal", "FLOAT_VECTOR", "CORNER")
        custom.data.foreach_set("vector", normals.astype(np.float32).ravel())
        # Cycles has one normal a vertex, and parts the mesh at sharp edges to have more.
        sharp = mesh.attributes.new("sharp_edge", "BOOLEAN", "EDGE")
        sharp.data.foreach_set("value", _sharp_edges(mesh, shape.faces, normals))
        mesh.update()
        self._meshes.append((shape, mesh))
        return mesh

    def _material(self, material: Material) -> Any:
        from datagen.blender.materials import build_material

        for known, built in self._materials:
            if known == material:
                return built
        built = build_material(self._bpy, material)
        self._materials.append((material, built))
        return built
