"""The values of glTF accessors, read where the file says that they lie."""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from datagen.errors import BadShape, breaks_off
from datagen.files.told_faces import check_indices

KINDS: dict[int, np.dtype[Any]] = {
    5120: np.dtype("i1"), 5121: np.dtype("u1"), 5122: np.dtype("<i2"), 5123: np.dtype("<u2"),
    5125: np.dtype("<u4"), 5126: np.dtype("<f4"),
}  # fmt: skip
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
MESHOPT = "EXT_meshopt_compression"

Bytes = NDArray[np.uint8]
Json = Mapping[str, Any]


@dataclass
class GltfFile:
    """content: its JSON. chunk: of a .glb, what follows that; None where it has none."""

    path: Path
    content: Json
    chunk: Bytes | None
    _buffers: dict[int, Bytes | None] = field(default_factory=dict)

    def all(self, key: str) -> Sequence[dict[str, Any]]:
        """The objects in a list of the content's."""
        return objects_in(self.content, key)

    def accessor(self, number: Any, told: str) -> dict[str, Any]:
        """By number. Raises BadShape: `told` in this accessor, which is not there."""
        found = at(self.all("accessors"), number)
        if found is None:
            raise self._nowhere(f"{told} in accessor {number}", len(self.all("accessors")))
        return found

    def count(self, accessor: Json) -> int:
        """How many values an accessor says it has."""
        return self._whole(accessor.get("count", 0))

    def values(self, accessor: Json) -> NDArray[Any] | None:
        """(count, width) of an accessor; None where they are compressed or in no file that is here.

        Raises BadShape where they cannot lie where it says.
        """
        count, sparse = self.count(accessor), accessor.get("sparse")
        kind, width = _kind(accessor), _width(accessor)
        if kind is None or width is None:
            raise self._fault("has values of a kind that glTF does not know")
        if accessor.get("bufferView") is None:
            if not isinstance(sparse, dict):
                raise self._fault("has points or faces that lie in no buffer")
            base: NDArray[Any] | None = np.zeros((count, width), kind)
        else:
            base = self._laid(accessor, count, kind, width)
        if base is None or not isinstance(sparse, dict):
            return base
        return self._replaced(base, sparse)

    def _replaced(self, base: NDArray[Any], sparse: Json) -> NDArray[Any] | None:
        """With the values that a sparse accessor has of its own."""
        count, where = self._whole(sparse.get("count", 0)), sparse["indices"]
        kind = _kind(where)
        rows = None if kind is None else self._laid(where, count, kind, 1)
        values = self._laid(sparse["values"], count, base.dtype, base.shape[1])
        if rows is None or values is None:
            return None
        check_indices(rows[:, 0], len(base), self.path)
        made = base.copy()
        made[rows[:, 0]] = values
        return made

    def _laid(
        self, place: Json, count: int, kind: np.dtype[Any], width: int
    ) -> NDArray[Any] | None:
        """(count, width) where a view and an offset say."""
        views = self.all("bufferViews")
        view = at(views, place.get("bufferView"))
        if view is None:
            raise self._nowhere(f"an accessor names view {place.get('bufferView')}", len(views))
        size = kind.itemsize * width
        stride = self._whole(view.get("byteStride", 0)) or size
        start, length = self._whole(place.get("byteOffset", 0)), self._whole(view["byteLength"])
        if stride < size:
            raise self._fault(f"has values of {size} bytes every {stride}")
        if count and start + (count - 1) * stride + size > length:
            raise breaks_off(self.path)
        buffer = self._buffer(view.get("buffer"))
        extensions = view.get("extensions")
        if buffer is None or (isinstance(extensions, dict) and MESHOPT in extensions):
            return None
        offset = self._whole(view.get("byteOffset", 0))
        if offset + length > len(buffer):
            raise breaks_off(self.path)
        if not count:
            return np.zeros((0, width), kind)
        strides = (stride, kind.itemsize)
        return np.ndarray((count, width), kind, buffer.data, offset + start, strides)

    def _buffer(self, number: Any) -> Bytes | None:
        """None where it is a file that is not here."""
        buffers = self.all("buffers")
        buffer = at(buffers, number)
        if buffer is None:
            raise self._nowhere(f"a view names buffer {number}", len(buffers))
        if number not in self._buffers:
            self._buffers[number] = self._read(buffer.get("uri"))
        return self._buffers[number]

    def _read(self, uri: Any) -> Bytes | None:
        if not isinstance(uri, str):
            return self.chunk
        if not uri.startswith("data:"):
            file = self.path.parent / unquote(uri)
            return np.fromfile(file, np.uint8) if file.is_file() else None
        try:
            return np.frombuffer(base64.b64decode(uri.partition(",")[2]), np.uint8)
        except binascii.Error as error:
            raise breaks_off(self.path) from error

    def _whole(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self._fault(f"has {value!r} where a whole number belongs")
        return value

    def _nowhere(self, told: str, count: int) -> BadShape:
        return self._fault(f"{told}, and there are {count}")

    def _fault(self, told: str) -> BadShape:
        return BadShape(f"{self.path}: {told}; export it again.")


def open_gltf(path: Path, head: bytes) -> GltfFile | None:
    """A .gltf or .glb; None where it cannot be read. head: its first bytes.

    Raises BadShape where it breaks off.
    """
    chunk = None
    try:
        if head.startswith(b"glTF"):
            (length,) = struct.unpack_from("<I", head, 12)
            with path.open("rb") as file:
                file.seek(20)
                text = file.read(length)
                if len(file.read(8)) == 8:
                    chunk = np.fromfile(file, np.uint8)
            if len(text) < length:
                raise breaks_off(path)
            content = json.loads(text)
        else:
            content = json.loads(path.read_bytes())
    except (struct.error, ValueError, RecursionError):
        return None
    return GltfFile(path, content, chunk) if isinstance(content, dict) else None


def objects_in(content: Json, key: str) -> Sequence[dict[str, Any]]:
    """Of a list; none where there is no list."""
    found = content.get(key, [])
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def at(items: Sequence[dict[str, Any]], number: Any) -> dict[str, Any] | None:
    """By number; None where it is none, or there are fewer."""
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(items):
        return None
    return items[number]


def _kind(place: Json) -> np.dtype[Any] | None:
    number = place.get("componentType")
    return KINDS.get(number) if isinstance(number, int) else None


def _width(accessor: Json) -> int | None:
    kind = accessor.get("type")
    return WIDTHS.get(kind) if isinstance(kind, str) else None
