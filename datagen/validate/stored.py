"""Shapes as the cache holds them, read without repairing or deleting anything."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from datagen.errors import BadShape
from datagen.geometry.cache import ShapeCache
from datagen.geometry.glb import from_glb
from datagen.geometry.shape import Bools, Shape
from datagen.validate.checks import Finding


@dataclass(frozen=True)
class StoredShape:
    """facts: the .json beside the .glb; parent: its key, where the shape is anomalous."""

    key: str
    shape: Shape
    facts: dict[str, Any]

    @property
    def parent(self) -> str | None:
        """Key of the normal shape that this one is an anomaly of, None for a normal one."""
        return self.facts.get("parent")

    @property
    def anomaly(self) -> dict[str, Any] | None:
        """type, code, severity, parameters and strength, as the shape's own file has them."""
        return self.shape.info.get("anomaly")


def read_stored(cache: Path, key: str) -> StoredShape | Finding:
    """A shape of the cache folder, or what is wrong with its files."""
    path = ShapeCache(cache).path(key)
    try:
        content = path.read_bytes()
        facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        shape = from_glb(content, str(path))
    except (OSError, ValueError, BadShape) as error:
        return Finding("shape.file", key, f"cannot be read ({error})")
    if hashlib.sha256(content).hexdigest() != key:
        return Finding("shape.file", key, "its content has another sha256")
    return StoredShape(key, shape, facts)


def affected_faces(stored: StoredShape) -> Bools | None:
    """(F,) bool, or None where the stored runs are missing or leave the range of faces."""
    affected = np.zeros(len(stored.shape.faces), bool)
    try:
        runs = np.array(stored.facts["affected_faces"], np.int64).reshape(-1, 2)
    except (KeyError, TypeError, ValueError):
        return None
    if len(runs) and (runs.min() < 0 or runs.max() > len(affected) or (np.diff(runs) <= 0).any()):
        return None
    for start, end in runs:
        affected[start:end] = True
    return affected


def stored_keys(cache: Path) -> list[str]:
    """Keys of all shapes of a cache folder."""
    return sorted(path.stem for path in (cache / "shapes").glob("??/*.glb"))


def by_parent(cache: Path, keys: Iterable[str]) -> list[str]:
    """The keys in order, those of one parent in the cache folder together."""
    return sorted(keys, key=lambda key: (_parent_named(ShapeCache(cache).path(key)), key))


def _parent_named(path: Path) -> str:
    try:
        return str(json.loads(path.with_suffix(".json").read_text(encoding="utf-8")).get("parent"))
    except (OSError, ValueError, AttributeError):
        return ""


def content_digest(shape: Shape) -> str:
    """Hex; of geometry, parts, UVs and materials alone, whatever file or name they came from."""
    digest = hashlib.sha256()
    for array in (shape.vertices, shape.faces, shape.face_part, shape.face_material, shape.uv):
        digest.update(b"" if array is None else np.ascontiguousarray(array).tobytes())
    for material in shape.materials:
        digest.update(repr(material).encode())
    return digest.hexdigest()
