"""The floor and the light round the scene."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from datagen.blender.materials import image_from_pixels
from datagen.errors import SceneFailed
from datagen.floors import Floor, make_floor_textures

IMPORTANCE_MAP = 256
FLOOR_SIZE = 10.0


def light(bpy: ModuleType, path: Path, rotation: float, strength: float) -> None:
    """HDRI as the world's light. rotation: radians about z."""
    world = bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True
    tree = world.node_tree
    background = tree.nodes["Background"]
    background.inputs["Strength"].default_value = strength
    try:
        image = bpy.data.images.load(str(path))
    except RuntimeError as error:
        raise SceneFailed(
            f"{path}: Blender cannot load this HDRI; replace or remove the file."
        ) from error
    if image.size[0] == 0 or not image.has_data:
        raise SceneFailed(f"{path}: the HDRI is empty or broken; replace or remove the file.")
    environment = tree.nodes.new("ShaderNodeTexEnvironment")
    environment.image = image
    mapping = tree.nodes.new("ShaderNodeMapping")
    mapping.inputs["Rotation"].default_value[2] = rotation
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    tree.links.new(coordinates.outputs["Generated"], mapping.inputs["Vector"])
    tree.links.new(mapping.outputs["Vector"], environment.inputs["Vector"])
    tree.links.new(environment.outputs["Color"], background.inputs["Color"])
    world.cycles.sampling_method = "MANUAL"
    world.cycles.sample_map_resolution = IMPORTANCE_MAP


def lay_floor(bpy: ModuleType, floor: Floor, rng: np.random.Generator) -> None:
    """A 10 m x 10 m square at z = 0; a user's maps repeat every metre, as in the published data."""
    half = FLOOR_SIZE / 2
    mesh = bpy.data.meshes.new("floor")
    corners = [(-half, -half, 0), (half, -half, 0), (half, half, 0), (-half, half, 0)]
    mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
    material = bpy.data.materials.new(floor.name)
    material.use_nodes = True
    tree = material.node_tree
    shader = tree.nodes["Principled BSDF"]
    tile = 1.0
    if floor.procedural:
        made = make_floor_textures(floor.name, rng)
        tile = made.tile_metres
        images = {
            "color": image_from_pixels(bpy, "floor_color", made.color, True),
            "roughness": image_from_pixels(
                bpy, "floor_roughness", np.repeat(made.roughness[..., None], 3, axis=2), False
            ),
            "normal": image_from_pixels(bpy, "floor_normal", made.normal, False),
        }
        shader.inputs["Metallic"].default_value = made.metallic
    else:
        images = {key: _load(bpy, path, key == "color") for key, path in floor.maps.items()}
    uv = np.array(corners)[:, :2] / tile + rng.uniform(size=2)
    mesh.uv_layers.new(name="UVMap").uv.foreach_set("vector", uv.astype(np.float32).ravel())
    for key, socket in (("color", "Base Color"), ("roughness", "Roughness"), ("metallic", "Metallic")):
        if key in images:
            node = tree.nodes.new("ShaderNodeTexImage")
            node.image = images[key]
            tree.links.new(node.outputs["Color"], shader.inputs[socket])
    if "normal" in images:
        node = tree.nodes.new("ShaderNodeTexImage")
        node.image = images["normal"]
        bend = tree.nodes.new("ShaderNodeNormalMap")
        tree.links.new(node.outputs["Color"], bend.inputs["Color"])
        tree.links.new(bend.outputs["Normal"], shader.inputs["Normal"])
    mesh.materials.append(material)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("floor", mesh))


def _load(bpy: ModuleType, path: Path, is_color: bool) -> Any:
    try:
        image = bpy.data.images.load(str(path))
    except RuntimeError as error:
        raise SceneFailed(
            f"{path}: Blender cannot load this floor map; replace or remove the file."
        ) from error
    image.colorspace_settings.name = "sRGB" if is_color else "Non-Color"
    return image
