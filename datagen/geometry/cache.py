"""Content-addressed shapes on disk, and which source file became which shape."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np

from datagen.base.files import write_bytes
from datagen.base.typed import LEFT_OUT, WrongData, parse, plain
from datagen.errors import BadShape, OddgenError
from datagen.geometry.glb import from_glb, to_glb
from datagen.geometry.shape import Bools, Shape

VERSION = 5  # of what loading makes of a file
_KEY = re.compile(r"[0-9a-f]{64}")
DIGEST = hashlib.sha256().digest_size


@dataclass(frozen=True)
class CachedFacts:
    """The .json beside a shape; it also holds what the shape's own file tells, Shape.info.

    materials: names. parent: key of the normal shape. affected_faces: [first, one past the last] of
    every run of faces that an anomaly changed.
    """

    key: str
    faces: int
    part_names: tuple[str, ...]
    materials: tuple[str, ...]
    parent: Annotated[str | None, LEFT_OUT] = None
    affected_faces: Annotated[tuple[tuple[int, int], ...] | None, LEFT_OUT] = None


@dataclass(frozen=True)
class SourceNote:
    """What a source's file became: the key of a shape, or the reason why it is bad.

    linked: state of other files that it takes something from, by path.
    """

    shape: Annotated[str | None, LEFT_OUT] = None
    bad: Annotated[str | None, LEFT_OUT] = None
    linked: Annotated[dict[str, str] | None, LEFT_OUT] = None


class ShapeCache:
    """shapes/ab/<sha256>.glb with .json beside it; sources/<key>.json tells what a file became.

    What was worked out of a shape (its solid, its fracture modes) lies beside it as well.
    root: the cache's folder. Every method that writes raises OddgenError where it cannot.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, shape: Shape, parent: str | None = None, affected: Bools | None = None) -> str:
        """Store a canonical shape, return its key, the sha256 of its .glb in hex.

        parent: key of the normal shape; affected: (F,) bool, which faces an anomaly changed.
        """
        content = to_glb(shape)
        key = hashlib.sha256(content).hexdigest()
        path = self.path(key)
        if not path.exists() or path.stat().st_size != len(content):
            write_cached(path, content)
        facts = CachedFacts(
            key,
            len(shape.faces),
            shape.part_names,
            tuple(material.name for material in shape.materials),
        )
        if parent is not None and affected is not None:
            facts = replace(facts, parent=parent, affected_faces=_runs(affected))
        beside = path.with_suffix(".json")
        text = json.dumps(plain(facts) | shape.info, indent=1, sort_keys=True).encode()
        if not beside.exists() or beside.read_bytes() != text:
            write_cached(beside, text)
        return key

    def get(self, key: str) -> Shape | None:
        """The shape, or None where it is not there or its file is damaged."""
        if not _KEY.fullmatch(key):
            return None
        path = self.path(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        if hashlib.sha256(content).hexdigest() != key:
            path.unlink(missing_ok=True)
            return None
        return from_glb(content, str(path))

    def beside(self, shape: Shape, name: str, work_out: Callable[[], bytes]) -> bytes:
        """What `work_out` makes of the shape, from the file <key>.<name> where it is sound."""
        key = hashlib.sha256(to_glb(shape)).hexdigest()
        path = self.path(key).with_suffix(f".{name}")
        with suppress(OSError):
            stored = path.read_bytes()
            digest, content = stored[:DIGEST], stored[DIGEST:]
            if hashlib.sha256(content).digest() == digest:
                return content
        content = work_out()
        write_cached(path, hashlib.sha256(content).digest() + content)
        return content

    def path(self, key: str) -> Path:
        """Where the shape of that key is, or would be."""
        return self.root / "shapes" / key[:2] / f"{key}.glb"

    def recall(self, source_key: str) -> Shape | None:
        """What `remember` stored, or None; raises BadShape where `remember_bad` did.

        None too where a linked file has changed since.
        """
        try:
            note = parse(SourceNote, self._note(source_key).read_bytes())
        except (OSError, WrongData):
            return None
        if note.linked is not None and note.linked != _states(note.linked):
            return None
        if note.bad is not None:
            raise BadShape(note.bad)
        return None if note.shape is None else self.get(note.shape)

    def knows(self, source_key: str) -> bool:
        """Whether `recall` need not load the file; its shape may still turn out damaged."""
        return self._note(source_key).exists()

    def remember(self, source_key: str, shape: Shape, linked: Iterable[str] = ()) -> None:
        """Note which shape a source's file has become, for `recall` to find.

        linked: paths of other files that it takes something from.
        """
        self._write_note(source_key, SourceNote(shape=self.put(shape), linked=_states(linked)))

    def remember_bad(self, source_key: str, reason: str, linked: Iterable[str] = ()) -> None:
        """Note why a source's file cannot be used, for `recall` to raise."""
        self._write_note(source_key, SourceNote(bad=reason, linked=_states(linked)))

    def _write_note(self, source_key: str, note: SourceNote) -> None:
        write_cached(self._note(source_key), json.dumps(plain(note)).encode())

    def _note(self, source_key: str) -> Path:
        digest = hashlib.sha256(f"{VERSION}/{source_key}".encode()).hexdigest()
        return self.root / "sources" / digest[:2] / f"{digest}.json"


def _states(paths: Iterable[str]) -> dict[str, str] | None:
    """Size and time of each file, "" where it is not there; None for no files."""
    found = {}
    for path in paths:
        try:
            facts = Path(path).stat()
        except OSError:
            found[path] = ""
        else:
            found[path] = f"{facts.st_size} {facts.st_mtime_ns}"
    return found or None


def write_cached(path: Path, content: bytes) -> None:
    """Write a file of the cache, whole or not at all.

    Raises OddgenError where it cannot be written.
    """
    try:
        write_bytes(path, content)
    except OSError as error:
        raise OddgenError(
            f"{path}: {error.strerror}; give --cache a folder that can be written."
        ) from error


def _runs(flags: Bools) -> tuple[tuple[int, int], ...]:
    """(first face, one past the last face) of every run of True."""
    edges = np.flatnonzero(np.diff(np.r_[False, flags, False].astype(np.int8)))
    return tuple((first, end) for first, end in edges.reshape(-1, 2).tolist())
