"""PLY files: too many faces, fewer than the header promises, or points that are not numbers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from datagen.errors import BadShape, breaks_off, not_numbers
from datagen.geometry.limits import refuse_too_many

_TYPES = {
    "char": "i1", "uchar": "u1", "int8": "i1", "uint8": "u1", "short": "i2", "ushort": "u2",
    "int16": "i2", "uint16": "u2", "int": "i4", "uint": "u4", "int32": "i4", "uint32": "u4",
    "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip
_NAN = re.compile(rb"^[-\d.e+ \t]*\b(nan|inf)", re.IGNORECASE | re.MULTILINE)


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


def check_ply(path: Path) -> None:
    """Raises BadShape for a PLY file that breaks off, is too large or holds no numbers.

    A text file that ends early is left to the importer, which notices.
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
        if _NAN.search(body):
            raise not_numbers(path)
        return
    at = 0
    for element in elements:
        after = end_of(body, at, element)
        if after > len(body):
            raise breaks_off(path)
        if element.name == "vertex" and all(entry.length is None for entry in element.properties):
            row = np.dtype([(entry.name, entry.kind) for entry in element.properties])
            points = np.frombuffer(body, row, element.rows, at)
            names = {"x", "y", "z"} & set(row.names or ())
            if not all(np.isfinite(points[name]).all() for name in names):
                raise not_numbers(path)
        at = after


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
