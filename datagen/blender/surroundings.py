"""The floor and the light round the scene."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.assets.floors import Floor, make_floor_textures
from datagen.blender.materials import image_from_pixels
from datagen.errors import BadFloor, BadHdri

Pixels = NDArray[np.float32]
IMPORTANCE_MAP = 256
FLOOR_SIZE = 10.0
MAX_LIGHT = 65504.0  # the largest number of half-float files
RING = 3  # pixels


def light(bpy: ModuleType, path: Path, rotation: float, strength: float) -> None:
    """Make an HDRI the world's light. rotation: radians about z; strength: a factor.

    Camera, glossy and transmitted rays see the file; all others a small copy whose texels are the
    cells of Cycles' importance map, so that what is drawn with a probability has that radiance:
    less noise in rooms with small lamps (docs/rendering.md). Mixed shaders, unlike mixed colours,
    cost only the one that is seen. Raises BadHdri for a file that Blender cannot load.
    """
    image, pixels = _load_hdri(bpy, path)
    world = bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True
    tree = world.node_tree
    tree.nodes.remove(tree.nodes["Background"])
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    mapping = tree.nodes.new("ShaderNodeMapping")
    mapping.inputs["Rotation"].default_value[2] = rotation
    tree.links.new(coordinates.outputs["Generated"], mapping.inputs["Vector"])
    sharp = _background(tree, image, mapping.outputs["Vector"], strength)
    sharp.name = "sharp"
    coarse_image = _coarse_copy(bpy, pixels, rotation)
    coarse = _background(tree, coarse_image, coordinates.outputs["Generated"], strength, "Closest")
    mix = tree.nodes.new("ShaderNodeMixShader")
    tree.links.new(_sees_sharp(tree), mix.inputs["Fac"])
    tree.links.new(coarse.outputs["Background"], mix.inputs[1])
    tree.links.new(sharp.outputs["Background"], mix.inputs[2])
    tree.links.new(mix.outputs["Shader"], tree.nodes["World Output"].inputs["Surface"])
    world.cycles.sampling_method = "MANUAL"
    world.cycles.sample_map_resolution = IMPORTANCE_MAP


def _background(
    tree: Any, image: Any, direction: Any, strength: float, interpolation: str = "Linear"
) -> Any:
    """A Background node that shines as the panorama image does in the direction of that socket."""
    texture = tree.nodes.new("ShaderNodeTexEnvironment")
    texture.image, texture.interpolation = image, interpolation
    tree.links.new(direction, texture.inputs["Vector"])
    background = tree.nodes.new("ShaderNodeBackground")
    background.inputs["Strength"].default_value = strength
    tree.links.new(texture.outputs["Color"], background.inputs["Color"])
    return background


def _load_hdri(bpy: ModuleType, path: Path) -> tuple[Any, Pixels]:
    """The image and its pixels (H, W, 4), row 0 at the bottom.

    Files made smaller with a sharpening filter hold negative light round their lamps, which Cycles
    shows as dark rings and tinted shadows: such pixels are mended.
    """
    try:
        image = bpy.data.images.load(str(path))
    except RuntimeError as error:
        raise BadHdri(
            f"{path}: Blender cannot load this HDRI; replace or remove the file."
        ) from error
    if image.size[0] == 0 or not image.has_data:
        raise BadHdri(f"{path}: the HDRI is empty or broken; replace or remove the file.")
    pixels = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(pixels)
    pixels = pixels.reshape(image.size[1], image.size[0], 4)
    mended = mend_light(pixels)
    if np.array_equal(mended, pixels):
        return image, pixels
    return _image_from_light(bpy, path.stem, mended), mended


def mend_light(pixels: Pixels) -> Pixels:
    """A panorama (H, W, C) float32 without negative, endless or undefined light.

    A pixel with any takes the median of the sound ones within RING pixels.
    """
    sound = (np.isfinite(pixels) & (pixels >= 0)).all(axis=2)
    result = np.clip(np.nan_to_num(pixels), 0, MAX_LIGHT)
    rows, columns = np.nonzero(~sound)
    if len(rows) == 0 or not sound.any():
        return result
    step = np.arange(-RING, RING + 1)
    height, width = sound.shape
    near_rows = np.clip(rows[:, None, None] + step[:, None], 0, height - 1)
    near_columns = (columns[:, None, None] + step) % width
    near = np.where(
        sound[near_rows, near_columns][..., None], result[near_rows, near_columns], np.nan
    ).reshape(len(rows), -1, pixels.shape[2])
    some = np.isfinite(near).any(axis=(1, 2))
    result[rows[some], columns[some]] = np.nanmedian(near[some], axis=1)
    return result


def _image_from_light(bpy: ModuleType, name: str, pixels: Pixels) -> Any:
    height, width = pixels.shape[:2]
    image = bpy.data.images.new(name, width, height, alpha=False, float_buffer=True)
    image.colorspace_settings.name = "Linear Rec.709"
    image.pixels.foreach_set(np.ascontiguousarray(pixels, np.float32).ravel())
    image.update()
    return image


def _coarse_copy(bpy: ModuleType, pixels: Pixels, rotation: float) -> Any:
    """IMPORTANCE_MAP texels wide, each the mean over its area, turned by rotation (radians)."""
    height, width = pixels.shape[:2]
    columns, rows = IMPORTANCE_MAP, IMPORTANCE_MAP // 2
    across, down = -(-width // columns), -(-height // rows)
    u = (np.arange(columns * across) + 0.5) / (columns * across) - rotation / (2 * np.pi)
    v = (np.arange(rows * down) + 0.5) / (rows * down)
    chosen = pixels[(v * height).astype(int)][:, (u % 1.0 * width).astype(int) % width]
    coarse = chosen.reshape(rows, down, columns, across, 4).mean(axis=(1, 3), dtype=np.float64)
    return _image_from_light(bpy, "light", coarse)


def _sees_sharp(tree: Any) -> Any:
    """A socket that is 1 for camera, glossy and transmitted rays, else 0."""
    ray = tree.nodes.new("ShaderNodeLightPath")
    socket = ray.outputs["Is Camera Ray"]
    for name in ("Is Glossy Ray", "Is Transmission Ray"):
        either = tree.nodes.new("ShaderNodeMath")
        either.operation = "MAXIMUM"
        tree.links.new(socket, either.inputs[0])
        tree.links.new(ray.outputs[name], either.inputs[1])
        socket = either.outputs[0]
    return socket


def lay_floor(bpy: ModuleType, floor: Floor, rng: np.random.Generator, resolution: int) -> None:
    """Lay a 10 m x 10 m square at z = 0 into the open scene.

    A user's maps repeat every metre, as in the published data. rng: varies a procedural floor and
    shifts every floor. resolution: of the images in pixels; finer texels than a pixel sees would
    only add noise. Raises BadFloor for a map that Blender cannot load.
    """
    texels = int(np.clip(2 ** np.ceil(np.log2(resolution)), 256, 2048))
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
        made = make_floor_textures(floor.name, rng, min(texels, 1024))
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
        images = {key: _load(bpy, path, key == "color", texels) for key, path in floor.maps.items()}
    uv = np.array(corners)[:, :2] / tile + rng.uniform(size=2)
    mesh.uv_layers.new(name="UVMap").uv.foreach_set("vector", uv.astype(np.float32).ravel())
    for key, socket in (
        ("color", "Base Color"),
        ("roughness", "Roughness"),
        ("metallic", "Metallic"),
    ):
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


def _load(bpy: ModuleType, path: Path, is_color: bool, texels: int) -> Any:
    try:
        image = bpy.data.images.load(str(path))
    except RuntimeError as error:
        raise BadFloor(
            f"{path}: Blender cannot load this floor map; replace or remove the file."
        ) from error
    if image.size[0] == 0:
        raise BadFloor(f"{path}: this floor map is empty or broken; replace or remove the file.")
    image.colorspace_settings.name = "sRGB" if is_color else "Non-Color"
    if max(image.size) > texels:
        image.scale(texels, texels)
        image.pack()  # else Cycles reads the file as it is
    return image
