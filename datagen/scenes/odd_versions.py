"""The odd versions that a shape has in all its scenes: made once, then read from the cache.

What is handed out is always what the files hold, so that nothing depends on the cache.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from anomalies import type_versions
from anomalies.checks.strength import Strength
from anomalies.make import Anomaly
from anomalies.parameters import Parameters
from datagen.base.code import code_digest
from datagen.base.typed import WrongData, parse, plain
from datagen.geometry.cache import ShapeCache
from datagen.geometry.shape import Bools, Shape

CODE = ("anomalies", "datagen.geometry", "datagen.look_alikes", "datagen.sources.builtin")
PACKAGES = ("odd-one-out", "numpy", "open3d", "scipy")


@dataclass(frozen=True)
class Versions:
    """Odd versions of a shape; rejections: how often what failed while they were made."""

    made: tuple[Anomaly, ...]
    rejections: Counter[str]


@dataclass(frozen=True)
class StoredVersion:
    """An odd version. shape: its key in the cache. affected: the faces at which it changes whether
    they are affected, from the first, which is not.
    """

    shape: str
    kind: str
    severity: float
    parameters: Parameters
    strength: Strength
    affected: tuple[int, ...]
    rejections: dict[str, int]


@dataclass(frozen=True)
class StoredVersions:
    """What lies beside a normal shape; as Versions."""

    versions: tuple[StoredVersion, ...]
    rejections: dict[str, int]


def stored_versions(
    cache: ShapeCache, normal: Shape, told: Sequence[Any], make: Callable[[], Versions]
) -> Versions:
    """Those that lie beside the normal shape, or new ones where they, or one of them, do not.

    told: all that they depend on besides the shape and the code, JSON-able. make: called twice
    answers the same.
    """
    words = json.dumps([_code(), *told], sort_keys=True)
    name = f"versions-{hashlib.sha256(words.encode()).hexdigest()[:24]}"
    content = cache.beside(normal, name, lambda: _put(make(), cache, normal))
    found = _get(content, cache)
    if found is None:
        found = _get(_put(make(), cache, normal), cache)
    assert found is not None
    return found


def _put(versions: Versions, cache: ShapeCache, normal: Shape) -> bytes:
    """The shapes go into the cache, the rest into the bytes."""
    parent = cache.put(normal)
    rows = [
        StoredVersion(
            shape=cache.put(item.shape, parent, item.affected_faces),
            kind=item.kind,
            severity=item.severity,
            parameters=item.parameters,
            strength=item.strength,
            affected=tuple(np.flatnonzero(np.diff(item.affected_faces, prepend=False)).tolist()),
            rejections=item.rejections,
        )
        for item in versions.made
    ]
    return json.dumps(plain(StoredVersions(tuple(rows), versions.rejections))).encode()


def _get(content: bytes, cache: ShapeCache) -> Versions | None:
    """None where a shape is missing or damaged."""
    try:
        stored = parse(StoredVersions, content, finite=False)
    except WrongData:
        return None
    made = []
    for row in stored.versions:
        shape = cache.get(row.shape)
        if shape is None:
            return None
        made.append(
            Anomaly(
                row.kind,
                row.severity,
                row.parameters,
                row.strength,
                shape,
                _flags(row.affected, len(shape.faces)),
                Counter(row.rejections),
            )
        )
    return Versions(tuple(made), Counter(stored.rejections))


def _flags(changes: Sequence[int], count: int) -> Bools:
    """(count,) bool that starts False and changes at these indices."""
    flips = np.zeros(count, bool)
    flips[np.array(changes, np.int64)] = True
    return np.logical_xor.accumulate(flips)


def _code() -> str:
    """Hex; of the code that makes anomalies, and the versions of ours and of what it stands on."""
    words = [version(name) for name in PACKAGES]
    return hashlib.sha256(
        " ".join([code_digest(*CODE), *words, *type_versions()]).encode()
    ).hexdigest()
