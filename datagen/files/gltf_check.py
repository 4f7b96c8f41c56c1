"""glTF files: too many triangles, indices that point nowhere, accessors beyond their data."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from datagen.errors import BadShape, breaks_off
from datagen.geometry.limits import refuse_too_many

TRIANGLES = (4, 5, 6)  # modes: lists, strips and fans of triangles
SIZES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}


def check_gltf(path: Path, head: bytes) -> None:
    """Raises BadShape for a glTF file whose meshes cannot be whole.

    What else may be wrong the importer finds. head: the file's first bytes.
    """
    content, binary = _content(path, head)
    if content is None:
        return
    meshes, accessors = _list(content, "meshes"), _list(content, "accessors")
    for node in _list(content, "nodes"):
        number = node.get("mesh")
        if number is not None and _at(meshes, number) is None:
            raise _nowhere(path, f"a node names mesh {number}", len(meshes))
    triangles = 0
    for mesh in meshes:
        for primitive in _list(mesh, "primitives"):
            if primitive.get("mode", 4) not in TRIANGLES:
                continue
            attributes = primitive.get("attributes")
            position = attributes.get("POSITION") if isinstance(attributes, dict) else None
            points = _at(accessors, position)
            if points is None:
                told = f"a mesh has its points in accessor {position}"
                raise _nowhere(path, told, len(accessors))
            used = [points]
            if "indices" in primitive:
                indices = _at(accessors, primitive["indices"])
                if indices is None:
                    told = f"a mesh has its faces in accessor {primitive['indices']}"
                    raise _nowhere(path, told, len(accessors))
                used.append(indices)
            for accessor in used:
                _check_accessor(path, content, accessor, binary)
            triangles += _count(path, used[-1]) // 3
    refuse_too_many(triangles, str(path))


def _content(path: Path, head: bytes) -> tuple[dict[str, Any] | None, int]:
    """The JSON, None where it cannot be read, and the bytes of a .glb's binary chunk."""
    binary = 0
    try:
        if head.startswith(b"glTF"):
            (length,) = struct.unpack_from("<I", head, 12)
            with path.open("rb") as file:
                file.seek(20)
                text = file.read(length)
                chunk = file.read(8)
                binary = len(file.read()) if len(chunk) == 8 else 0
            if len(text) < length:
                raise breaks_off(path)
            content = json.loads(text)
        else:
            content = json.loads(path.read_bytes())
    except (struct.error, ValueError, RecursionError):
        return None, 0
    return (content if isinstance(content, dict) else None), binary


def _check_accessor(
    path: Path, content: Mapping[str, Any], accessor: Mapping[str, Any], binary: int
) -> None:
    """Whether an accessor's values lie within its view, and that within its buffer."""
    number = accessor.get("bufferView")
    if number is None:
        return
    view = _at(_list(content, "bufferViews"), number)
    if view is None:
        raise _nowhere(path, f"an accessor names view {number}", 0)
    parts, width = accessor.get("componentType"), accessor.get("type")
    size = 0
    if isinstance(parts, int) and isinstance(width, str):
        size = SIZES.get(parts, 0) * WIDTHS.get(width, 0)
    count, stride = _count(path, accessor), _int(path, view.get("byteStride", size)) or size
    start = _int(path, accessor.get("byteOffset", 0))
    length, offset = _int(path, view.get("byteLength", 0)), _int(path, view.get("byteOffset", 0))
    if count and start + (count - 1) * stride + size > length:
        raise breaks_off(path)
    compressed = "EXT_meshopt_compression" in _dict(view, "extensions")
    have = _buffer_bytes(path, content, view.get("buffer"), binary)
    if have is not None and not compressed and offset + length > have:
        raise breaks_off(path)


def _buffer_bytes(path: Path, content: Mapping[str, Any], number: Any, binary: int) -> int | None:
    """How many bytes a buffer has; None where nobody knows."""
    buffer = _at(_list(content, "buffers"), number)
    if buffer is None:
        raise _nowhere(path, f"a view names buffer {number}", 0)
    uri = buffer.get("uri")
    if uri is None:
        return binary or None
    if not isinstance(uri, str) or uri.startswith("data:"):
        return None
    file = path.parent / unquote(uri)
    return file.stat().st_size if file.is_file() else None


def _count(path: Path, accessor: Mapping[str, Any]) -> int:
    return _int(path, accessor.get("count", 0))


def _int(path: Path, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadShape(f"{path}: has {value!r} where a whole number belongs; export it again.")
    return value


def _list(content: Mapping[str, Any], key: str) -> Sequence[dict[str, Any]]:
    found = content.get(key, [])
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _dict(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = content.get(key, {})
    return found if isinstance(found, dict) else {}


def _at(items: Sequence[dict[str, Any]], number: Any) -> dict[str, Any] | None:
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(items):
        return None
    return items[number]


def _nowhere(path: Path, told: str, count: int) -> BadShape:
    return BadShape(f"{path}: {told}, and there are {count}; export it again.")
