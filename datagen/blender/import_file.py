"""Mesh and CAD files of every common kind through Blender's own importers."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from datagen.base.files import special_fault
from datagen.base.reading import reading
from datagen.blender.bake import bake_objects, fits, with_baked
from datagen.blender.far import centred_usd
from datagen.blender.linked import Linked, linked_layers, linked_libraries
from datagen.blender.read_color import color_materials
from datagen.blender.read_material import Surface, read_material
from datagen.blender.session import reset
from datagen.blender.simplify import simplified
from datagen.errors import BadShape, not_numbers
from datagen.files.companions import companions, missing
from datagen.files.face_colors import has_face_colors, read_face_colors
from datagen.files.kind import SUFFIXES
from datagen.files.mesh_check import check_file
from datagen.files.rounding import Rounding
from datagen.files.threemf import read_3mf
from datagen.files.tidy import tidied_obj, tidied_ply, tidied_stl
from datagen.files.told_faces import dropped
from datagen.files.wavefront import has_objects, srgb_materials
from datagen.geometry.color import srgb_to_linear
from datagen.geometry.limits import MAX_FACES, refuse_too_many
from datagen.geometry.shape import Floats, Ints, Material, Shape

UNPAINTED = Material("unpainted")
STEP = (".step", ".stp")  # they hold colours and no other property of a surface
Y_UP = (".obj",)
Z_UP = (".stl", ".ply", ".3mf")
STEP_TOLERANCE = 0.001  # of an edge's length


def import_file(path: Path, up: str | None = None, max_faces: int = MAX_FACES) -> Shape:
    """The file's meshes in the file's own units, z up; a part each object or part of it.

    up: "y" or "z" overrides what an obj, stl, ply or 3mf file is usually in; the other kinds state
    it themselves. max_faces: a shape of more triangles is simplified to so many. What could be kept
    with a flaw is told in info["warnings"], and other files that it took something from in
    info["linked"]. The shape is not canonical yet
    (datagen.geometry.normalise). Raises BadShape where nothing can be read.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise BadShape(f"{path}: not a kind of file that oddgen reads; give {', '.join(SUFFIXES)}.")
    remedy = "export it again or remove it"
    with reading(path, remedy, BadShape):
        try:
            shape = _turned(_read(path, suffix), suffix, up)
            if not np.isfinite(shape.vertices[shape.faces]).all():
                raise not_numbers(path)
            return simplified(shape, max_faces, str(path))
        except MemoryError as error:
            raise BadShape(f"{path}: takes too much memory to be read; {remedy}.") from error


def _read(path: Path, suffix: str) -> Shape:
    beside = companions(path)
    for file in (path, *beside):
        if fault := special_fault(file):
            whose = "" if file == path else f"names {file}, which "
            raise BadShape(f"{path}: {whose}{fault}; give regular files.")
    checked = check_file(path)
    warnings = list(checked.warnings)
    if not suffix.startswith(".usd"):
        warnings += [missing(file.name) for file in beside if not file.is_file()]
    if suffix == ".ply" and has_face_colors(path):
        return read_face_colors(path)
    if suffix == ".3mf":
        return read_3mf(path)
    bpy = reset()
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        _load(bpy, path, suffix)
    linked = _linked(bpy, path, suffix, beside)
    warnings += linked.warnings
    try:
        shape = _gather(bpy, path, warnings, checked.triangles)
    except BadShape as error:
        error.linked = linked.files
        raise
    if linked.files:
        shape = replace(shape, info=shape.info | {"linked": linked.files})
    if suffix == ".obj":
        shape = replace(shape, materials=_linear(shape.materials, srgb_materials(path)))
    if suffix in STEP:
        paint = [replace(m, metallic=0.0, roughness=0.5) for m in shape.materials]
        shape = replace(shape, materials=tuple(paint))
    return shape


def _linked(bpy: ModuleType, path: Path, suffix: str, beside: Sequence[Path]) -> Linked:
    if suffix == ".blend":
        return linked_libraries(bpy)
    if not suffix.startswith(".usd"):
        return Linked()
    plain = Linked((), tuple(missing(file.name) for file in beside if not file.is_file()))
    return linked_layers(bpy, path) or plain


