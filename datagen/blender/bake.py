"""Materials of more nodes than are read, baked into images by Cycles: once a shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.blender.read_material import (
    PLAIN,
    SEE_THROUGH_SHADERS,
    Surface,
    base_socket,
    is_colored,
)
from datagen.geometry.shape import Floats, Ints, Material, Texture

LAYER = "oddgen bake"
SIDE, SMALL_SIDE, FEW = 1024, 512, 4  # pixels of an image, and of each of more objects than FEW
MOST_OBJECTS, MOST_LOOPS = 16, 900_000  # that are baked; others keep what is read of their nodes
MARGIN = 8  # pixels around islands
FINISH = ("Roughness", "Metallic")


@dataclass(frozen=True)
class Baked:
    """An object's images. uv: (L, 2) of its mesh's loops, v up. corners: (L,) their vertices.

    materials: by the number of their slot.
    """

    uv: Floats
    corners: Ints
    materials: Mapping[int, Material]


@dataclass(frozen=True)
class _Copy:
    """An object's evaluated mesh, its materials by slot, its matrix (4, 4) to the world.

    plain: what is read of the materials to bake, by slot.
    """

    mesh: Any
    materials: list[Any]
    matrix: Floats
    plain: Mapping[int, Material]


def bake_objects(
    bpy: ModuleType,
    instances: Iterable[tuple[str, Any, Floats]],
    surface_of: Callable[[Any], Surface],
) -> dict[str, Baked]:
    """Of every object with a material that is more than was read, by name.

    instances: name, evaluated object and world matrix (4, 4). surface_of: what is read of a
    material. Objects that cannot be baked are not among the answers.
    """
    copies: dict[str, _Copy] = {}
    graph = bpy.context.evaluated_depsgraph_get()
    for name, item, matrix in instances:
        materials = [slot.material for slot in item.material_slots]
        read = [None if one is None else surface_of(one) for one in materials]
        plain = {n: one.material for n, one in enumerate(read) if one and not one.whole}
        if plain and name not in copies and len(copies) <= MOST_OBJECTS:
            mesh = bpy.data.meshes.new_from_object(
                item, preserve_all_data_layers=True, depsgraph=graph
            )
            copies[name] = _Copy(mesh, materials, matrix, plain)
    if not 0 < len(copies) <= MOST_OBJECTS:
        return {}
    _set_up(bpy)
    side = SIDE if len(copies) <= FEW else SMALL_SIDE
    found = {}
    for name, copy in copies.items():
        if 0 < len(copy.mesh.loops) <= MOST_LOOPS:
            baked = _bake_object(bpy, name, copy, side)
            if baked is not None:
                found[name] = baked
        bpy.data.meshes.remove(copy.mesh)
    bpy.context.view_layer.update()
    return found


def fits(baked: Baked | None, mesh: Any) -> bool:
    """Whether it was baked for an evaluated mesh of these loops."""
    return baked is not None and np.array_equal(_corners(mesh), baked.corners)


def with_baked(
    baked: Baked, surfaces: list[Surface], uv: Floats | None, loops: Ints, slots: Ints
) -> tuple[list[Surface], Floats]:
    """Surfaces by slot and UVs (F, 3, 2), v down, of triangles with loops (F, 3), slots (F,)."""
    made = [
        Surface(baked.materials[number]) if number in baked.materials else surface
        for number, surface in enumerate(surfaces)
    ]
    mine = np.isin(slots, list(baked.materials))
    result = np.zeros((len(loops), 3, 2)) if uv is None else uv.copy()
    result[mine] = baked.uv[loops[mine]] * [1, -1] + [0, 1]
    return made, result


def _set_up(bpy: ModuleType) -> None:
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples = "CPU", 1
    scene.cycles.use_denoising = False
    scene.render.bake.use_selected_to_active = False
    scene.render.bake.margin = MARGIN


def _bake_object(bpy: ModuleType, name: str, copied: _Copy, side: int) -> Baked | None:
    """None where Blender refuses."""
    from mathutils import Matrix

    mesh, plain = copied.mesh, copied.plain
    corners = _corners(mesh)
    copies = [None if one is None else one.copy() for one in copied.materials]
    mesh.materials.clear()
    for copy in copies:
        mesh.materials.append(copy)
    item = bpy.data.objects.new("oddgen bake", mesh)
    bpy.context.scene.collection.objects.link(item)
    item.matrix_world = Matrix(copied.matrix.tolist())
    try:
        _unwrap(bpy, item)
        if not np.array_equal(_corners(mesh), corners):
            return None
        normal = None
        if any(one and n in plain and _is_bent(one.node_tree) for n, one in enumerate(copies)):
            normal = Texture.from_pixels(_baked(bpy, copies, plain, "Normal", side))
        color = _baked(bpy, copies, plain, "Base Color", side)
        finish = None
        if any(one and n in plain and _varies(one.node_tree) for n, one in enumerate(copies)):
            rough, metal = (_baked(bpy, copies, plain, kind, side)[..., :1] for kind in FINISH)
            finish = np.concatenate([np.full_like(rough, 255), rough, metal], axis=2)
        uv = np.empty(len(mesh.loops) * 2, np.float32)
        mesh.uv_layers[LAYER].uv.foreach_get("vector", uv)
    except RuntimeError:  # of bpy's operators
        return None
    finally:
        bpy.data.objects.remove(item)
        for copy in copies:
            if copy is not None:
                bpy.data.materials.remove(copy)
    made = {
        number: replace(
            material,
            name=f"{material.name} of {name}",
            base_color=(1.0, 1.0, 1.0),
            metallic=material.metallic if finish is None else 1.0,
            roughness=material.roughness if finish is None else 1.0,
            base_color_texture=Texture.from_pixels(color),
            metallic_roughness_texture=None if finish is None else Texture.from_pixels(finish),
            normal_texture=normal,
        )
        for number, material in plain.items()
    }
    return Baked(uv.reshape(-1, 2).astype(np.float64), corners, made)


def _varies(tree: Any) -> bool:
    """Whether roughness or metalness of a shader is more than a number; groups are looked into."""
    return any(
        (node.type == "GROUP" and node.node_tree is not None and _varies(node.node_tree))
        or (node.type == "MIX_SHADER")
        or any(kind in node.inputs and node.inputs[kind].links for kind in FINISH)
        for node in tree.nodes
    )


def _is_bent(tree: Any) -> bool:
    """Whether a shader's normals are other than the surface's; groups are looked into."""
    return any(
        (node.type == "GROUP" and node.node_tree is not None and _is_bent(node.node_tree))
        or (is_colored(node) and "Normal" in node.inputs and bool(node.inputs["Normal"].links))
        for node in tree.nodes
    )


def _corners(mesh: Any) -> Ints:
    found = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", found)
    return found.astype(np.int64)


def _unwrap(bpy: ModuleType, item: Any) -> None:
    """Islands of their own, so that no two faces share a pixel."""
    for other in bpy.context.view_layer.objects:
        other.select_set(False)
    item.select_set(True)
    bpy.context.view_layer.objects.active = item
    layer = item.data.uv_layers.new(name=LAYER)
    if layer is None:
        raise RuntimeError("too many UV layers")
    item.data.uv_layers.active = layer
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.reveal()
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.uv.smart_project(island_margin=0.003, correct_aspect=False)
    bpy.ops.object.mode_set(mode="OBJECT")


def _baked(
    bpy: ModuleType, materials: list[Any], plain: Mapping[int, Material], kind: str, side: int
) -> NDArray[np.uint8]:
    """(side, side, 3) sRGB of the base colours, linear of others, row 0 on top.

    kind: an input of the shaders; of Normal, what it bends the surface to, in tangent space.
    """
    image = bpy.data.images.new("oddgen bake", side, side, alpha=False)
    aside = bpy.data.images.new("oddgen bake aside", 8, 8, alpha=False)
    image.colorspace_settings.name = "sRGB" if kind == "Base Color" else "Non-Color"
    try:
        for number, material in enumerate(materials):
            if material is not None:
                _aim(material, image if number in plain else aside)
            if number in plain and kind != "Normal":
                _show(material.node_tree, kind)
        bpy.ops.object.bake(type="NORMAL" if kind == "Normal" else "EMIT", margin=MARGIN)
        values = np.empty(side * side * 4, np.float32)
        image.pixels.foreach_get(values)
    finally:
        bpy.data.images.remove(image)
        bpy.data.images.remove(aside)
    colors = values.reshape(side, side, 4)[::-1, :, :3]
    return np.round(255 * np.clip(colors, 0, 1)).astype(np.uint8)


def _aim(material: Any, image: Any) -> None:
    """Let the material's active node be the image to bake into."""
    material.use_nodes = True
    nodes = material.node_tree.nodes
    node = nodes.get(LAYER) or nodes.new("ShaderNodeTexImage")
    node.name, node.image = LAYER, image
    nodes.active = node


