"""How many triangles the text of a mesh file tells of, to find out what an importer drops."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.errors import BadShape, breaks_off

_FACE = re.compile(rb"^[ \t]*f[ \t]+([^\n#]*)", re.MULTILINE)
_POINT = re.compile(rb"^[ \t]*v[ \t]", re.MULTILINE)
_STRAY = re.compile(rb"^[ \t]*([-+.\d/][^\n]*)", re.MULTILINE)
_REST = re.compile(rb"/[^\s]*")
_STL_WORD = re.compile(
    rb"^[ \t]*(facet|vertex|endfacet)\b[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE
)


def obj_triangles(content: bytes, path: Path) -> int:
    """Of the faces in the text of an .obj whose points differ; line ends of any kind.

    A face of fewer than three points counts too, as one that importers leave out. Raises BadShape
    for one in which the text breaks off, for points that are not there, and for a line that is the
    rest of another.
    """
    text = content
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    text = text.replace(b"\\\n", b" ")
    if stray := _STRAY.search(text):
        shown = stray.group(1)[:30].decode("utf-8", "replace").strip()
        raise _damaged(path, f"a line begins with {shown!r}")
    rows = _REST.sub(b"", b"\n".join(_FACE.findall(text))).split(b"\n")
    faces = [row.split() for row in rows]
    if not any(faces):
        return 0
    lengths = np.array([len(face) for face in faces])
    if lengths[-1] < 3 and _FACE.match(text.rpartition(b"\n")[2]):
        raise breaks_off(path)
    words = [word for face in faces for word in face]
    if any(b"_" in row for row in rows):  # Python takes 1_0 for a number; importers read 1
        raise _damaged(path, "a face names a point by no whole number")
    try:
        numbers = np.array(words).astype(np.int64)
    except (ValueError, OverflowError) as error:
        raise _damaged(path, "a face names a point by no whole number") from error
    starts = [match.start() for match in _POINT.finditer(text)]
    index = numbers - 1
    if (numbers < 0).any():
        before = np.searchsorted(starts, [match.start() for match in _FACE.finditer(text)])
        index = np.where(numbers < 0, np.repeat(before, lengths) + numbers, index)
    bad = np.flatnonzero((index < 0) | (index >= len(starts)) | (numbers == 0))
    if len(bad):
        raise _damaged(path, f"a face names point {numbers[bad[0]]}, and there are {len(starts)}")
    return sum(max(len(face) - 2, 1) for face in faces if len(set(face)) == len(face))


def stl_triangles(content: bytes, path: Path) -> int:
    """Of the facets in a text STL whose points differ.

    Raises BadShape where one has not three points and an end.
    """
    found = _STL_WORD.findall(content)
    words = [word.lower() for word, _ in found]
    count = words.count(b"facet")
    if words != [b"facet", b"vertex", b"vertex", b"vertex", b"endfacet"] * count:
        raise _damaged(path, "a facet has not three points and an end")
    points = [rest.split() for word, rest in found if word.lower() == b"vertex"]
    corners = zip(points[::3], points[1::3], points[2::3], strict=True)
    return sum(a != b and b != c and a != c for a, b, c in corners)


def check_indices(index: NDArray[Any], points: int, path: Path) -> None:
    """Raises BadShape where faces name points that are not there."""
    bad = index[(index < 0) | (index >= points)]
    if len(bad):
        raise _damaged(path, f"a face names point {bad[0]} from 0, and there are {points}")


def dropped(told: int, read: int) -> list[str]:
    """A warning where fewer triangles were read than a file tells of."""
    if read >= told:
        return []
    return [
        f"{told - read} of {told} triangles are doubles or could not be read and are left out; "
        "compare it with the original."
    ]


def _damaged(path: Path, told: str) -> BadShape:
    return BadShape(f"{path}: {told}; export it again or remove it.")
