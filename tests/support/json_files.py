"""JSON files with one thing changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MISSING = object()
Key = tuple[str | int, ...]


def change(path: Path, key: Key, value: object) -> Path:
    """Sets what lies at the key in the file, or with MISSING takes it out."""
    content = json.loads(path.read_text())
    change_content(content, key, value)
    path.write_text(json.dumps(content))
    return path


def change_content(content: Any, key: Key, value: object) -> None:
    """The same on what is decoded already."""
    *outer, last = key
    for part in outer:
        content = content[part]
    if value is MISSING:
        del content[last]
    else:
        content[last] = value
