"""A Blender material as a plain Material: what its shader holds or is linked to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from datagen.blender.light_images import light_picture
from datagen.blender.surface import Placed, Value, value_of
from datagen.files.companions import missing
from datagen.files.pictures import TooLarge, is_deep, open_rgb, opened
from datagen.geometry.shape import Material, Texture

MAX_SIDE = 1024  # pixels; a view of 256 x 256 shows no more
SEE_THROUGH = 0.99  # alpha, from which on a surface counts as opaque
PLAIN = (0.8, 0.8, 0.8)
SRGB = ("sRGB",)  # colour spaces of images whose numbers are taken as they are
SEE_THROUGH_SHADERS = ("BSDF_TRANSPARENT", "HOLDOUT")  # they have a colour, and none is seen


@dataclass(frozen=True)
class Surface:
    """placed: how the material's images lie. colors: name of the colour attribute, "" for the
    active one, by which its base colour is multiplied; None for none. whole: False where the
    look comes of more nodes than are told here."""

    material: Material
    placed: Placed = Placed()
    colors: str | None = None
    whole: bool = True


def read_material(material: Any, warnings: list[str]) -> Surface:
    """Base colour, metallic, roughness, transmission and their images of a Blender material.

    warnings: grows by a sentence for each image that is missing or cannot be read, and for what a
    plain material cannot hold.
    """
    shaders = _shaders(material)
    shader = next((node for node in shaders if node.type == "BSDF_PRINCIPLED"), None)
    shader = shader or next(iter(shaders), None)
    if shader is None:
        red, green, blue, _ = material.diffuse_color
        plain = Material(
            material.name,
            _clip(red, green, blue),
            float(material.metallic),
            float(material.roughness),
        )
        return Surface(plain)
    inputs = shader.inputs
    base = _base(inputs)
    texture = _texture(base.image, warnings)
    metal, rough = _scalar(inputs, "Metallic", 0.0), _scalar(inputs, "Roughness", 0.5)
    packed = _packed(rough, metal, warnings)
    normal = _normal(inputs)
    _warn(material.name, inputs, warnings)
    made = Material(
        name=material.name,
        base_color=_gone(base, texture),
        metallic=metal.factor[0],
        roughness=rough.factor[0],
        transmission=_number(inputs, "Transmission Weight", float("GLASS" in shader.type)),
        base_color_texture=texture,
        metallic_roughness_texture=packed,
        normal_texture=_texture(normal.image, warnings),
    )
    values = base, rough, metal, normal
    placed = list(dict.fromkeys(value.placed for value in values if value.image is not None))
    whole = len(placed) < 2 and len(shaders) == 1 and all(value.whole for value in values)
    return Surface(made, placed[0] if placed else Placed(), base.colors, whole)


def _base(inputs: Any) -> Value:
    socket = base_socket(inputs)
    value = Value(PLAIN) if socket is None else value_of(socket)
    if value.image is None or value.image.colorspace_settings.name in SRGB:
        return value
    return replace(value, whole=False)


def _normal(inputs: Any) -> Value:
    """Of a shader's bent normals: an image in tangent space as it is; not whole for all else."""
    plain = Value((1.0, 1.0, 1.0))
    if "Normal" not in inputs or not inputs["Normal"].links:
        return plain
    node = inputs["Normal"].links[0].from_node
    if node.type != "NORMAL_MAP":
        return replace(plain, whole=False)
    value, strength = value_of(node.inputs["Color"]), node.inputs["Strength"]
    full = not strength.links and abs(strength.default_value - 1.0) < 1e-3
    return replace(value, whole=value.whole and full and node.space == "TANGENT")


def base_socket(inputs: Any) -> Any:
    """Of the colour that is seen: the base colour, or that of light where a surface is black.

    inputs: of a shader. None where it has no colour.
    """
    socket = inputs.get("Base Color") or inputs.get("Color")
    light = inputs.get("Emission Color")
    if light is None or _number(inputs, "Emission Strength", 0.0) <= 0:
        return socket
    base = PLAIN if socket is None else value_of(socket).factor
    return light if max(base) < 0.01 and max(value_of(light).factor) > 0.01 else socket


def _gone(base: Value, texture: Texture | None) -> tuple[float, float, float]:
    """The factor; a plain colour where the image is not there."""
    if base.image is not None and texture is None and base.factor == (1.0, 1.0, 1.0):
        return PLAIN
    return base.factor


def _warn(name: str, inputs: Any, warnings: list[str]) -> None:
    alpha = inputs.get("Alpha")
    if alpha is not None and (alpha.links or float(alpha.default_value) < SEE_THROUGH):
        told = "" if alpha.links else f" (alpha {float(alpha.default_value):.2g})"
        warnings.append(f"{name}: is see-through{told}, which is not read; it is opaque here.")


def _shaders(material: Any) -> list[Any]:
    """The nodes that colour the surface."""
    if not material.use_nodes or material.node_tree is None:
        return []
    output = material.node_tree.get_output_node("ALL")
    nodes = [] if output is None else _upstream(output.inputs["Surface"])
    return [node for node in nodes if is_colored(node)]


def is_colored(node: Any) -> bool:
    """Whether it is a shader with a colour that is seen."""
    kind = node.type.startswith(("BSDF_", "EMISSION", "SUBSURFACE", "BACKGROUND"))
    named = "Color" in node.inputs or "Base Color" in node.inputs
    return bool(kind and named and node.type not in SEE_THROUGH_SHADERS)


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


def _scalar(inputs: Any, name: str, default: float) -> Value:
    if name not in inputs:
        return Value((default, default, default))
    return value_of(inputs[name])


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
        warnings.append(missing(path.name or image.name))
        return None
    return path.read_bytes()


def _open(image: Any, warnings: list[str]) -> tuple[bytes, Image.Image] | None:
    """The file of an image, and its picture, at most MAX_SIDE along a side."""
    encoded = _encoded(image, warnings)
    if encoded is None:
        return None
    try:
        return encoded, open_rgb(encoded, MAX_SIDE)
    except Exception as error:  # Pillow's readers raise many kinds
        light = light_picture(image, encoded, MAX_SIDE)
        if light is not None:
            return encoded, light
        told = str(error) if isinstance(error, TooLarge) else "it is damaged or of another kind"
        warnings.append(
            f"{image.name} cannot be read ({told}); save the image again; a plain colour stands "
            "for it."
        )
        return None


def _texture(image: Any, warnings: list[str]) -> Texture | None:
    """The image's own file where it is an 8-bit PNG or JPEG of a sensible size, else a PNG."""
    found = _open(image, warnings)
    if found is None:
        return None
    encoded, picture = found
    if encoded[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0"):
        with opened(encoded) as whole:
            if whole.size == picture.size and not is_deep(whole):
                return Texture(encoded)
    return Texture.from_pixels(np.asarray(picture))


def _packed(rough: Value, metal: Value, warnings: list[str]) -> Texture | None:
    """glTF's map of both, to be multiplied: roughness in green, metallic in blue."""
    opened_ones = [(value, _open(value.image, warnings)) for value in (rough, metal)]
    sizes = [found[1].size for _, found in opened_ones if found is not None]
    if not sizes:
        return None
    pixels = np.full((*sizes[0][::-1], 3), 255, np.uint8)
    for place, (value, found) in enumerate(opened_ones, start=1):
        if found is not None:
            colors = np.asarray(found[1].resize(sizes[0]))
            one = colors.mean(axis=2) if value.channel is None else colors[..., value.channel]
            pixels[..., place] = np.round(one)
    return Texture.from_pixels(pixels)
