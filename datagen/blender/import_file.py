"""Mesh and CAD files of every common kind through Blender's own importers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from datagen.blender.read_material import read_material
from datagen.blender.session import reset
from datagen.companions import companions, has_objects
from datagen.errors import BadShape
from datagen.shape import Floats, Ints, Material, Shape

UNPAINTED = Material("unpainted")
SUFFIXES = (
    ".obj", ".stl", ".ply", ".glb", ".gltf", ".fbx", ".usd", ".usda", ".usdc", ".usdz", ".3mf",
    ".blend", ".step", ".stp",
)  # fmt: skip
STEP = (".step", ".stp")  # they hold colours and no other property of a surface
Y_UP = (".obj",)
Z_UP = (".stl", ".ply", ".3mf")
STEP_TOLERANCE = 0.001  # of an edge's length


def import_file(path: Path, up: str | None = None) -> Shape:
    """The file's meshes in the file's own units, z up; a part each object or part of it.

    up: "y" or "z" overrides what an obj, stl, ply or 3mf file is usually in; the other kinds
    state it themselves. What could be kept with a flaw is told in info["warnings"].
    Raises BadShape where nothing can be read.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise BadShape(f"{path}: not a kind of file that oddgen reads; give {', '.join(SUFFIXES)}.")
    _check_whole(path, suffix)
    warnings = [
        f"{file.name}: named by the file and missing; a plain colour stands for it."
        for file in companions(path)
        if not file.is_file()
    ]
    bpy = reset()
    try:
        _load(bpy, path, suffix)
    except BadShape:
        raise
    except Exception as error:
        reason = str(error).strip().splitlines()[-1:] or [type(error).__name__]
        raise BadShape(
            f"{path}: cannot be read ({reason[0]}); export it again or remove it."
        ) from error
    shape = _gather(bpy, path, warnings)
    if suffix in STEP:
        paint = [replace(m, metallic=0.0, roughness=0.5) for m in shape.materials]
        shape = replace(shape, materials=tuple(paint))
    if up == "z" and suffix in Y_UP:
        shape = shape.with_vertices(shape.vertices[:, [0, 2, 1]] * [1, 1, -1])
    if up == "y" and suffix in Z_UP:
        shape = shape.with_vertices(shape.vertices[:, [0, 2, 1]] * [1, -1, 1])
    return shape


def _check_whole(path: Path, suffix: str) -> None:
    """Faults that Blender would pass over in silence."""
    size = path.stat().st_size
    if size == 0:
        raise BadShape(f"{path}: the file is empty; export it again or remove it.")
    if suffix == ".stl":
        head = path.open("rb").read(84)
        count = int.from_bytes(head[80:84], "little")
        if not head.lstrip().startswith(b"solid") and size < 84 + 50 * count:
            raise BadShape(f"{path}: the file breaks off; export or copy it again.")


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
        bpy.ops.import_scene.fbx(filepath=name)
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
    count, any_uv = 0, False
    for name, item, matrix in _instances(bpy):
        mesh = item.to_mesh()
        points, triangles, slots, uv = _triangles(mesh)
        item.to_mesh_clear()
        if len(triangles) == 0:
            continue
        if np.linalg.det(matrix[:3, :3]) < 0:
            triangles = triangles[:, ::-1]
            uv = None if uv is None else uv[:, ::-1]
        any_uv |= uv is not None
        vertices.append(points @ matrix[:3, :3].T + matrix[:3, 3])
        faces.append(triangles + count)
        count += len(points)
        uvs.append(np.zeros((len(triangles), 3, 2)) if uv is None else uv)
        face_part.append(np.full(len(triangles), parts.setdefault(name, len(parts))))
        index = [
            _material_index(slot.material, materials, warnings) for slot in item.material_slots
        ]
        table = np.array(index or [_material_index(None, materials, warnings)])
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
    """Name, evaluated object and world matrix (4, 4) of all that would be rendered."""
    graph = bpy.context.evaluated_depsgraph_get()
    for instance in graph.object_instances:
        item = instance.object
        if item.type not in {"MESH", "CURVE", "SURFACE", "FONT", "META"}:
            continue
        if not instance.show_self or item.original.hide_render:
            continue
        yield item.original.name, item, np.array(instance.matrix_world)


def _triangles(mesh: Any) -> tuple[Floats, Ints, Ints, Floats | None]:
    """Vertices (V, 3), triangles (F, 3), material slots (F,), UVs (F, 3, 2) with v down."""
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
        slots.astype(np.int64),
        uv,
    )


def _material_index(material: Any, known: dict[str, Material], warnings: list[str]) -> int:
    name = "" if material is None else material.name
    if name not in known:
        known[name] = UNPAINTED if material is None else read_material(material, warnings)
    return list(known).index(name)