def _show(tree: Any, kind: str) -> None:
    """Let every shader of the tree glow in what its input of that kind is, in groups as well.

    tree: of a copy of a material, whose groups are replaced by copies of their own. What lies
    behind a see-through surface counts for nothing.
    """
    for node in list(tree.nodes):
        if node.type == "GROUP" and node.node_tree is not None:
            if not node.node_tree.name.startswith(LAYER):
                node.node_tree = node.node_tree.copy()
                node.node_tree.name = LAYER
            _show(node.node_tree, kind)
        elif node.type == "MIX_SHADER":
            _without_see_through(tree, node)
    for node in list(tree.nodes):
        if is_colored(node) and not node.name.startswith(LAYER):
            _glow(tree, node, kind)


def _glow(tree: Any, shader: Any, kind: str) -> None:
    glow = next((node for node in tree.nodes if node.get(LAYER) == shader.name), None)
    if glow is None:
        glow = tree.nodes.new("ShaderNodeEmission")
        glow.name, glow[LAYER] = LAYER, shader.name
        for link in list(shader.outputs[0].links):
            tree.links.new(glow.outputs[0], link.to_socket)
    target = glow.inputs["Color"]
    for link in list(target.links):
        tree.links.remove(link)
    base = kind == "Base Color"
    socket = base_socket(shader.inputs) if base else shader.inputs.get(kind)
    if socket is not None and socket.links:
        tree.links.new(socket.links[0].from_socket, target)
        return
    usual = PLAIN if base else (float(kind == "Roughness") / 2,) * 3
    value = usual if socket is None else socket.default_value
    target.default_value = (*([value] * 3 if isinstance(value, float) else list(value)[:3]), 1.0)


def _without_see_through(tree: Any, mix: Any) -> None:
    sources = [socket.links[0].from_node for socket in mix.inputs[1:] if socket.links]
    kept = [node for node in sources if node.type not in SEE_THROUGH_SHADERS]
    if len(sources) == 2 and len(kept) == 1:
        (socket,) = (one for one in mix.inputs[1:] if one.links[0].from_node == kept[0])
        for link in list(mix.outputs[0].links):
            tree.links.new(socket.links[0].from_socket, link.to_socket)
