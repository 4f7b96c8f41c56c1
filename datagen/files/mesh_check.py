"""Faults of a mesh file that importers pass over in silence or find only after minutes."""

from __future__ import annotations

import json
import os
import re
import struct
import zipfile
from pathlib import Path

import numpy as np

from datagen.errors import BadShape, breaks_off, not_numbers
from datagen.files.kind import known_kind
from datagen.files.ply_check import check_ply
from datagen.geometry.normalise import refuse_too_many

_NAN_IN_OBJ = re.compile(rb"^v[ \t][-\d.e+ \t]*(nan|inf)", re.IGNORECASE | re.MULTILINE)
_NAN_IN_STL = re.compile(rb"vertex[ \t][-\d.e+ \t]*(nan|inf)", re.IGNORECASE)
_STL_RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_ALWAYS_KNOWN = (".glb", ".ply", ".3mf", ".usdz", ".blend", ".step", ".stp")


def check_file(path: Path) -> list[str]:
    """Warnings about a mesh or CAD file of a kind in SUFFIXES, a sentence each.

    Raises BadShape for a file that is empty, misnamed, cut short or far too large. Importers turn
    coordinates that are not numbers into zeros; those are refused here too.
    """
    suffix = path.suffix.lower()
    try:
        with path.open("rb") as file:
            head = file.read(4096)
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - 512))
            tail = file.read()
    except OSError as error:
        raise BadShape(
            f"{path}: {error.strerror}; check the path and the file's rights."
        ) from error
    if not head:
        raise BadShape(f"{path}: the file is empty; export it again or remove it.")
    is_binary_stl = suffix == ".stl" and size == 84 + 50 * _stl_count(head)
    kind = None if is_binary_stl else known_kind(head)
    if kind is not None and suffix not in kind[1]:
        remedy = f"rename it to {kind[1][0]}" if kind[1] else "export the mesh again or remove it"
        raise BadShape(f"{path}: named {suffix} but holds {kind[0]}; {remedy}.")
    if kind is None and suffix in _ALWAYS_KNOWN:
        raise BadShape(f"{path}: does not hold a {suffix} file; export it again or remove it.")
    if suffix == ".stl":
        _check_stl(path, kind is not None, head, tail, size)
    elif suffix == ".ply":
        check_ply(path)
    elif suffix == ".obj":
        return _check_obj(path, tail)
    elif suffix in (".glb", ".gltf"):
        _check_gltf(path, head)
    elif suffix in (".step", ".stp") and b"END-ISO-10303-21" not in tail:
        raise breaks_off(path)
    elif suffix in (".3mf", ".usdz"):
        if not zipfile.is_zipfile(path):
            raise breaks_off(path)
        if suffix == ".3mf":
            _check_3mf(path)
    return []


def _stl_count(head: bytes) -> int:
    return int.from_bytes(head[80:84], "little")


def _check_stl(path: Path, is_text: bool, head: bytes, tail: bytes, size: int) -> None:
    if is_text:
        if b"endsolid" not in tail:
            raise breaks_off(path)
        if _NAN_IN_STL.search(path.read_bytes()):
            raise not_numbers(path)
        return
    count = _stl_count(head)
    if size < 84 + 50 * count:
        raise breaks_off(path)
    refuse_too_many(count, str(path))
    records = np.fromfile(path, _STL_RECORD, count, offset=84)
    if not np.isfinite(records["corners"]).all():
        raise not_numbers(path)


def _check_obj(path: Path, tail: bytes) -> list[str]:
    """A file that stops within a line, with a broken face or points that no face uses, was cut."""
    content = path.read_bytes()
    refuse_too_many(content.count(b"\nf "), str(path))
    if _NAN_IN_OBJ.search(content):
        raise not_numbers(path)
    if tail.endswith((b"\n", b"\r")):
        return []
    points, used = 0, set()
    for line in content.splitlines():
        words = line.split()
        if words[:1] == [b"v"]:
            points += 1
        elif words[:1] == [b"f"]:
            if len(words) < 4 or len({word.count(b"/") for word in words[1:]}) > 1:
                raise breaks_off(path)
            for word in words[1:]:
                number = word.split(b"/")[0]
                if number.lstrip(b"-").isdigit():
                    used.add(int(number) - 1 if int(number) > 0 else points + int(number))
    if points > len(used):
        raise breaks_off(path)
    return ["does not end with a line break and may have been cut; compare it with the original."]


def _check_gltf(path: Path, head: bytes) -> None:
    """Too many triangles, counted from the accessors; the importer finds the other faults."""
    try:
        if head.startswith(b"glTF"):
            (length,) = struct.unpack_from("<I", head, 12)
            with path.open("rb") as file:
                file.seek(20)
                content = json.loads(file.read(length))
        else:
            content = json.loads(path.read_bytes())
        counts = [
            content["accessors"][primitive.get("indices", primitive["attributes"]["POSITION"])]
            for mesh in content.get("meshes", [])
            for primitive in mesh["primitives"]
            if primitive.get("mode", 4) == 4
        ]
        triangles = sum(int(accessor["count"]) for accessor in counts) // 3
    except (struct.error, ValueError, LookupError, TypeError, AttributeError):
        return
    refuse_too_many(triangles, str(path))


def _check_3mf(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.lower().endswith(".model"):
                with archive.open(name) as model:
                    count = model.read().count(b"<triangle ")
                refuse_too_many(count, str(path))
