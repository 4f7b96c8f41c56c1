"""Where shapes come from, behind one small interface."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from datagen.errors import BadShape, OddgenError
from datagen.shape import Shape

if TYPE_CHECKING:
    from datagen.cache import ShapeCache


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


NAMES = ("builtin", "toys4k", "abc", "folder")
WITH_BUILTIN = ("builtin+toys4k", "builtin+abc", "builtin+folder")


def open_source(name: str, assets: Path | None, cache: ShapeCache, up: str | None = None) -> Source:
    """The source of that name. Raises OddgenError for an unknown name or an unusable folder."""
    if name in WITH_BUILTIN:
        from datagen.sources.mixed import MixedSource

        own = open_source(name.removeprefix("builtin+"), assets, cache, up)
        return MixedSource((open_source("builtin", None, cache), own))
    if name not in NAMES:
        known = ", ".join((*NAMES, *WITH_BUILTIN))
        raise OddgenError(f"--source {name}: not known; choose one of {known}.")
    if name == "builtin":
        from datagen.sources.builtin import BuiltinSource

        if assets is not None:
            raise OddgenError(
                f"--assets {assets}: the built-in source takes no files; add --source folder."
            )
        return BuiltinSource()
    if assets is None:
        raise OddgenError(f"--source {name}: needs --assets PATH, the folder with its files.")
    if not assets.exists():
        raise OddgenError(f"{assets}: no such folder; give --assets the folder with the meshes.")
    if name == "toys4k":
        from datagen.sources.toys4k import Toys4kSource

        return Toys4kSource(assets, up)
    if name == "abc":
        from datagen.sources.abc import AbcSource

        return AbcSource(assets, cache.root / "abc", up)
    from datagen.sources.folder import FolderSource

    return FolderSource(assets, up)


def load_shape(source: Source, ref: ShapeRef, cache: ShapeCache) -> Shape:
    """The canonical shape, from the cache where it was made before. Raises BadShape."""
    from datagen.normalise import normalise

    key = f"{source.name}/{source.key(ref)}"
    known = cache.recall(key)
    if known is not None:
        return known
    try:
        shape = normalise(source.load(ref), str(ref.path or ref.id))
    except BadShape as error:
        cache.remember_bad(key, str(error))
        raise
    facts = {
        "source": source.name,
        "id": ref.id,
        "category": ref.category,
        "licence": ref.licence,
        "provenance": ref.provenance,
    }
    shape = replace(shape, info=shape.info | facts)
    cache.remember(key, shape)
    return shape


def expect(source: Source, refs: Iterable[ShapeRef], cache: ShapeCache) -> None:
    """Tell a source which shapes will be loaded, but for those that the cache has already."""
    source.expect(refs, lambda ref: cache.knows(f"{source.name}/{source.key(ref)}"))


def one_in_five(name: str) -> bool:
    """A fixed fifth of all names: the shapes held out as unseen."""
    return zlib.crc32(name.encode()) % 5 == 4
