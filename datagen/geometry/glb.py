"""Canonical shapes as glTF binary files that any viewer opens, and back, bit for bit.

Positions are stored z up below a root node that turns them y up, as glTF asks.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.errors import BadShape
from datagen.geometry.shape import Bools, Material, Shape, Texture

Z_UP_TO_Y_UP = [-(0.5**0.5), 0.0, 0.0, 0.5**0.5]  # quaternion x, y, z, w
FLOAT, UINT32 = 5126, 5125
VERTEX_BUFFER, INDEX_BUFFER = 34962, 34963


class _Blob:
    """Collects aligned buffer views and accessors of one file."""

    def __init__(self, gltf: Any) -> None:
        self.gltf, self.data = gltf, bytearray()

    def view(self, content: bytes, target: int | None = None) -> int:
        import pygltflib as g

        self.gltf.bufferViews.append(
            g.BufferView(
                buffer=0, byteOffset=len(self.data), byteLength=len(content), target=target
            )
        )
        self.data += content + b"\0" * (-len(content) % 4)
        return len(self.gltf.bufferViews) - 1

    def accessor(self, array: NDArray[Any], kind: str, target: int) -> int:
        import pygltflib as g

        component = UINT32 if array.dtype == np.uint32 else FLOAT
        self.gltf.accessors.append(
            g.Accessor(
                bufferView=self.view(array.tobytes(), target),
                componentType=component,
                count=len(array),
                type=kind,
                min=array.min(axis=0).tolist() if kind == "VEC3" else None,
                max=array.max(axis=0).tolist() if kind == "VEC3" else None,
            )
        )
        return len(self.gltf.accessors) - 1


def to_glb(shape: Shape) -> bytes:
    """A canonical shape (datagen.geometry.canonical) as the bytes of a .glb file."""
    import pygltflib as g

    gltf = g.GLTF2(asset=g.Asset(version="2.0", generator="oddgen"))
    blob = _Blob(gltf)
    for material in shape.materials:
        gltf.materials.append(_material(material, gltf, blob))
    if any(material.transmission for material in shape.materials):
        gltf.extensionsUsed = ["KHR_materials_transmission"]
    root = g.Node(name="z up to y up", rotation=Z_UP_TO_Y_UP, children=[])
    gltf.nodes = [root]
    for part in np.unique(shape.face_part):
        primitives = []
        for material in np.unique(shape.face_material[shape.face_part == part]):
            chosen = (shape.face_part == part) & (shape.face_material == material)
            primitives.append(_primitive(shape, chosen, int(material), blob))
        name = shape.part_names[part]
        gltf.meshes.append(g.Mesh(name=name, primitives=primitives))
        gltf.nodes.append(g.Node(name=name, mesh=len(gltf.meshes) - 1, extras={"part": int(part)}))
        root.children.append(len(gltf.nodes) - 1)
    extras = {"part_names": list(shape.part_names), "info": shape.info}
    gltf.scenes = [g.Scene(nodes=[0], extras=extras)]
    gltf.scene = 0
    gltf.buffers = [g.Buffer(byteLength=len(blob.data))]
    gltf.set_binary_blob(bytes(blob.data))
    return b"".join(gltf.save_to_bytes())


def _primitive(shape: Shape, chosen: Bools, material: int, blob: _Blob) -> Any:
    import pygltflib as g

    position = shape.corners[chosen].reshape(-1, 3).astype(np.float32)
    rows = position
    if shape.uv is not None:
        rows = np.concatenate([position, shape.uv[chosen].reshape(-1, 2).astype(np.float32)], 1)
    rows, index = np.unique(rows, axis=0, return_inverse=True)
    attributes = g.Attributes(
        POSITION=blob.accessor(np.ascontiguousarray(rows[:, :3]), "VEC3", VERTEX_BUFFER)
    )
    if shape.uv is not None:
        attributes.TEXCOORD_0 = blob.accessor(
            np.ascontiguousarray(rows[:, 3:]), "VEC2", VERTEX_BUFFER
        )
    indices = blob.accessor(index.reshape(-1).astype(np.uint32), "SCALAR", INDEX_BUFFER)
    return g.Primitive(attributes=attributes, indices=indices, material=material)


def _material(material: Material, gltf: Any, blob: _Blob) -> Any:
    import pygltflib as g

    def texture(image: Texture | None) -> int | None:
        if image is None:
            return None
        gltf.images.append(g.Image(bufferView=blob.view(image.encoded), mimeType=image.mime))
        gltf.textures.append(g.Texture(source=len(gltf.images) - 1))
        return len(gltf.textures) - 1

    base = texture(material.base_color_texture)
    rough = texture(material.metallic_roughness_texture)
    bumps = texture(material.normal_texture)
    result = g.Material(
        name=material.name,
        doubleSided=True,
        alphaCutoff=None,
        pbrMetallicRoughness=g.PbrMetallicRoughness(
            baseColorFactor=[*material.base_color, 1.0],
            metallicFactor=material.metallic,
            roughnessFactor=material.roughness,
            baseColorTexture=None if base is None else g.TextureInfo(index=base),
            metallicRoughnessTexture=None if rough is None else g.TextureInfo(index=rough),
        ),
        normalTexture=None if bumps is None else g.NormalMaterialTexture(index=bumps),
    )
    if material.transmission:
        result.extensions = {
            "KHR_materials_transmission": {"transmissionFactor": material.transmission}
        }
    return result


def from_glb(content: bytes, name: str) -> Shape:
    """The shape of bytes that to_glb made. Raises BadShape naming `name` for any others."""
    try:
        return _read(*_chunks(content))
    except Exception as error:
        raise BadShape(f"{name}: not a file of the shape cache; delete it ({error}).") from error


def _chunks(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The JSON and the binary part; a shape is read often, and pygltflib takes 20 ms a file."""
    magic, version, _, length, kind = struct.unpack_from("<4sII I4s", content)
    if (magic, version, kind) != (b"glTF", 2, b"JSON"):
        raise ValueError("no glTF binary file")
    return json.loads(content[20 : 20 + length]), content[20 + length + 8 :]


