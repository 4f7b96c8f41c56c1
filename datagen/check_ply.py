"""PLY files: too many faces, or fewer than the header promises."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from datagen.errors import BadShape
from datagen.normalise import refuse_too_many

_SIZES = {
    "char": 1, "uchar": 1, "int8": 1, "uint8": 1, "short": 2, "ushort": 2, "int16": 2,
    "uint16": 2, "int": 4, "uint": 4, "int32": 4, "uint32": 4, "float": 4, "float32": 4,
    "double": 8, "float64": 8,
}  # fmt: skip


class _Element(NamedTuple):
    """properties: bytes a value, or (bytes of the length, bytes an entry) of a list."""

    name: str
    rows: int
    properties: list[int | tuple[int, int]]


def breaks_off(path: Path) -> BadShape:
    return BadShape(f"{path}: the file breaks off; export or copy it again.")


def check_ply(path: Path) -> None:
    """Raises BadShape. A text file that ends early is left to the importer, which notices."""
    content = path.read_bytes()
    header, end, _ = content.partition(b"end_header")
    if not end:
        raise breaks_off(path)
    start = content.index(b"\n", len(header)) + 1 if b"\n" in content[len(header) :] else 0
    style, elements = "", []
    try:
        for line in header.decode("latin1").splitlines():
            words = line.split()
            if words[:1] == ["format"]:
                style = words[1]
            elif words[:1] == ["element"]:
                elements.append(_Element(words[1], int(words[2]), []))
            elif words[:2] == ["property", "list"]:
                elements[-1].properties.append((_SIZES[words[2]], _SIZES[words[3]]))
            elif words[:1] == ["property"]:
                elements[-1].properties.append(_SIZES[words[1]])
    except (LookupError, ValueError) as error:
        raise BadShape(f"{path}: its PLY header cannot be read; export it again.") from error
    refuse_too_many(sum(entry.rows for entry in elements if entry.name == "face"), str(path))
    if style.startswith("binary"):
        at = start
        for element in elements:
            at = _skip(content, at, element, "little" if "little" in style else "big")
        if not start or at > len(content):
            raise breaks_off(path)


def _skip(content: bytes, at: int, element: _Element, order: Literal["little", "big"]) -> int:
    """Where the element's values end."""
    scalars = [entry for entry in element.properties if isinstance(entry, int)]
    if len(scalars) == len(element.properties):
        return at + element.rows * sum(scalars)
    for _ in range(element.rows):
        for entry in element.properties:
            if isinstance(entry, int):
                at += entry
            else:
                length = int.from_bytes(content[at : at + entry[0]], order)
                at += entry[0] + length * entry[1]
        if at > len(content):
            break
    return at
