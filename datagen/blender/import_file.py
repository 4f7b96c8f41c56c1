"""Mesh and CAD files of every common kind through Blender's own importers."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from datagen.blender.read_color import color_materials, srgb_to_linear
from datagen.blender.read_material import read_material
from datagen.blender.session import reset
from datagen.errors import BadShape
from datagen.files.companions import companions, missing
from datagen.files.kind import SUFFIXES
from datagen.files.mesh_check import check_file
from datagen.files.wavefront import has_objects, srgb_materials
from datagen.geometry.normalise import refuse_too_many
from datagen.geometry.shape import Floats, Ints, Material, Shape

UNPAINTED = Material("unpainted")
STEP = (".step", ".stp")  # they hold colours and no other property of a surface
Y_UP = (".obj",)
Z_UP = (".stl", ".ply", ".3mf")
STEP_TOLERANCE = 0.001  # of an edge's length


def import_file(path: Path, up: str | None = None) -> Shape:
    """The file's meshes in the file's own units, z up; a part each object or part of it.

    up: "y" or "z" overrides what an obj, stl, ply or 3mf file is usually in; the other kinds state
    it themselves. What could be kept with a flaw is told in info["warnings"]. The shape is not
    canonical yet (datagen.geometry.normalise). Raises BadShape where nothing can be read.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise BadShape(f"{path}: not a kind of file that oddgen reads; give {', '.join(SUFFIXES)}.")
    warnings = check_file(path)
    warnings += [missing(file.name) for file in companions(path) if not file.is_file()]
    bpy = reset()
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            _load(bpy, path, suffix)
    except BadShape:
        raise
    except Exception as error:
        raise BadShape(
            f"{path}: cannot be read ({_reason(error)}); export it again or remove it."
        ) from error
    shape = _gather(bpy, path, warnings)
    if suffix == ".obj":
        shape = replace(shape, materials=_linear(shape.materials, srgb_materials(path)))
    if suffix in STEP:
        paint = [replace(m, metallic=0.0, roughness=0.5) for m in shape.materials]
        shape = replace(shape, materials=tuple(paint))
    if up == "z" and suffix in Y_UP:
        shape = shape.with_vertices(shape.vertices[:, [0, 2, 1]] * [1, 1, -1])
    if up == "y" and suffix in Z_UP:
        shape = shape.with_vertices(shape.vertices[:, [0, 2, 1]] * [1, -1, 1])
    return shape


def _reason(error: Exception) -> str:
    """The last line of what an importer says, without its decoration."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[-1].removeprefix("Error: ").replace(", see console for detail", "").rstrip(".")


def _linear(materials: tuple[Material, ...], srgb: set[str]) -> tuple[Material, ...]:
    """The importer takes every .mtl for one of Blender's own, which hold linear colours."""
    result = []
    for material in materials:
        if material.name in srgb:
            red, green, blue = srgb_to_linear(np.array(material.base_color)).tolist()
            material = replace(material, base_color=(red, green, blue))
        result.append(material)
    return tuple(result)


def _load(bpy: ModuleType, path: Path, suffix: str) -> None:
    name = str(path)
    if suffix == ".obj":
        bpy.ops.wm.obj_import(
            filepath=name, use_split_objects=True, use_split_groups=not has_objects(path)
        )
    elif suffix == ".stl":
        bpy.ops.wm.stl_import(filepath=name)
    elif suffix == ".ply":
        bpy.ops.wm.ply_import(filepath=name)
    elif suffix in (".glb", ".gltf"):
        bpy.ops.import_scene.gltf(filepath=name)
    elif suffix == ".fbx":
        bpy.ops.wm.fbx_import(filepath=name)
    elif suffix.startswith(".usd"):
        bpy.ops.wm.usd_import(filepath=name)
    elif suffix == ".blend":
        bpy.ops.wm.open_mainfile(filepath=name, load_ui=False, use_scripts=False)
    else:
        with tempfile.TemporaryDirectory() as folder:
            converted = Path(folder) / "converted.glb"
            if suffix == ".3mf":
                _convert_3mf(path, converted)
            else:
                _convert_step(path, converted)
            bpy.ops.import_scene.gltf(filepath=str(converted))
            _turn_back(bpy)


def _convert_3mf(path: Path, converted: Path) -> None:
    import trimesh

    trimesh.load_scene(path).export(converted)


def _convert_step(path: Path, converted: Path) -> None:
    import cascadio

    status = cascadio.step_to_glb(
        str(path), str(converted), tol_linear=STEP_TOLERANCE, tol_angular=0.35, tol_relative=True
    )
    if status != 0 or not converted.exists():
        raise BadShape(f"{path}: holds no solid that OpenCASCADE can read; export it again.")


