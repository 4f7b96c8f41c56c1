"""Faults of a mesh file that importers pass over in silence or find only after minutes."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path

import numpy as np

from datagen.errors import BadShape, breaks_off, not_numbers
from datagen.files.gltf_check import check_gltf
from datagen.files.kind import known_kind
from datagen.files.numbers import points_of
from datagen.files.ply_check import check_ply
from datagen.files.tidy import is_text_stl
from datagen.geometry.limits import refuse_too_many

_3MF_POINT = re.compile(rb"<(?:\w+:)?vertex\b[^>]*>")
_ATTRIBUTE = re.compile(rb"\b([xyz])\s*=\s*[\"']([^\"']*)[\"']")
_STL_RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_ALWAYS_KNOWN = (".glb", ".ply", ".3mf", ".usdz", ".blend", ".step", ".stp")


def check_file(path: Path) -> list[str]:
    """Warnings about a mesh or CAD file of a kind in SUFFIXES, a sentence each.

    Raises BadShape for a file that is empty, misnamed, cut short or far too large. Importers turn
    coordinates that are not numbers into zeros; those are refused here too, but for those of .obj
    and text .stl, which datagen.files.tidy reads anyway.
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
    text_stl = suffix == ".stl" and is_text_stl(head) and size != 84 + 50 * _stl_count(head)
    binary_stl = suffix == ".stl" and not text_stl and size >= 84 + 50 * _stl_count(head) > 84
    kind = None if binary_stl else ("STL text", (".stl",)) if text_stl else known_kind(head)
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
        check_gltf(path, head)
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
        if b"endsolid" not in path.read_bytes().lower():
            raise breaks_off(path)
        refuse_too_many(path.read_bytes().lower().count(b"endfacet"), str(path))
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


def _check_3mf(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.lower().endswith(".model"):
                with archive.open(name) as model:
                    content = model.read()
                refuse_too_many(content.count(b"<triangle "), str(path))
                vertices = [dict(_ATTRIBUTE.findall(tag)) for tag in _3MF_POINT.findall(content)]
                axes = (b"x", b"y", b"z")
                rows = [b" ".join(one.get(axis, b"?") for axis in axes) for one in vertices]
                points_of(rows, path)
