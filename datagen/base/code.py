"""A digest of code, for caches whose content it decides."""

from __future__ import annotations

import functools
import hashlib
from importlib.util import find_spec
from pathlib import Path


@functools.cache
def code_digest(*packages: str) -> str:
    """Hex sha256 of all Python files in these packages and the packages within them."""
    digest = hashlib.sha256()
    for package in packages:
        spec = find_spec(package)
        assert spec is not None and spec.submodule_search_locations is not None
        for folder in map(Path, spec.submodule_search_locations):
            for path in sorted(folder.rglob("*.py")):
                digest.update(f"{package}/{path.relative_to(folder).as_posix()}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