def _turned(shape: Shape, suffix: str, up: str | None) -> Shape:
    """z up, where the user says that the file has another up axis than its kind."""
    if up == "z" and suffix in Y_UP:
        return shape.with_vertices(shape.vertices[:, [0, 2, 1]] * [1, 1, -1])
    if up == "y" and suffix in Z_UP:
        return shape.with_vertices(shape.vertices[:, [0, 2, 1]] * [1, -1, 1])
    return shape


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
    if suffix in (".obj", ".stl", ".ply"):
        with tempfile.TemporaryDirectory() as folder:
            _load_text(bpy, path, suffix, Path(folder))
    elif suffix in (".glb", ".gltf"):
        bpy.ops.import_scene.gltf(filepath=name)
    elif suffix == ".fbx":
        bpy.ops.wm.fbx_import(filepath=name)
    elif suffix.startswith(".usd"):
        with tempfile.TemporaryDirectory() as folder:
            bpy.ops.wm.usd_import(filepath=str(centred_usd(bpy, path, Path(folder))))
    elif suffix == ".blend":
        bpy.ops.wm.open_mainfile(filepath=name, load_ui=False, use_scripts=False)
    else:
        with tempfile.TemporaryDirectory() as folder:
            converted = Path(folder) / "converted.glb"
            _convert_step(path, converted)
            bpy.ops.import_scene.gltf(filepath=str(converted))
            _turn_back(bpy)


def _load_text(bpy: ModuleType, path: Path, suffix: str, folder: Path) -> None:
    """Of an .obj, .stl or .ply, or of a copy that the importer reads as it is meant."""
    if suffix == ".stl":
        bpy.ops.wm.stl_import(filepath=str(tidied_stl(path, folder)))
        return
    if suffix == ".ply":
        bpy.ops.wm.ply_import(filepath=str(tidied_ply(path, folder)))
        return
    name = str(tidied_obj(path, folder))
    bpy.ops.wm.obj_import(
        filepath=name, use_split_objects=True, use_split_groups=not has_objects(path)
    )


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


def _gather(bpy: ModuleType, path: Path, warnings: list[str], told: int | None) -> Shape:
    """All meshes as one shape. told: triangles that the file tells of, where that is known."""
    known: dict[str, Surface] = {}
    materials: dict[str, Material] = {}
    parts: dict[str, int] = {}
    vertices, faces, uvs, face_part, face_material = [], [], [], [], []
    count, total, any_uv = 0, 0, False
    rounding = Rounding()
    baked = bake_objects(bpy, _instances(bpy), lambda one: _surface(one, known, warnings))
    for name, item, matrix in _instances(bpy):
        mesh = item.to_mesh()
        points, triangles, loops, slots = _triangles(mesh)
        if len(triangles) == 0:
            item.to_mesh_clear()
            continue
        slot_materials = [slot.material for slot in item.material_slots] or [None]
        surfaces = [_surface(entry, known, warnings) for entry in slot_materials]
        slots = np.clip(slots, 0, len(surfaces) - 1)
        uv = _uv(mesh, loops, slots, surfaces)
        if fits(baked.get(name), mesh):
            surfaces, uv = with_baked(baked[name], surfaces, uv, loops, slots)
        warnings += [_told_of(s) for s in surfaces if not s.whole]
        found, index = _painted(mesh, triangles, loops, slots, surfaces, path)
        item.to_mesh_clear()
        total += len(triangles)
        refuse_too_many(total, str(path))
        if np.linalg.det(matrix[:3, :3]) < 0:
            triangles = triangles[:, ::-1]
            uv = None if uv is None else uv[:, ::-1]
        any_uv |= uv is not None
        rounding.add(points, matrix)
        vertices.append(points @ matrix[:3, :3].T + matrix[:3, 3])
        faces.append(triangles + count)
        count += len(points)
        uvs.append(np.zeros((len(triangles), 3, 2)) if uv is None else uv)
        face_part.append(np.full(len(triangles), parts.setdefault(name, len(parts))))
        table = np.array([_index(entry, materials) for entry in found])
        face_material.append(table[index])
    if not vertices:
        why = f" ({warnings[0].split(';')[0]})" if warnings else ""
        raise BadShape(f"{path}: no mesh could be read from it{why}; export it again or remove it.")
    if told is not None:
        warnings += dropped(told, total)
    whole = np.concatenate(vertices)
    warnings += rounding.told(whole)
    return Shape(
        vertices=whole,
        faces=np.concatenate(faces),
        face_part=np.concatenate(face_part),
        face_material=np.concatenate(face_material),
        part_names=tuple(parts),
        materials=tuple(materials.values()),
        uv=np.concatenate(uvs) if any_uv else None,
        info={"warnings": list(dict.fromkeys(warnings))} if warnings else {},
    )


def _told_of(surface: Surface) -> str:
    return (
        f"{surface.material.name}: its colour comes of more nodes than are read or could be baked; "
        "the nearest image or colour stands for them."
    )


