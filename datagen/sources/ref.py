"""One shape that can be had, and the small interface behind which all sources are."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from datagen.files.rights import Rights
from datagen.geometry.shape import Shape


@dataclass(frozen=True)
class ShapeRef:
    """One shape that a source can load.

    id: unique in its source. category: what scenes are drawn by. seen: which split it belongs to;
    toys are split by category, parts shape by shape; None where there are so few shapes that scenes
    are split instead. licence, provenance: in words. path: its file, None for a procedural shape.
    """

    id: str
    category: str
    kind: Literal["toy", "part"]
    seen: bool | None
    licence: str
    provenance: str
    path: Path | None = None


class Source(Protocol):
    """Where shapes come from; name: as in `--source`."""

    name: str

    def refs(self) -> Sequence[ShapeRef]:
        """Every shape that can be loaded."""

    def problems(self) -> Sequence[str]:
        """A sentence for each thing that was skipped."""

    def rights(self, ref: ShapeRef) -> Rights:
        """Whose the shape is, as far as that is told."""

    def key(self, ref: ShapeRef) -> str:
        """Names the content of a shape: another one where it would load as another shape."""

    def load(self, ref: ShapeRef) -> Shape:
        """The shape in its own units, z up. Raises BadShape where it cannot be used."""

    def expect(self, refs: Iterable[ShapeRef], known: Callable[[ShapeRef], bool]) -> None:
        """These will be loaded, but for known ones, for a source that can prepare itself."""


def told_rights(source: Source, ref: ShapeRef) -> tuple[str, str]:
    """Licence and provenance of a shape in words, the latter with author and origin."""
    rights = source.rights(ref)
    author = f"by {rights.author}" if rights.author and ref.path is not None else None
    origin = rights.origin if ref.path is not None and rights.origin != ref.provenance else None
    words = (ref.provenance, author, origin)
    return rights.licence or ref.licence, ", ".join(word for word in words if word)


def one_in_five(name: str) -> bool:
    """Whether a name is in a fixed fifth of all names: the shapes held out as unseen."""
    return zlib.crc32(name.encode()) % 5 == 4
