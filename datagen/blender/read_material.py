"""A Blender material as a plain Material: what its Principled BSDF holds or is linked to."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from datagen.files.companions import missing
from datagen.geometry.shape import Material, Texture

MAX_SIDE = 1024  # pixels; a view of 256 x 256 shows no more


def read_material(material: Any, warnings: list[str]) -> Material:
    """Base colour, metallic, roughness, transmission and their images of a Blender material.

    warnings: grows by a sentence for each image that is missing or cannot be read.
    """
    shader = _shader(material)
    if shader is None:
        red, green, blue, _ = material.diffuse_color
        return Material(
            material.name,
            _clip(red, green, blue),
            float(material.metallic),
            float(material.roughness),
        )
    inputs = shader.inputs
    color = inputs.get("Base Color") or inputs.get("Color")
    base = (0.8, 0.8, 0.8) if color is None else _color(color)
    base_image = None if color is None else _linked_image(color)
    base_texture = _texture(base_image, warnings)
    metallic, roughness = _number(inputs, "Metallic", 0.0), _number(inputs, "Roughness", 0.5)
    rough_image, metal_image = (
        _linked_image(inputs[name]) if name in inputs else None
        for name in ("Roughness", "Metallic")
    )
    packed = _packed(rough_image, metal_image, roughness, metallic, warnings)
    normal_image = _linked_image(inputs["Normal"]) if "Normal" in inputs else None
    return Material(
        name=material.name,
        base_color=(1.0, 1.0, 1.0) if base_texture is not None else base,
        metallic=1.0 if packed is not None else metallic,
        roughness=1.0 if packed is not None else roughness,
        transmission=_number(inputs, "Transmission Weight", float("GLASS" in shader.type)),
        base_color_texture=base_texture,
        metallic_roughness_texture=packed,
        normal_texture=_texture(normal_image, warnings),
    )


def _shader(material: Any) -> Any:
    """The node that colours the surface: the Principled BSDF, else the first with a colour."""
    if not material.use_nodes or material.node_tree is None:
        return None
    output = material.node_tree.get_output_node("ALL")
    nodes = [] if output is None else _upstream(output.inputs["Surface"])
    for node in nodes:
        if node.type == "BSDF_PRINCIPLED":
            return node
    for node in nodes:
        if node.type.startswith(("BSDF_", "EMISSION", "SUBSURFACE")) and "Color" in node.inputs:
            return node
    return None


def _upstream(socket: Any) -> list[Any]:
    """Nodes that feed a socket, the nearest first; groups are looked into."""
    queue = [link.from_node for link in socket.links]
    found: dict[Any, None] = {}
    while queue:
        node = queue.pop(0)
        if node in found:
            continue
        found[node] = None
        if node.type == "GROUP" and node.node_tree is not None:
            outputs = [inner for inner in node.node_tree.nodes if inner.type == "GROUP_OUTPUT"]
            for inner in outputs:
                queue += [link.from_node for entry in inner.inputs for link in entry.links]
        queue += [link.from_node for entry in node.inputs for link in entry.links]
    return list(found)


def _linked_image(socket: Any) -> Any:
    """The nearest image upstream of a socket, or None."""
    nodes = _upstream(socket)
    return next((node.image for node in nodes if node.type == "TEX_IMAGE" and node.image), None)


def _color(socket: Any) -> tuple[float, float, float]:
    """A socket's colour; of a procedural pattern, the mean of its nearest ramp, mix or constant."""
    for node in _upstream(socket):
        if node.type == "RGB":
            return _clip(*list(node.outputs[0].default_value)[:3])
        if node.type == "VALTORGB":
            stops = [list(stop.color)[:3] for stop in node.color_ramp.elements]
            return _clip(*np.mean(stops, axis=0).tolist())
        if node.type in ("MIX", "MIX_RGB"):
            ends = [entry for entry in node.inputs if entry.type == "RGBA" and not entry.links]
            if ends:
                return _clip(*np.mean([list(end.default_value)[:3] for end in ends], 0).tolist())
    return _clip(*list(socket.default_value)[:3])


def _number(inputs: Any, name: str, default: float) -> float:
    return float(np.clip(inputs[name].default_value, 0, 1)) if name in inputs else default


def _clip(red: float, green: float, blue: float) -> tuple[float, float, float]:
    r, g, b = np.clip([red, green, blue], 0.0, 1.0).tolist()
    return r, g, b


def _encoded(image: Any, warnings: list[str]) -> bytes | None:
    if image is None:
        return None
    if image.packed_file is not None:
        return bytes(image.packed_file.data)
    path = Path(image.filepath_from_user())
    if not path.is_file():
        warnings.append(missing(path.name))
        return None
    return path.read_bytes()


def _open(image: Any, warnings: list[str]) -> Image.Image | None:
    encoded = _encoded(image, warnings)
    if encoded is None:
        return None
    try:
        return Image.open(io.BytesIO(encoded)).convert("RGB")
    except (OSError, ValueError):
        warnings.append(
            f"{image.name} cannot be read; save the image again; a plain colour stands for it."
        )
        return None


def _texture(image: Any, warnings: list[str]) -> Texture | None:
    """The image's own file where it is a PNG or JPEG of a sensible size, else a smaller PNG."""
    picture = _open(image, warnings)
    if picture is None:
        return None
    encoded = _encoded(image, warnings) or b""
    if max(picture.size) <= MAX_SIDE and encoded[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0"):
        return Texture(encoded)
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    return Texture.from_pixels(np.asarray(picture))


def _packed(
    rough: Any, metal: Any, roughness: float, metallic: float, warnings: list[str]
) -> Texture | None:
    """glTF's map of both: roughness in green, metallic in blue."""
    rough_picture, metal_picture = _open(rough, warnings), _open(metal, warnings)
    first = rough_picture or metal_picture
    if first is None:
        return None
    first.thumbnail((MAX_SIDE, MAX_SIDE))
    pixels = np.zeros((*first.size[::-1], 3), np.uint8)
    pixels[..., 1], pixels[..., 2] = round(roughness * 255), round(metallic * 255)
    for picture, channel in ((rough_picture, 1), (metal_picture, 2)):
        if picture is not None:
            pixels[..., channel] = np.asarray(picture.resize(first.size))[..., channel]
    return Texture.from_pixels(pixels)
