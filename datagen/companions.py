"""Which other files a mesh file refers to, found in its text without loading it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from urllib.parse import unquote

_MAP = re.compile(r"^\s*(?:map_\w+|bump|norm|disp|refl)\s+(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
_OPTION = re.compile(r"^(?:-\w+\s+(?:[-\d.]+\s+)*(?:on\s+|off\s+)?)+")


def companions(path: Path) -> list[Path]:
    """Material libraries, buffers and images that an .obj or .gltf names, there or not."""
    suffix = path.suffix.lower()
    if suffix == ".obj":
        libraries = [path.parent / name for name in _lines(path, "mtllib ")]
        return libraries + [image for library in libraries for image in _images(library)]
    if suffix == ".gltf":
        try:
            content = json.loads(path.read_text(encoding="utf-8", errors="replace"))
            entries = [*content.get("buffers", []), *content.get("images", [])]
            names = [entry.get("uri", "") for entry in entries]
        except (json.JSONDecodeError, AttributeError, TypeError):
            return []
        return [path.parent / unquote(n) for n in names if n and not n.startswith("data:")]
    return []


def has_objects(path: Path) -> bool:
    """Whether an .obj names its objects (`o name`)."""
    return bool(_lines(path, "o "))


def content_key(path: Path) -> str:
    """Hex digest of the file and of what it refers to."""
    digest = hashlib.sha256()
    for file in (path, *companions(path)):
        digest.update(file.name.encode() + b"\0")
        if file.is_file():
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _lines(path: Path, start: str) -> list[str]:
    with path.open(encoding="utf-8", errors="replace") as file:
        return [line[len(start) :].strip() for line in file if line.startswith(start)]


def _images(library: Path) -> list[Path]:
    if not library.is_file():
        return []
    text = library.read_text(encoding="utf-8", errors="replace")
    names = [_OPTION.sub("", name).replace("\\", "/") for name in _MAP.findall(text)]
    return [library.parent / name for name in dict.fromkeys(names)]