def _turn_back(bpy: ModuleType) -> None:
    """Both converters write z-up coordinates into a glb unturned; undo the importer's turn."""
    from mathutils import Matrix

    turn = Matrix.Rotation(-np.pi / 2, 4, "X")
    for item in bpy.context.scene.objects:
        if item.parent is None:
            item.matrix_world = turn @ item.matrix_world
    bpy.context.view_layer.update()


def _gather(bpy: ModuleType, path: Path, warnings: list[str]) -> Shape:
    materials: dict[str, Material] = {}
    parts: dict[str, int] = {}
    vertices, faces, uvs, face_part, face_material = [], [], [], [], []
    count, total, any_uv = 0, 0, False
    for name, item, matrix in _instances(bpy):
        mesh = item.to_mesh()
        points, triangles, loops, slots, uv = _triangles(mesh)
        slot_materials = [slot.material for slot in item.material_slots]
        colors = None if any(slot_materials) else color_materials(mesh, triangles, loops)
        item.to_mesh_clear()
        if len(triangles) == 0:
            continue
        total += len(triangles)
        refuse_too_many(total, str(path))
        if np.linalg.det(matrix[:3, :3]) < 0:
            triangles = triangles[:, ::-1]
            uv = None if uv is None else uv[:, ::-1]
        any_uv |= uv is not None
        vertices.append(points @ matrix[:3, :3].T + matrix[:3, 3])
        faces.append(triangles + count)
        count += len(points)
        uvs.append(np.zeros((len(triangles), 3, 2)) if uv is None else uv)
        face_part.append(np.full(len(triangles), parts.setdefault(name, len(parts))))
        if colors is not None:
            slots, found = colors[1], colors[0]
        else:
            found = [_material(entry, materials, warnings) for entry in slot_materials or [None]]
        table = np.array([_index(entry, materials) for entry in found])
        face_material.append(table[np.clip(slots, 0, len(table) - 1)])
    if not vertices:
        raise BadShape(f"{path}: no mesh could be read from it; export it again or remove it.")
    return Shape(
        vertices=np.concatenate(vertices),
        faces=np.concatenate(faces),
        face_part=np.concatenate(face_part),
        face_material=np.concatenate(face_material),
        part_names=tuple(parts),
        materials=tuple(materials.values()),
        uv=np.concatenate(uvs) if any_uv else None,
        info={"warnings": list(dict.fromkeys(warnings))} if warnings else {},
    )


def _instances(bpy: ModuleType) -> Iterator[tuple[str, Any, Floats]]:
    """Name, evaluated object and world matrix (4, 4) of all that would be rendered.

    Curves, surfaces and texts come as instances of a mesh.
    """
    graph = bpy.context.evaluated_depsgraph_get()
    for instance in graph.object_instances:
        item = instance.object
        if item.type not in {"MESH", "META"}:
            continue
        if not instance.show_self or item.original.hide_render:
            continue
        yield item.original.name, item, np.array(instance.matrix_world)


def _triangles(mesh: Any) -> tuple[Floats, Ints, Ints, Ints, Floats | None]:
    """Vertices (V, 3), triangles and loops (F, 3), slots (F,), UVs (F, 3, 2) with v down."""
    mesh.calc_loop_triangles()
    total = len(mesh.loop_triangles)
    points = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", points)
    triangles, loops = np.empty(total * 3, np.int32), np.empty(total * 3, np.int32)
    mesh.loop_triangles.foreach_get("vertices", triangles)
    mesh.loop_triangles.foreach_get("loops", loops)
    slots = np.empty(total, np.int32)
    mesh.loop_triangles.foreach_get("material_index", slots)
    uv = None
    layer = mesh.uv_layers.active
    if layer is not None and len(layer.uv):
        flat = np.empty(len(mesh.loops) * 2, np.float32)
        layer.uv.foreach_get("vector", flat)
        uv = flat.reshape(-1, 2)[loops].reshape(-1, 3, 2).astype(np.float64)
        uv[..., 1] = 1 - uv[..., 1]
    return (
        points.reshape(-1, 3).astype(np.float64),
        triangles.reshape(-1, 3).astype(np.int64),
        loops.reshape(-1, 3).astype(np.int64),
        slots.astype(np.int64),
        uv,
    )


def _material(material: Any, known: dict[str, Material], warnings: list[str]) -> Material:
    if material is None:
        return UNPAINTED
    return known.get(material.name) or read_material(material, warnings)


def _index(material: Material, known: dict[str, Material]) -> int:
    known.setdefault(material.name, material)
    return list(known).index(material.name)
