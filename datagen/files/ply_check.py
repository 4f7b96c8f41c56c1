"""PLY files: too many faces, fewer than the header promises, or points that are not numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from datagen.errors import BadShape, breaks_off, not_numbers
from datagen.files.numbers import points_of
from datagen.files.told_faces import check_indices
from datagen.geometry.limits import refuse_too_many

_TYPES = {
    "char": "i1", "uchar": "u1", "int8": "i1", "uint8": "u1", "short": "i2", "ushort": "u2",
    "int16": "i2", "uint16": "u2", "int": "i4", "uint": "u4", "int32": "i4", "uint32": "u4",
    "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip


class Property(NamedTuple):
    """length: type of a list's length, None for a single value."""

    name: str
    kind: np.dtype[Any]
    length: np.dtype[Any] | None


class Element(NamedTuple):
    """So many rows with the same properties."""

    name: str
    rows: int
    properties: list[Property]


def check_ply(path: Path) -> int | None:
    """How many triangles it tells of, None where its faces hold more than their points.

    Raises BadShape for a PLY file that breaks off, is too large or holds no numbers.

    Faces must name points that are there.
    """
    content = path.read_bytes()
    header, end, body = content.partition(b"end_header")
    _, newline, body = body.partition(b"\n")
    if not end or not newline:
        raise breaks_off(path)
    try:
        style, elements = read_header(header.decode("latin1"))
    except (LookupError, ValueError) as error:
        raise BadShape(f"{path}: its PLY header cannot be read; export it again.") from error
    if any(entry.rows and not entry.properties for entry in elements):
        raise BadShape(f"{path}: its PLY header has rows of nothing; export it again.")
    refuse_too_many(sum(entry.rows for entry in elements if entry.name == "face"), str(path))
    if not style.startswith("binary"):
        return _check_text(body, elements, path)
    told = None
    points = sum(entry.rows for entry in elements if entry.name == "vertex")
    at = 0
    for element in elements:
        after = end_of(body, at, element)
        if after > len(body):
            raise breaks_off(path)
        if element.name == "vertex" and all(entry.length is None for entry in element.properties):
            row = np.dtype([(entry.name, entry.kind) for entry in element.properties])
            values = np.frombuffer(body, row, element.rows, at)
            names = {"x", "y", "z"} & set(row.names or ())
            if not all(np.isfinite(values[name]).all() for name in names):
                raise not_numbers(path)
        elif element.name == "face":
            told = _check_lists(_lists(body, at, element), points, path)
        at = after
    return told


def read_header(text: str) -> tuple[str, list[Element]]:
    """Style (ascii or binary_...) and elements of a PLY header. Raises LookupError, ValueError."""
    style, elements = "", []
    for line in text.splitlines():
        words = line.split()
        order = ">" if "big" in style else "<"
        if words[:1] == ["format"]:
            style = words[1]
        elif words[:1] == ["element"]:
            rows = int(words[2])
            if rows < 0:
                raise ValueError("a negative number of rows")
            elements.append(Element(words[1], rows, []))
        elif words[:1] == ["property"]:
            kinds = [np.dtype(order + _TYPES[word]) for word in words[1:-1] if word != "list"]
            length = kinds[0] if words[1] == "list" else None
            if any(entry.name == words[-1] for entry in elements[-1].properties):
                raise ValueError("a property that is there twice")
            elements[-1].properties.append(Property(words[-1], kinds[-1], length))
    return style, elements


def _check_text(body: bytes, elements: list[Element], path: Path) -> int | None:
    """Every element has its rows, each with its values; what follows does not count."""
    lines = [line for line in body.splitlines() if line.strip()]
    points = sum(entry.rows for entry in elements if entry.name == "vertex")
    told, at = None, 0
    for element in elements:
        rows = [line.split() for line in lines[at : at + element.rows]]
        at += element.rows
        if len(rows) < element.rows:
            raise breaks_off(path)
        names = [entry.name for entry in element.properties]
        plain = all(entry.length is None for entry in element.properties)
        if plain and any(len(row) != len(names) for row in rows):
            raise _wrong_row(path, element)
        if element.name == "vertex" and plain and {"x", "y", "z"} <= set(names):
            axes = [names.index(axis) for axis in "xyz"]
            points_of([b" ".join(row[axis] for axis in axes) for row in rows], path)
        elif element.name == "face" and len(names) == 1 and not plain:
            try:
                faces = [[int(word) for word in row] for row in rows]
            except ValueError as error:
                raise _wrong_row(path, element) from error
            odd = any(b"_" in word for row in rows for word in row)  # Python takes 1_0 for 10
            if odd or any(not row or row[0] != len(row) - 1 for row in faces):
                raise _wrong_row(path, element)
            told = _check_lists([np.array(row[1:], np.int64) for row in faces], points, path)
    return told


def _wrong_row(path: Path, element: Element) -> BadShape:
    return BadShape(
        f"{path}: a row of its {element.name} elements has other values than the header tells; "
        "export it again."
    )


def _lists(body: bytes, at: int, element: Element) -> list[NDArray[Any]]:
    """The first list of each row, such as a face's points."""
    first = next((entry for entry in element.properties if entry.length is not None), None)
    if first is None or first.length is None or not element.rows:
        return []
    if len(element.properties) == 1:
        length = int(np.frombuffer(body, first.length, 1, at)[0])
        row = np.dtype([("length", first.length), ("values", first.kind, (length,))])
        if at + row.itemsize * element.rows <= len(body):
            rows = np.frombuffer(body, row, element.rows, at)
            if (rows["length"] == length).all():
                return list(rows["values"])
    found = []
    for _row in range(element.rows):
        for entry in element.properties:
            if entry.length is None:
                at += entry.kind.itemsize
                continue
            length = int(np.frombuffer(body, entry.length, 1, at)[0])
            at += entry.length.itemsize
            if entry is first:
                found.append(np.frombuffer(body, entry.kind, length, at))
            at += length * entry.kind.itemsize
    return found


def _check_lists(lists: list[NDArray[Any]], points: int, path: Path) -> int:
    """How many triangles the faces are whose points differ."""
    lengths = np.array([len(entry) for entry in lists])
    if not len(lists):
        return 0
    if lengths.min() < 3:
        raise BadShape(f"{path}: a face has fewer than 3 points; export it again.")
    check_indices(np.concatenate(lists), points, path)
    if (lengths == 3).all():
        a, b, c = np.stack(lists).T
        return int(((a != b) & (b != c) & (a != c)).sum())
    return sum(len(face) - 2 for face in lists if len(np.unique(face)) == len(face))


def end_of(body: bytes, at: int, element: Element) -> int:
    """Where an element that begins at `at` ends; beyond the body where it breaks off."""
    if all(entry.length is None for entry in element.properties):
        return at + element.rows * sum(entry.kind.itemsize for entry in element.properties)
    least = sum((entry.length or entry.kind).itemsize for entry in element.properties)
    if at + element.rows * least > len(body):
        return len(body) + 1
    for _row in range(element.rows):
        for _name, kind, length in element.properties:
            if length is None:
                at += kind.itemsize
            elif at + length.itemsize > len(body):
                return len(body) + 1
            else:
                at += length.itemsize + int(np.frombuffer(body, length, 1, at)[0]) * kind.itemsize
    return at
