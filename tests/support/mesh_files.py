"""One small solid in every kind of mesh file, written by Blender's and trimesh's exporters.

A red base of 2 x 4 x 1 with a blue post, 1 across and 2 high, that stands at (0.5, 0.5) on it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import trimesh

from datagen.blender.session import reset

SIZE = (2.0, 4.0, 3.0)
RED, BLUE = (0.8, 0.05, 0.05), (0.05, 0.1, 0.8)
VOLUME = 8.0 + 2.0 * 16 * 0.25 * np.sin(2 * np.pi / 32)
FILES = (
    "a.obj", "a.stl", "text.stl", "a.ply", "text.ply", "a.glb", "a.gltf", "a.fbx", "a.usd",
    "a.usda", "a.usdc", "a.usdz", "a.3mf", "a.blend", "packed.blend",
)  # fmt: skip
WITHOUT_PARTS = ("a.stl", "text.stl", "a.ply", "text.ply")
WITHOUT_COLORS = (*WITHOUT_PARTS, "a.3mf")


def make_scene() -> Any:
    """The solid in a fresh Blender file; returns bpy."""
    bpy = reset()
    ops = bpy.ops.mesh
    ops.primitive_cube_add(size=1, location=(0, 0, 0.5), scale=(2, 4, 1))
    _name(bpy, "base", "red", RED)
    ops.primitive_cylinder_add(radius=0.5, depth=2, vertices=32, location=(0.5, 0.5, 2))
    _name(bpy, "post", "blue", BLUE)
    bpy.context.view_layer.update()
    return bpy


def _name(bpy: Any, name: str, material: str, color: tuple[float, float, float]) -> None:
    item = bpy.context.object
    item.name = item.data.name = name
    paint = bpy.data.materials.new(material)
    paint.use_nodes = True
    paint.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (*color, 1)
    item.data.materials.append(paint)


def write_all(folder: Path) -> None:
    """Every file of FILES."""
    bpy = make_scene()
    wm, scene = bpy.ops.wm, bpy.ops.export_scene

    def path(name: str) -> str:
        return str(folder / name)

    wm.obj_export(filepath=path("a.obj"))
    wm.stl_export(filepath=path("a.stl"))
    wm.stl_export(filepath=path("text.stl"), ascii_format=True)
    wm.ply_export(filepath=path("a.ply"))
    wm.ply_export(filepath=path("text.ply"), ascii_format=True)
    scene.gltf(filepath=path("a.glb"))
    scene.gltf(filepath=path("a.gltf"), export_format="GLTF_SEPARATE")
    scene.fbx(filepath=path("a.fbx"))
    for kind in ("usd", "usda", "usdc", "usdz"):
        wm.usd_export(filepath=path(f"a.{kind}"))
    wm.save_as_mainfile(filepath=path("a.blend"))
    wm.save_as_mainfile(filepath=path("packed.blend"), compress=True)
    turned = trimesh.load_scene(folder / "a.glb")
    turned.apply_transform(trimesh.transformations.rotation_matrix(np.pi / 2, [1, 0, 0]))
    turned.export(folder / "a.3mf")
