"""Shapes as the cache holds them, read without repairing or deleting anything."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anomalies.make import StoredAnomaly
from anomalies.parameters import Parameters
from datagen.base.typed import WrongData, parse, parsed
from datagen.errors import BadShape
from datagen.geometry.cache import CachedFacts, ShapeCache
from datagen.geometry.glb import from_glb
from datagen.geometry.shape import Bools, Shape
from datagen.validate.checks import Finding


@dataclass(frozen=True)
class StoredFacts(CachedFacts):
    """anomaly: as the shape's own file has it too."""

    anomaly: Parameters | None = None


@dataclass(frozen=True)
class StoredShape:
    """facts: the .json beside the .glb. anomaly: None of a normal shape, else what the .glb tells,
    or what is wrong with that.
    """

    key: str
    shape: Shape
    facts: StoredFacts
    anomaly: StoredAnomaly | WrongData | None

    @property
    def parent(self) -> str | None:
        """Key of the normal shape that this one is an anomaly of, None for a normal one."""
        return self.facts.parent

    @property
    def kind(self) -> str | None:
        """The anomaly's type, where the shape tells of one."""
        return self.anomaly.type if isinstance(self.anomaly, StoredAnomaly) else None


def read_stored(cache: Path, key: str) -> StoredShape | Finding:
    """A shape of the cache folder, or what is wrong with its files."""
    path = ShapeCache(cache).path(key)
    try:
        content = path.read_bytes()
        facts = parse(StoredFacts, path.with_suffix(".json").read_bytes(), finite=False)
        shape = from_glb(content, str(path))
    except (OSError, ValueError, BadShape) as error:
        return Finding("shape.file", key, f"cannot be read ({error})")
    if hashlib.sha256(content).hexdigest() != key:
        return Finding("shape.file", key, "its content has another sha256")
    return StoredShape(key, shape, facts, _anomaly(shape))


def _anomaly(shape: Shape) -> StoredAnomaly | WrongData | None:
    told = shape.info.get("anomaly")
    try:
        return None if told is None else parsed(StoredAnomaly, told, finite=False)
    except WrongData as error:
        return error


def affected_faces(stored: StoredShape) -> Bools | None:
    """(F,) bool, or None where the stored runs are missing or leave the range of faces."""
    if stored.facts.affected_faces is None:
        return None
    affected = np.zeros(len(stored.shape.faces), bool)
    runs = np.array(stored.facts.affected_faces, np.int64).reshape(-1, 2)
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
        return str(parse(CachedFacts, path.with_suffix(".json").read_bytes(), finite=False).parent)
    except (OSError, WrongData):
        return ""


def content_digest(shape: Shape) -> str:
    """Hex; of geometry, parts, UVs and materials alone, whatever file or name they came from."""
    digest = hashlib.sha256()
    for array in (shape.vertices, shape.faces, shape.face_part, shape.face_material, shape.uv):
        digest.update(b"" if array is None else np.ascontiguousarray(array).tobytes())
    for material in shape.materials:
        digest.update(repr(material).encode())
    return digest.hexdigest()
