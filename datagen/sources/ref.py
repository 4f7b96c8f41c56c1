"""One shape that can be had, and the small interface behind which all sources are."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from datagen.geometry.shape import Shape


@dataclass(frozen=True)
class ShapeRef:
    """One shape that a source can load.

    seen: which split it belongs to; toys are split by category, parts shape by shape.
    path: its file, None for a procedural shape.
    """

    id: str
    category: str
    kind: Literal["toy", "part"]
    seen: bool
    licence: str
    provenance: str
    path: Path | None = None


class Source(Protocol):
    """refs: every shape; key: names the content of one; load: the shape in its own units.

    expect: these will be loaded, but for known ones, for a source that can prepare itself.
    """

    name: str

    def refs(self) -> Sequence[ShapeRef]: ...

    def problems(self) -> Sequence[str]: ...

    def key(self, ref: ShapeRef) -> str: ...

    def load(self, ref: ShapeRef) -> Shape: ...

    def expect(self, refs: Iterable[ShapeRef], known: Callable[[ShapeRef], bool]) -> None: ...


def one_in_five(name: str) -> bool:
    """A fixed fifth of all names: the shapes held out as unseen."""
    return zlib.crc32(name.encode()) % 5 == 4
