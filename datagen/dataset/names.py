"""What scenes and shards are called."""

from __future__ import annotations

import re
from pathlib import Path

LONGEST = 200  # bytes of a name that comes from data
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # of Windows
_ODD = re.compile(r"[^\w.+-]+")


def scene_name(index: int) -> str:
    """`scene-000003` of 3."""
    return f"scene-{index:06d}"


def shard_path(out: Path, shard: int) -> Path:
    """The file of shard number `shard` in the dataset's folder `out`."""
    return out / "shards" / f"shard-{shard:05d}.h5"


def number_of(name: str) -> int:
    """3 of `scene-000003` and `shard-00003`."""
    return int(name.rpartition("-")[2])


def file_name(value: str) -> str:
    """The value, which becomes the name of a file or folder.

    Raises ValueError where it could lead elsewhere or cannot be one on every system.
    """
    plain = value.isprintable() and not set(value) & set("/\\") and value.strip(" .")
    if not plain or len(value.encode()) > LONGEST or _RESERVED.fullmatch(value):
        shown = value if len(value) <= 40 else f"{value[:40]}..."
        raise ValueError(f"{shown!r} is no name of a file")
    return value


def safe_name(text: str) -> str:
    """A name of a file or folder for any text, the text itself where that is one."""
    try:
        return file_name(text)
    except ValueError:
        kept = _ODD.sub("_", text).strip("._ ").encode()[: LONGEST // 2].decode("utf-8", "ignore")
        return f"_{kept}"
