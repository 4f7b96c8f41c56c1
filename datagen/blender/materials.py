"""Materials as Blender nodes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.geometry.shape import Material, Texture


def image_from_pixels(bpy: ModuleType, name: str, pixels: NDArray[np.uint8], is_color: bool) -> Any:
    """A Blender image from (H, W, 3) uint8, row 0 on top; is_color: sRGB, not plain numbers."""
    height, width = pixels.shape[:2]
    image = bpy.data.images.new(name, width, height, alpha=False)
    image.colorspace_settings.name = "sRGB" if is_color else "Non-Color"
    flat = np.ones((height, width, 4), np.float32)
    flat[..., :3] = pixels[::-1].astype(np.float32) / 255
    image.pixels.foreach_set(flat.ravel())
    image.update()
    return image


def image_from_texture(bpy: ModuleType, name: str, texture: Texture, is_color: bool) -> Any:
    """A packed Blender image from an encoded file; is_color: sRGB, not plain numbers."""
    suffix = ".png" if texture.mime == "image/png" else ".jpg"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"texture{suffix}"
        path.write_bytes(texture.encoded)
        image = bpy.data.images.load(str(path))
        image.colorspace_settings.name = "sRGB" if is_color else "Non-Color"
        image.pack()
    image.name = name
    return image


def build_material(bpy: ModuleType, material: Material) -> Any:
    """A Blender material: a Principled BSDF with the material's values and textures."""
    result = bpy.data.materials.new(material.name)
    result.use_nodes = True
    tree = result.node_tree
    shader = tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*material.base_color, 1.0)
    shader.inputs["Metallic"].default_value = material.metallic
    shader.inputs["Roughness"].default_value = material.roughness
    shader.inputs["Transmission Weight"].default_value = material.transmission
    if material.base_color_texture is not None:
        node = _image_node(bpy, tree, material.name, material.base_color_texture, True)
        mix = tree.nodes.new("ShaderNodeMix")
        mix.data_type, mix.blend_type = "RGBA", "MULTIPLY"
        mix.inputs["Factor"].default_value = 1.0
        mix.inputs[7].default_value = (*material.base_color, 1.0)
        tree.links.new(node.outputs["Color"], mix.inputs[6])
        tree.links.new(mix.outputs[2], shader.inputs["Base Color"])
    if material.metallic_roughness_texture is not None:
        node = _image_node(bpy, tree, material.name, material.metallic_roughness_texture, False)
        split = tree.nodes.new("ShaderNodeSeparateColor")
        tree.links.new(node.outputs["Color"], split.inputs["Color"])
        for channel, name, factor in (
            ("Green", "Roughness", material.roughness),
            ("Blue", "Metallic", material.metallic),
        ):
            times = tree.nodes.new("ShaderNodeMath")
            times.operation = "MULTIPLY"
            times.inputs[1].default_value = factor
            tree.links.new(split.outputs[channel], times.inputs[0])
            tree.links.new(times.outputs[0], shader.inputs[name])
    if material.normal_texture is not None:
        node = _image_node(bpy, tree, material.name, material.normal_texture, False)
        bend = tree.nodes.new("ShaderNodeNormalMap")
        tree.links.new(node.outputs["Color"], bend.inputs["Color"])
        tree.links.new(bend.outputs["Normal"], shader.inputs["Normal"])
    return result


def _image_node(bpy: ModuleType, tree: Any, name: str, texture: Texture, is_color: bool) -> Any:
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = image_from_texture(bpy, name, texture, is_color)
    return node
