"""Copies of text files that importers read as they are meant: line ends, names, far coordinates."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from datagen.files.numbers import points_of
from datagen.files.ply_check import Element, end_of, read_header
from datagen.files.wavefront import libraries, option_and_name, text_of
from datagen.geometry.shape import Floats

FAR = 100.0  # extents from the origin, from where on single precision shows
BOM = b"\xef\xbb\xbf"
STL_HEADER, STL_RECORD = 84, 50
_MTLLIB = re.compile(rb"^[ \t]*mtllib[ \t][^\n]*\n?", re.MULTILINE)
_POINT = re.compile(rb"^[ \t]*v[ \t]+([^\n]*)", re.MULTILINE)
_STL_POINT = re.compile(rb"\bvertex\b[ \t]*([^\r\n]*)", re.IGNORECASE)
_MAP = re.compile(r"^(\s*(?:map_\w+|bump|norm|disp|refl)\s+)(.+?)\s*$", re.IGNORECASE)


def tidied_obj(path: Path, folder: Path) -> Path:
    """The file, or a copy in the folder where an importer would misread it. Raises OSError.

    Other line ends, a byte order mark, several material libraries in a line or with Windows' path
    separators, colours of 0 to 255, points far from the origin.
    """
    content = path.read_bytes()
    text = content.removeprefix(BOM)
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    rows = _POINT.findall(text)
    points = points_of(rows, path)
    shift = far_shift(points)
    bright = _has_bytes(rows)
    named = [line.split(None, 1)[1].strip() for line in _MTLLIB.findall(text) if b" " in line]
    found = [library for library in libraries(path) if library.is_file()]
    odd_names = any(b"\\" in name for name in named) or len(found) > 1
    ends = content != text and (b"\n" not in content or content.startswith(BOM))
    if shift is None and not (bright or odd_names or ends):
        return path
    if shift is not None or bright:
        moved = points if shift is None else points - shift
        lines = iter(_rewritten(moved, rows, bright))
        text = _POINT.sub(lambda _: next(lines), text)
    copy = folder / f"{path.stem}.obj"
    if found:
        (folder / "tidied.mtl").write_text("\n".join(map(_absolute, found)), encoding="utf-8")
        text = b"mtllib tidied.mtl\n" + _MTLLIB.sub(b"", text)
    copy.write_bytes(text)
    return copy


def tidied_stl(path: Path, folder: Path) -> Path:
    """The file, or a copy: of text far from the origin, or without what follows the last triangle.

    Raises OSError.
    """
    content = path.read_bytes()
    count = int.from_bytes(content[80:84], "little")
    end = STL_HEADER + STL_RECORD * count
    copy = folder / f"{path.stem}.stl"
    if not is_text_stl(content):
        if len(content) == end:
            return path
        copy.write_bytes(content[:end])
        return copy
    points = points_of(_STL_POINT.findall(content), path)
    shift = far_shift(points)
    if shift is None:
        return path
    corners = (points - shift)[: len(points) // 3 * 3].reshape(-1, 3, 3).astype("<f4")
    kinds = [("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")]
    records = np.zeros(len(corners), np.dtype(kinds))
    records["corners"] = corners
    copy.write_bytes(bytes(80) + len(records).to_bytes(4, "little") + records.tobytes())
    return copy


def tidied_ply(path: Path, folder: Path) -> Path:
    """The file, or a copy of one far from the origin. Raises OSError."""
    content = path.read_bytes()
    header, end, rest = content.partition(b"end_header")
    skipped, newline, body = rest.partition(b"\n")
    style, elements = read_header(header.decode("latin1"))
    names = [element.name for element in elements]
    number = names.index("vertex") if "vertex" in names else len(names)
    if number == len(names) or any(one.length for one in elements[number].properties):
        return path
    vertex = elements[number]
    if style.startswith("binary"):
        at = 0
        for element in elements[:number]:
            at = end_of(body, at, element)
        moved = _moved_rows(body, at, vertex)
    else:
        moved = _moved_lines(body, sum(one.rows for one in elements[:number]), vertex)
    if moved is None:
        return path
    copy = folder / f"{path.stem}.ply"
    copy.write_bytes(header + end + skipped + newline + moved)
    return copy


def _moved_rows(body: bytes, at: int, vertex: Element) -> bytes | None:
    """The body with the binary vertices that begin at `at` about the origin.

    None if they are, or are in single precision anyway.
    """
    if not any(entry.kind.itemsize > 4 for entry in vertex.properties if entry.name in "xyz"):
        return None
    row = np.dtype([(entry.name, entry.kind) for entry in vertex.properties])
    rows = np.frombuffer(body, row, vertex.rows, at).copy()
    shift = far_shift(np.stack([rows[axis].astype(np.float64) for axis in "xyz"], axis=1))
    if shift is None:
        return None
    for axis, less in zip("xyz", shift, strict=True):
        rows[axis] = rows[axis].astype(np.float64) - less
    return body[:at] + rows.tobytes() + body[at + rows.nbytes :]


def _moved_lines(body: bytes, first: int, vertex: Element) -> bytes | None:
    """The same of text, its vertices in lines from `first`."""
    lines = body.splitlines()
    table = [line.split() for line in lines[first : first + vertex.rows]]
    columns = [[one.name for one in vertex.properties].index(axis) for axis in "xyz"]
    if any(len(row) < len(vertex.properties) for row in table):
        return None
    points = np.array([[row[column] for column in columns] for row in table]).astype(np.float64)
    shift = far_shift(points)
    if shift is None:
        return None
    for row, point in zip(table, (points - shift).tolist(), strict=True):
        for column, value in zip(columns, point, strict=True):
            row[column] = b"%.9g" % value
    lines[first : first + vertex.rows] = [b" ".join(row) for row in table]
    return b"\n".join(lines) + b"\n"


def is_text_stl(content: bytes) -> bool:
    """Whether an STL file is text: `solid`, with a name or without, and a facet or its end."""
    head = content[:4096].removeprefix(BOM).lstrip().lower()
    if not head.startswith(b"solid") or head[5:6] not in (b" ", b"\t", b"\r", b"\n", b""):
        return False
    return b"facet" in head or b"endsolid" in head


def far_shift(points: Floats) -> Floats | None:
    """What to take off points (P, 3) far from the origin; None where they are near it."""
    if not len(points):
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    middle, extent = (low + high) / 2, float((high - low).max())
    return middle if np.abs(middle).max() > FAR * max(extent, 1e-12) else None


def _has_bytes(rows: list[bytes]) -> bool:
    """Whether points have colours of 0 to 255 behind their coordinates."""
    tails = [row.split()[3:6] for row in rows[:2000]]
    values = [float(word) for tail in tails if len(tail) == 3 for word in tail if _is_number(word)]
    return bool(values) and max(values) > 1.0


def _is_number(word: bytes) -> bool:
    try:
        return bool(np.isfinite(float(word)))
    except ValueError:
        return False


def _rewritten(points: Floats, rows: list[bytes], bright: bool) -> list[bytes]:
    made = []
    for (x, y, z), row in zip(points.tolist(), rows, strict=True):
        rest = row.split()[3:]
        if bright and len(rest) == 3:
            rest = [b"%.6f" % (float(word) / 255) for word in rest]
        made.append(b" ".join([b"v %.9g %.9g %.9g" % (x, y, z), *rest]))
    return made


def _absolute(library: Path) -> str:
    """The text of an .mtl, the images that it names by their whole paths."""

    def line_of(line: str) -> str:
        match = _MAP.match(line)
        if match is None:
            return line
        options, name = option_and_name(match.group(2))
        return f"{match.group(1)}{options}{(library.parent / name).resolve()}"

    return "\n".join(map(line_of, text_of(library).splitlines()))
