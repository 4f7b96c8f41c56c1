"""What a run may draw from: shapes, floors and HDRIs, listed once and in a fixed order."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from datagen.cache import ShapeCache
from datagen.errors import OddgenError
from datagen.floors import Floor, list_floors
from datagen.hdris import Hdri, list_hdris
from datagen.sources import ShapeRef, Source, open_source
from datagen.spec import Settings


@dataclass(frozen=True)
class Catalog:
    """source and cache load the refs; problems tells what was skipped, a sentence each."""

    source: Source
    cache: ShapeCache
    refs: tuple[ShapeRef, ...]
    floors: tuple[Floor, ...]
    hdris: tuple[Hdri, ...]
    problems: tuple[str, ...]

    @cached_property
    def by_category(self) -> dict[str, list[ShapeRef]]:
        """The refs of every category, both in a fixed order."""
        groups: dict[str, list[ShapeRef]] = {}
        for ref in sorted(self.refs, key=lambda ref: (ref.category, ref.id)):
            groups.setdefault(ref.category, []).append(ref)
        return groups

    @cached_property
    def digest(self) -> str:
        """Hex; runs draw the same shapes, floors and HDRIs only if their digests are equal."""
        names = [
            [[ref.id, ref.category, ref.kind, ref.seen] for ref in self.refs],
            [floor.name for floor in self.floors],
            [hdri.name for hdri in self.hdris],
        ]
        return hashlib.sha256(json.dumps(names).encode()).hexdigest()[:16]


def open_catalog(settings: Settings, cache_folder: Path) -> Catalog:
    """Raises OddgenError where a folder is missing, empty or holds nothing usable."""
    cache = ShapeCache(cache_folder)
    assets = None if settings.assets is None else Path(settings.assets)
    source = open_source(settings.source, assets, cache, up=settings.up)
    refs = sorted(source.refs(), key=lambda ref: ref.id)
    if settings.split != "all":
        refs = [ref for ref in refs if ref.seen == (settings.split == "seen")]
    if not refs:
        raise OddgenError(
            f"{settings.assets or settings.source}: no {settings.split} shapes here; "
            "choose another --split or another --assets folder."
        )
    floors, floor_problems = list_floors(None if settings.floors is None else Path(settings.floors))
    hdris, hdri_problems = list_hdris(None if settings.hdri is None else Path(settings.hdri))
    problems = (*source.problems(), *floor_problems, *hdri_problems)
    return Catalog(source, cache, tuple(refs), tuple(floors), tuple(hdris), problems)
