"""An HDRI or a floor that cannot be loaded gives way to the next of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import TypeVar

from datagen.errors import BadFloor, BadHdri
from datagen.scenes.catalog import Catalog
from datagen.scenes.journal import Journal
from datagen.scenes.objects import Surroundings

Images = TypeVar("Images")
Entry = TypeVar("Entry")


def surrounded(
    render: Callable[[Surroundings], Images],
    around: Surroundings,
    catalog: Catalog,
    journal: Journal,
) -> tuple[Images, Surroundings]:
    """What render makes, and of which surroundings: those given, or others where it must be.

    The journal's warnings grow by what could not be loaded. Raises BadHdri or BadFloor where
    nothing can.
    """
    left = len(catalog.hdris) + len(catalog.floors)
    while True:
        used = replace(around, floor_rng=deepcopy(around.floor_rng))
        left -= 1
        try:
            return render(used), around
        except BadHdri as error:
            journal.warnings.append(str(error))
            if left < 1 or len(catalog.hdris) < 2:
                raise
            around = replace(around, hdri=_after(around.hdri, catalog.hdris))
        except BadFloor as error:
            journal.warnings.append(str(error))
            if left < 1 or len(catalog.floors) < 2:
                raise
            around = replace(around, floor=_after(around.floor, catalog.floors))


def _after(entry: Entry, entries: tuple[Entry, ...]) -> Entry:
    return entries[(entries.index(entry) + 1) % len(entries)]
