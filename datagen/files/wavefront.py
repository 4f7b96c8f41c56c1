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
    """Paths of the material libraries that the .obj names, there or not. Raises OSError.

    A line may name several, and an .obj that names none has the .mtl of its own name.
    """
    content = path.read_bytes().replace(b"\r", b"\n")
    found: list[Path] = []
    for name in _LIBRARY.findall(content):
        text = _decoded(name).replace("\\", "/")
        whole, parts = path.parent / text, [path.parent / word for word in text.split()]
        several = len(parts) > 1 and not whole.is_file() and any(part.is_file() for part in parts)
        found += parts if several else [whole]
    own = path.with_suffix(".mtl")
    if not found and own.is_file():
        found = [own]
    return list(dict.fromkeys(found))


def images(library: Path) -> list[Path]:
    """Paths of the images that an .mtl names, there or not; none of a missing .mtl."""
    if not library.is_file():
        return []
    names = [option_and_name(name)[1] for name in _MAP.findall(text_of(library))]
    return [library.parent / name for name in dict.fromkeys(names)]


def option_and_name(value: str) -> tuple[str, str]:
    """What a map's line holds before its file's name, and that name, with slashes."""
    name = _OPTION.sub("", value)
    return value[: len(value) - len(name)], name.replace("\\", "/")


def has_objects(path: Path) -> bool:
    """Whether an .obj names its objects (`o name`). Raises OSError."""
    return _OBJECT.search(path.read_bytes()) is not None


def srgb_materials(path: Path) -> set[str]:
    """Names of an .obj's materials whose colours are sRGB, as all but Blender write them."""
    texts = [text_of(library) for library in libraries(path) if library.is_file()]
    return {
        name
        for text in texts
        if not text.startswith("# Blender")
        for name in _MATERIAL.findall(text)
    }


def text_of(library: Path) -> str:
    """The text of an .mtl in UTF-8 or Latin-1, with any line ends. Raises OSError."""
    return _decoded(library.read_bytes().removeprefix(b"\xef\xbb\xbf")).replace("\r", "\n")


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")
