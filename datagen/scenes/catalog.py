"""What a run may draw from: shapes, floors and HDRIs, listed once and in a fixed order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from datagen.assets.floors import Floor, list_floors
from datagen.assets.hdris import Hdri, list_hdris
from datagen.dataset.settings import Settings
from datagen.errors import OddgenError
from datagen.geometry.cache import ShapeCache
from datagen.geometry.limits import MAX_FACES
from datagen.scenes.selection import Groups, by_split, select, split_in, spread
from datagen.sources.many import ManyRefs
from datagen.sources.open import open_source
from datagen.sources.ref import ShapeRef, Source

if TYPE_CHECKING:
    from datagen.look_alikes.alike import LibraryAlikes


@dataclass(frozen=True)
class Catalog:
    """What a run may draw from.

    source and cache load the refs; problems tells what was skipped, a sentence each. refs:
    ascending by id. notes: what else to know of the choice. splits: the refs of each split of a
    benchmark, empty where there is none. versions: how many odd versions a shape has, by id; None
    where there is no limit. look_alikes: of the library that was given, if any.
    """

    source: Source
    cache: ShapeCache
    refs: Sequence[ShapeRef]
    floors: tuple[Floor, ...]
    hdris: tuple[Hdri, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()
    splits: Mapping[str, Sequence[ShapeRef]] = field(default_factory=dict)
    versions: Mapping[str, int] | None = None
    look_alikes: LibraryAlikes | None = None

    @cached_property
    def groups(self) -> dict[str | None, Groups]:
        """What a scene of a split draws its shape from; None: of no split."""
        return {None: Groups(self.refs)} | {
            name: Groups(refs) for name, refs in self.splits.items()
        }

    @cached_property
    def digest(self) -> str:
        """Hex; equal only where the same shapes, look-alikes, floors and HDRIs are drawn."""
        digest = hashlib.sha256()
        if isinstance(self.refs, ManyRefs):
            digest.update(self.refs.ids.tobytes())
            shapes = []
        else:
            shapes = [[ref.id, ref.category, ref.kind, ref.seen] for ref in self.refs]
        names = [shapes, [floor.name for floor in self.floors], [hdri.name for hdri in self.hdris]]
        digest.update(json.dumps(names).encode())
        if self.look_alikes is not None:
            digest.update(self.look_alikes.library.digest.encode())
        return digest.hexdigest()[:16]


def open_catalog(settings: Settings, cache_folder: Path) -> Catalog:
    """All that these settings draw from.

    cache_folder: of the shape cache. Raises OddgenError where a folder is missing, empty or holds
    nothing usable.
    """
    cache = ShapeCache(cache_folder)
    assets = None if settings.assets is None else Path(settings.assets)
    max_faces = settings.max_faces or MAX_FACES
    source = open_source(settings.source, assets, cache, settings.up, max_faces)
    refs, notes = select(source.refs(), settings)
    if not refs:
        raise OddgenError(_nothing(settings))
    benchmark = settings.benchmark
    floors, floor_problems = list_floors(None if settings.floors is None else Path(settings.floors))
    hdris, hdri_problems = list_hdris(None if settings.hdri is None else Path(settings.hdri))
    return Catalog(
        source,
        cache,
        refs,
        tuple(floors),
        tuple(hdris),
        (*source.problems(), *floor_problems, *hdri_problems),
        notes,
        {} if benchmark is None else by_split(refs, benchmark),
        None if settings.versions is None else spread(refs, settings.versions, settings.seed),
        _look_alikes(settings, source, cache),
    )


def _look_alikes(settings: Settings, source: Source, cache: ShapeCache) -> LibraryAlikes | None:
    """A look-alike of a shape may be any shape of the source that is of the same split."""
    if settings.similar is None:
        return None
    from datagen.look_alikes.alike import open_alikes

    benchmark = settings.benchmark

    def split_of(ref: ShapeRef) -> str:
        return str(ref.seen) if benchmark is None else split_in(ref, benchmark)

    return open_alikes(Path(settings.similar), source, cache, split_of)


def _nothing(settings: Settings) -> str:
    origin = settings.assets or settings.source
    if settings.benchmark is None:
        return (
            f"{origin}: no {settings.split} shapes here; choose another --split or another "
            "--assets folder."
        )
    asked = "of its categories" if settings.benchmark.categories else "at all"
    return (
        f"--preset {settings.benchmark.name}: {origin} holds no {settings.benchmark.kind} "
        f"{asked}; choose another --source or another --assets folder."
    )
