"""Which other files a mesh file refers to, found in its text without loading it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from urllib.parse import unquote

from datagen.files.wavefront import images, libraries

IMAGES = (".png", ".jpg", ".jpeg", ".tga", ".bmp", ".tif", ".tiff", ".webp", ".exr", ".hdr")
TEXTURE_FOLDERS = ("textures", "texture", "tex", "maps", "images")
MOST_TEXTURES = 500
_ASSET = re.compile(rb"@([^@\n]+\.\w+)@")


def companions(path: Path) -> list[Path]:
    """Paths of the material libraries, buffers and images that an .obj or .gltf names.

    They may not be there; of a USD text the images and files that it names, too. Raises OSError
    where the file itself cannot be read.
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
        except (ValueError, AttributeError, TypeError, RecursionError):
            return []
        texts = [name for name in names if isinstance(name, str)]
        return [path.parent / unquote(n) for n in texts if n and not n.startswith("data:")]
    if suffix in (".usda", ".usd"):
        return [path.parent / name for name in _usd_assets(path)]
    return []


def textures_about(path: Path) -> list[Path]:
    """Images that a binary file may use: those beside it, and in folders of textures there."""
    if path.suffix.lower() not in (".fbx", ".blend", ".usdc", ".usd", ".dae"):
        return []
    folders = [path.parent, *(path.parent / name for name in TEXTURE_FOLDERS)]
    found = [
        file
        for folder in folders
        if folder.is_dir()
        for file in sorted(folder.iterdir())
        if file.suffix.lower() in IMAGES and file.is_file()
    ]
    return found[:MOST_TEXTURES]


def _usd_assets(path: Path) -> list[str]:
    """Names in a USD text; none of a binary one."""
    content = path.read_bytes()
    if not content.startswith(b"#usda"):
        return []
    names = [name.decode("utf-8", "replace") for name in _ASSET.findall(content)]
    return [name for name in dict.fromkeys(names) if "://" not in name and "[" not in name]


def content_key(path: Path) -> str:
    """Hex sha256 of the file and of what it refers to. Raises OSError."""
    digest = hashlib.sha256()
    for file in (path, *companions(path)):
        digest.update(file.name.encode("utf-8", "surrogateescape") + b"\0")
        if file.is_file():
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    for file in textures_about(path):
        facts = file.stat()
        digest.update(f"{file.name} {facts.st_size} {facts.st_mtime_ns}".encode("utf-8", "replace"))
    return digest.hexdigest()


def missing(name: str) -> str:
    """The warning for a companion of that name that is not there."""
    return f"{name} is missing; put it beside the mesh; a plain colour stands for it."