def _read(gltf: dict[str, Any], blob: bytes) -> Shape:
    def view(index: int) -> bytes:
        entry = gltf["bufferViews"][index]
        start = entry["byteOffset"]
        return blob[start : start + entry["byteLength"]]

    def array(index: int, dtype: str, columns: int) -> NDArray[Any]:
        content = view(gltf["accessors"][index]["bufferView"])
        return np.frombuffer(content, dtype).reshape(-1, columns)

    def texture(info: dict[str, Any] | None) -> Texture | None:
        if info is None:
            return None
        image = gltf["images"][gltf["textures"][info["index"]]["source"]]
        return Texture(view(image["bufferView"]))

    corners, uvs, parts, materials = [], [], [], []
    for node in gltf["nodes"][1:]:
        for primitive in gltf["meshes"][node["mesh"]]["primitives"]:
            index = array(primitive["indices"], "<u4", 1)[:, 0]
            attributes = primitive["attributes"]
            corners.append(array(attributes["POSITION"], "<f4", 3)[index])
            if "TEXCOORD_0" in attributes:
                uvs.append(array(attributes["TEXCOORD_0"], "<f4", 2)[index])
            parts.append(np.full(len(index) // 3, node["extras"]["part"]))
            materials.append(np.full(len(index) // 3, primitive["material"]))
    vertices, faces = np.unique(np.concatenate(corners), axis=0, return_inverse=True)
    extras = gltf["scenes"][0]["extras"]
    return Shape(
        vertices=vertices.astype(np.float64),
        faces=faces.reshape(-1, 3),
        face_part=np.concatenate(parts),
        face_material=np.concatenate(materials),
        part_names=tuple(extras["part_names"]),
        materials=tuple(_read_material(entry, texture) for entry in gltf["materials"]),
        uv=np.concatenate(uvs).reshape(-1, 3, 2).astype(np.float64) if uvs else None,
        info=extras["info"],
    )


def _read_material(entry: dict[str, Any], texture: Any) -> Material:
    pbr = entry["pbrMetallicRoughness"]
    red, green, blue, _ = pbr["baseColorFactor"]
    transmission = entry.get("extensions", {}).get("KHR_materials_transmission", {})
    return Material(
        name=entry["name"],
        base_color=(red, green, blue),
        metallic=pbr["metallicFactor"],
        roughness=pbr["roughnessFactor"],
        transmission=transmission.get("transmissionFactor", 0.0),
        base_color_texture=texture(pbr.get("baseColorTexture")),
        metallic_roughness_texture=texture(pbr.get("metallicRoughnessTexture")),
        normal_texture=texture(entry.get("normalTexture")),
    )


def read_glb(path: Path) -> Shape:
    """The shape of a file that holds what to_glb made. Raises OSError, BadShape for any other."""
    return from_glb(path.read_bytes(), str(path))
