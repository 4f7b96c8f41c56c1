"""What the text of an .obj tells before it is loaded."""

from __future__ import annotations

import re
from pathlib import Path

_LIBRARY = re.compile(rb"^mtllib[ \t]+(.+?)\s*$", re.MULTILINE)
_OBJECT = re.compile(rb"^o[ \t]", re.MULTILINE)
_MATERIAL = re.compile(r"^newmtl[ \t]+(.+?)\s*$", re.MULTILINE)
_MAP = re.compile(r"^\s*(?:map_\w+|bump|norm|disp|refl)\s+(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
_OPTION = re.compile(r"^(?:-\w+\s+(?:[-\d.]+\s+)*(?:on\s+|off\s+)?)+")


def libraries(path: Path) -> list[Path]:
    """Paths of the material libraries that the .obj names, there or not. Raises OSError."""
    names = [name.decode("utf-8", "replace") for name in _LIBRARY.findall(path.read_bytes())]
    return [path.parent / name.replace("\\", "/") for name in dict.fromkeys(names)]


def images(library: Path) -> list[Path]:
    """Paths of the images that an .mtl names, there or not; none of a missing .mtl."""
    if not library.is_file():
        return []
    names = [_OPTION.sub("", name).replace("\\", "/") for name in _MAP.findall(_text(library))]
    return [library.parent / name for name in dict.fromkeys(names)]


def has_objects(path: Path) -> bool:
    """Whether an .obj names its objects (`o name`). Raises OSError."""
    return _OBJECT.search(path.read_bytes()) is not None


def srgb_materials(path: Path) -> set[str]:
    """Names of an .obj's materials whose colours are sRGB, as all but Blender write them."""
    texts = [_text(library) for library in libraries(path) if library.is_file()]
    return {
        name
        for text in texts
        if not text.startswith("# Blender")
        for name in _MATERIAL.findall(text)
    }


def _text(library: Path) -> str:
    return library.read_text(encoding="utf-8", errors="replace")
