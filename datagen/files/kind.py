"""The kinds of mesh files, and which one a file is, told from its first bytes."""

from __future__ import annotations

import re

SUFFIXES = (
    ".obj", ".stl", ".ply", ".glb", ".gltf", ".fbx", ".usd", ".usda", ".usdc", ".usdz", ".3mf",
    ".blend", ".step", ".stp",
)  # fmt: skip
_OBJ = re.compile(rb"\s*(#[^\n]*\n\s*)*(v|vn|vt|o|g|s|mtllib|usemtl)\s+[\w\-+./]")
_KINDS: tuple[tuple[bytes, str, tuple[str, ...]], ...] = (
    (b"\x89PNG", "a PNG image", ()),
    (b"\xff\xd8\xff", "a JPEG image", ()),
    (b"%PDF", "a PDF document", ()),
    (b"7z\xbc\xaf", "a 7z archive", ()),
    (b"glTF", "binary glTF", (".glb", ".gltf")),
    (b"BLENDER", "a Blender file", (".blend",)),
    (b"\x28\xb5\x2f\xfd", "a Blender file", (".blend",)),
    (b"\x1f\x8b", "a gzip file", (".blend",)),
    (b"Kaydara FBX", "FBX", (".fbx",)),
    (b"; FBX", "FBX", (".fbx",)),
    (b"PXR-USDC", "binary USD", (".usd", ".usdc")),
    (b"#usda", "USD text", (".usd", ".usda")),
    (b"PK\x03\x04", "a zip archive", (".3mf", ".usdz")),
    (b"ISO-10303-21", "STEP", (".step", ".stp")),
    (b"ply", "PLY", (".ply",)),
    (b"solid ", "STL text", (".stl",)),
    (b"{", "glTF or other JSON", (".gltf",)),
    (b"<", "a web page or other XML", ()),
)


def known_kind(head: bytes) -> tuple[str, tuple[str, ...]] | None:
    """The kind in words and the suffixes that suit it, or None where nothing tells.

    head: the file's first bytes, a few hundred at least.
    """
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for start, kind, suffixes in _KINDS:
        if text.startswith(start):
            return kind, suffixes
    return ("Wavefront OBJ text", (".obj",)) if _OBJ.match(text) else None
