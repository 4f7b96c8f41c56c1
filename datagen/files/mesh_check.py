"""Faults of a mesh file that importers pass over in silence or find only after minutes."""

from __future__ import annotations

import os
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from datagen.errors import BadShape, breaks_off, not_numbers
from datagen.files.gltf_check import check_gltf
from datagen.files.kind import known_kind
from datagen.files.numbers import points_of
from datagen.files.ply_check import check_ply
from datagen.files.tidy import is_text_stl
from datagen.files.told_faces import obj_triangles, stl_triangles
from datagen.geometry.limits import refuse_too_many

_3MF_POINT = re.compile(rb"<(?:\w+:)?vertex\b[^>]*>")
_ATTRIBUTE = re.compile(rb"\b([xyz])\s*=\s*[\"']([^\"']*)[\"']")
_STL_RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_ALWAYS_KNOWN = (".glb", ".ply", ".3mf", ".usdz", ".blend", ".step", ".stp")


@dataclass(frozen=True)
class FileCheck:
    """warnings: a sentence each. triangles: that the file tells of, None where nobody counts."""

    warnings: tuple[str, ...] = ()
    triangles: int | None = None


def check_file(path: Path) -> FileCheck:
    """What a mesh or CAD file of a kind in SUFFIXES tells before it is loaded.

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
        return FileCheck(triangles=_check_stl(path, kind is not None, head, size))
    if suffix == ".ply":
        return FileCheck(triangles=check_ply(path))
    if suffix == ".obj":
        return _check_obj(path, tail)
    if suffix in (".glb", ".gltf"):
        gltf = check_gltf(path, head)
        return FileCheck(gltf.warnings, gltf.triangles)
    if suffix in (".step", ".stp") and b"END-ISO-10303-21" not in tail:
        raise breaks_off(path)
    elif suffix in (".3mf", ".usdz"):
        if not zipfile.is_zipfile(path):
            raise breaks_off(path)
        if suffix == ".3mf":
            _check_3mf(path)
    return FileCheck()


def _stl_count(head: bytes) -> int:
    return int.from_bytes(head[80:84], "little")


def _check_stl(path: Path, is_text: bool, head: bytes, size: int) -> int:
    if is_text:
        content = path.read_bytes()
        if b"endsolid" not in content.lower():
            raise breaks_off(path)
        told = stl_triangles(content, path)
        refuse_too_many(told, str(path))
        return told
    count = _stl_count(head)
    if size < 84 + 50 * count:
        raise breaks_off(path)
    refuse_too_many(count, str(path))
    records = np.fromfile(path, _STL_RECORD, count, offset=84)
    corners = records["corners"]
    if not np.isfinite(corners).all():
        raise not_numbers(path)
    same = (corners == np.roll(corners, 1, axis=1)).all(axis=2).any(axis=1)
    return count - int(same.sum())


def _check_obj(path: Path, tail: bytes) -> FileCheck:
    """A file that stops within a line, with a broken face or points that no face uses, was cut."""
    content = path.read_bytes()
    refuse_too_many(content.count(b"\nf "), str(path))
    if tail.endswith((b"\n", b"\r")):
        return FileCheck(triangles=obj_triangles(content, path))
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
    told = "does not end with a line break and may have been cut; compare it with the original."
    return FileCheck((told,), obj_triangles(content, path))


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
