"""Which other files a mesh file refers to, found in its text without loading it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from urllib.parse import unquote

from datagen.files.wavefront import images, libraries


def companions(path: Path) -> list[Path]:
    """Paths of the material libraries, buffers and images that an .obj or .gltf names.

    They may not be there. Raises OSError where the file itself cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix == ".obj":
        found = libraries(path)
        return found + [image for library in found for image in images(library)]
    if suffix == ".gltf":
        try:
            content = json.loads(path.read_text(encoding="utf-8", errors="replace"))
            entries = [*content.get("buffers", []), *content.get("images", [])]
            names = [entry.get("uri", "") for entry in entries]
        except (json.JSONDecodeError, AttributeError, TypeError):
            return []
        return [path.parent / unquote(n) for n in names if n and not n.startswith("data:")]
    return []


def content_key(path: Path) -> str:
    """Hex sha256 of the file and of what it refers to. Raises OSError."""
    digest = hashlib.sha256()
    for file in (path, *companions(path)):
        digest.update(file.name.encode() + b"\0")
        if file.is_file():
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def missing(name: str) -> str:
    """The warning for a companion of that name that is not there."""
    return f"{name} is missing; put it beside the mesh; a plain colour stands for it."
