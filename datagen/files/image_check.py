"""Whether an image file is whole, told from its head and tail without decoding it."""

from __future__ import annotations

import os
import struct
from pathlib import Path

MAGIC = {
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".exr": b"v/1\x01",
    ".hdr": b"#?",
}
_HEAD = 1 << 16
EXR_PARTS = 0x1000
_EXR_UNUSUAL = 0x200 | 0x800 | EXR_PARTS  # tiled, deep, several parts
_EXR_LINES = {0: 1, 1: 1, 2: 1, 3: 16, 4: 32, 5: 16, 6: 32, 7: 32, 8: 32, 9: 256}


def image_fault(path: Path) -> str | None:
    """What is wrong with a .jpg, .png, .exr or .hdr file, or None. Raises OSError."""
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if not head:
            return "the file is empty"
        if not head.startswith(MAGIC[suffix]):
            return f"not a {suffix} image"
        size = os.fstat(file.fileno()).st_size
        file.seek(max(0, size - _HEAD))
        tail = file.read()
    if suffix in (".exr", ".hdr") and (unread := _unread_kind(suffix, head)):
        return unread
    if suffix == ".exr":
        whole = _exr_is_whole(path, head, size)
    elif suffix == ".hdr":
        whole = _hdr_is_whole(path, head, size)
    else:
        whole = (b"IEND" if suffix == ".png" else b"\xff\xd9") in tail[-1024:]
    return None if whole else "the file breaks off"


def _unread_kind(suffix: str, head: bytes) -> str | None:
    """What Cycles does not light a scene with, though it is whole."""
    if suffix == ".exr" and len(head) >= 8 and struct.unpack_from("<I", head, 4)[0] & EXR_PARTS:
        return "has several parts, which Cycles does not read; save it as one part"
    if suffix == ".hdr" and b"32-bit_rle_xyze" in head[:4096]:
        return "is in XYZ colours, which Cycles does not read; save it in RGB"
    return None


def _exr_is_whole(path: Path, head: bytes, size: int) -> bool:
    """Whether the last block of scan lines ends inside the file; unusual kinds count as whole."""
    try:
        (flags,) = struct.unpack_from("<I", head, 4)
        if flags & _EXR_UNUSUAL:
            return True
        attributes, start = _exr_attributes(head)
        _, low, _, high = struct.unpack("<4i", attributes["dataWindow"])
        blocks = -(-(high - low + 1) // _EXR_LINES[attributes["compression"][0]])
        with path.open("rb") as file:
            file.seek(start)
            last = max(struct.unpack(f"<{blocks}Q", file.read(8 * blocks)))
            file.seek(last)
            _, length = struct.unpack("<2i", file.read(8))
    except (struct.error, LookupError, ValueError):
        return False
    return bool(last + 8 + length <= size)


def _exr_attributes(head: bytes) -> tuple[dict[str, bytes], int]:
    """The header's raw values by name, and where the header ends."""
    attributes, at = {}, 8
    while head[at] != 0:
        name_end = head.index(b"\0", at)
        kind_end = head.index(b"\0", name_end + 1)
        (length,) = struct.unpack_from("<i", head, kind_end + 1)
        value = kind_end + 5
        attributes[head[at:name_end].decode("latin1")] = head[value : value + length]
        at = value + length
        if at >= len(head):
            raise ValueError("the header does not end")
    return attributes, at + 1


def _hdr_is_whole(path: Path, head: bytes, size: int) -> bool:
    """Whether the last scan line ends where the file does."""
    _, blank, rest = head.partition(b"\n\n")
    line, end, _ = rest.partition(b"\n")
    words = line.split()
    if not blank or not end or len(words) != 4 or not (words[1] + words[3]).isdigit():
        return False
    height, width = int(words[1]), int(words[3])
    start = len(head) - len(rest) + len(line) + 1
    marker = b"\x02\x02" + struct.pack(">H", width) if width < 0x8000 else b""
    if not marker or not head.startswith(marker, start):
        return size >= start + 4 * width * height
    with path.open("rb") as file:
        file.seek(max(start, size - 4 - 8 * width))
        tail = file.read()
    at = tail.rfind(marker)
    while at >= 0:
        if _runs_end(tail, at + 4, width) == len(tail):
            return True
        at = tail.rfind(marker, 0, at)
    with path.open("rb") as file:
        file.seek(start)
        return _lines_end(file.read(), width, height)


def _lines_end(data: bytes, width: int, height: int) -> bool:
    """Whether all scan lines are there, run-length coded or flat; what follows does not count."""
    marker, at = b"\x02\x02" + struct.pack(">H", width), 0
    for _ in range(height):
        if data.startswith(marker, at):
            at = _runs_end(data, at + 4, width)
            if at < 0:
                return False
        else:
            at += 4 * width
        if at > len(data):
            return False
    return True


def _runs_end(data: bytes, at: int, width: int) -> int:
    """Where the run-lengths of one scan line's four channels end."""
    for _ in range(4):
        column = 0
        while column < width and at < len(data):
            count = data[at]
            column += count & 127 if count > 128 else count
            at += 2 if count > 128 else 1 + count
    return at if column == width else -1