def _painted(
    mesh: Any,
    triangles: Ints,
    loops: Ints,
    slots: Ints,
    surfaces: Sequence[Surface],
    path: Path,
) -> tuple[list[Material], Ints]:
    """Materials, and which of them each triangle (F,) has: those of the slots, times colours.

    Of glTF files a mesh's colours always count, of others where a material uses them, or where
    there is none at all.
    """
    bare = all(surface.material is UNPAINTED for surface in surfaces)
    names = [surface.colors for surface in surfaces if surface.colors is not None]
    plain = [surface.material for surface in surfaces]
    if not (bare or names or path.suffix.lower() in (".glb", ".gltf")):
        return plain, slots
    colors = color_materials(mesh, triangles, loops, names[0] if names else "")
    if colors is None:
        return plain, slots
    palette, index = colors
    if bare:
        return palette, index
    whole = path.suffix.lower() in (".glb", ".gltf")
    used = np.array([whole or surface.colors is not None for surface in surfaces])
    pairs = np.column_stack([slots, np.where(used[slots], index, -1)])
    kinds, which = np.unique(pairs, axis=0, return_inverse=True)
    made = [
        plain[slot] if entry < 0 else _tinted(plain[slot], palette[entry])
        for slot, entry in kinds.tolist()
    ]
    return made, which.reshape(-1)


def _tinted(material: Material, color: Material) -> Material:
    r, g, b = (np.array(material.base_color) * np.array(color.base_color)).tolist()
    if color.base_color == (1.0, 1.0, 1.0):
        return material
    return replace(material, name=f"{material.name} {color.name}", base_color=(r, g, b))


def _instances(bpy: ModuleType) -> Iterator[tuple[str, Any, Floats]]:
    """Name, evaluated object and world matrix (4, 4) of all that would be rendered.

    Curves, surfaces and texts come as instances of a mesh.
    """
    _as_rendered(bpy)
    graph = bpy.context.evaluated_depsgraph_get()
    for instance in graph.object_instances:
        item = instance.object
        if item.type not in {"MESH", "META"}:
            continue
        if not instance.show_self or item.original.hide_render:
            continue
        yield item.original.name, item, np.array(instance.matrix_world)


def _as_rendered(bpy: ModuleType) -> None:
    """What the viewport hides and a render shows comes forth; modifiers count as in a render."""
    for item in bpy.data.objects:
        item.hide_viewport = False
        for modifier in item.modifiers:
            modifier.show_viewport = modifier.show_render
            if modifier.type == "SUBSURF":
                modifier.levels = modifier.render_levels
    for collection in bpy.data.collections:
        collection.hide_viewport = collection.hide_render
    for item in bpy.context.view_layer.objects:
        item.hide_set(False)
    bpy.context.view_layer.update()


def _triangles(mesh: Any) -> tuple[Floats, Ints, Ints, Ints]:
    """Vertices (V, 3), triangles and loops (F, 3), slots (F,)."""
    mesh.calc_loop_triangles()
    total = len(mesh.loop_triangles)
    points = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", points)
    triangles, loops = np.empty(total * 3, np.int32), np.empty(total * 3, np.int32)
    mesh.loop_triangles.foreach_get("vertices", triangles)
    mesh.loop_triangles.foreach_get("loops", loops)
    slots = np.empty(total, np.int32)
    mesh.loop_triangles.foreach_get("material_index", slots)
    return (
        points.reshape(-1, 3).astype(np.float64),
        triangles.reshape(-1, 3).astype(np.int64),
        loops.reshape(-1, 3).astype(np.int64),
        slots.astype(np.int64),
    )


def _uv(mesh: Any, loops: Ints, slots: Ints, surfaces: Sequence[Surface]) -> Floats | None:
    """(F, 3, 2) with v down, where each triangle's material has its images; None without UVs."""
    layers: dict[str, Floats] = {}
    result: Floats | None = None
    for number, surface in enumerate(surfaces):
        mine = slots == number
        placed = surface.placed
        layer = mesh.uv_layers.get(placed.layer) if placed.layer else mesh.uv_layers.active
        layer = layer or mesh.uv_layers.active
        if layer is None or not len(layer.uv) or not mine.any():
            continue
        if layer.name not in layers:
            flat = np.empty(len(mesh.loops) * 2, np.float32)
            layer.uv.foreach_get("vector", flat)
            layers[layer.name] = flat.reshape(-1, 2)[loops].reshape(-1, 3, 2).astype(np.float64)
        corners = layers[layer.name][mine]
        if not placed.is_plain:
            matrix = np.array(placed.matrix)
            corners = corners @ matrix[:, :2].T + matrix[:, 2]
        if result is None:
            result = np.zeros((len(loops), 3, 2))
        result[mine] = corners * [1, -1] + [0, 1]
    return result


def _surface(material: Any, known: dict[str, Surface], warnings: list[str]) -> Surface:
    if material is None:
        return Surface(UNPAINTED)
    if material.name not in known:
        known[material.name] = read_material(material, warnings)
    return known[material.name]


def _index(material: Material, known: dict[str, Material]) -> int:
    known.setdefault(material.name, material)
    return list(known).index(material.name)
