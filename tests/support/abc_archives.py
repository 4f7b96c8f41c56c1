"""The one real model of ABC, packed as its archives are."""

from __future__ import annotations

from pathlib import Path

import py7zr

from tests.support.data import ABC

MODEL = "00000050_80d90bfdd2e74e709956122a_000"


def pack(archive: Path, kind: str, copies: int = 1) -> None:
    """An archive as ABC comes: <8 digits>/<model>_<kind>_NNN.*, beside files of no use."""
    (file,) = [path for path in (ABC / kind).rglob("*") if path.is_file()]
    with py7zr.SevenZipFile(archive, "w") as content:
        for copy in range(copies):
            digits = f"{50 + copy:08d}"
            content.write(file, f"{digits}/{digits}{file.name[8:]}")
        content.writestr("nothing to see", "readme.txt")
