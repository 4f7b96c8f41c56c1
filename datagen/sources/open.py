"""A source by its name, and its shapes in canonical form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from datagen.errors import BadShape, OddgenError
from datagen.geometry.cache import ShapeCache
from datagen.geometry.limits import MAX_FACES
from datagen.geometry.shape import Shape
from datagen.sources.ref import ShapeRef, Source

NAMES = ("builtin", "toys4k", "abc", "folder")
WITH_BUILTIN = ("builtin+toys4k", "builtin+abc", "builtin+folder")


def open_source(
    name: str,
    assets: Path | None,
    cache: ShapeCache,
    up: str | None = None,
    max_faces: int = MAX_FACES,
) -> Source:
    """The source of that name.

    assets: where its files are; cache: for what a source unpacks; up: "y" or "z" overrides the
    files' usual up axis; max_faces: shapes of files with more triangles are simplified to so many.
    Raises OddgenError for an unknown name or an unusable folder.
    """
    if name in WITH_BUILTIN:
        from datagen.sources.mixed import MixedSource

        own = open_source(name.removeprefix("builtin+"), assets, cache, up, max_faces)
        return MixedSource((open_source("builtin", None, cache), own))
    if name not in NAMES:
        known = ", ".join((*NAMES, *WITH_BUILTIN))
        raise OddgenError(f"--source {name}: not known; choose one of {known}.")
    if name == "builtin":
        from datagen.sources.builtin_source import BuiltinSource

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

        return Toys4kSource(assets, up, max_faces)
    if name == "abc":
        from datagen.sources.abc import AbcSource

        return AbcSource(assets, cache.root / "abc", up, max_faces)
    from datagen.sources.folder import FolderSource

    return FolderSource(assets, up, max_faces)


def load_shape(source: Source, ref: ShapeRef, cache: ShapeCache) -> Shape:
    """The canonical shape, from the cache where it was made before.

    Raises BadShape where it cannot be used, also where that is known from before.
    """
    from datagen.geometry.normalise import normalise

    key = f"{source.name}/{source.key(ref)}"
    known = cache.recall(key)
    if known is not None:
        return known
    try:
        shape = normalise(source.load(ref), str(ref.path or ref.id))
    except BadShape as error:
        cache.remember_bad(key, str(error), error.linked)
        raise
    facts = {
        "source": source.name,
        "id": ref.id,
        "category": ref.category,
        "licence": ref.licence,
        "provenance": ref.provenance,
    }
    linked = shape.info.get("linked", ())
    told = {name: fact for name, fact in shape.info.items() if name != "linked"}
    shape = replace(shape, info=told | facts)
    cache.remember(key, shape, linked)
    return shape


def expect(source: Source, refs: Iterable[ShapeRef], cache: ShapeCache) -> None:
    """Tell a source which shapes will be loaded, but for those that the cache has already."""
    source.expect(refs, lambda ref: cache.knows(f"{source.name}/{source.key(ref)}"))
