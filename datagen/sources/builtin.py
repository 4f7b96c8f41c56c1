"""The procedural toys and parts that need no download."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from datagen.builtin import categories, make_builtin
from datagen.shape import Shape
from datagen.sources import ShapeRef

PER_CATEGORY = 500


class BuiltinSource:
    name = "builtin"

    def refs(self) -> Sequence[ShapeRef]:
        return [
            ShapeRef(
                id=f"{category.name}_{index:03d}",
                category=category.name,
                kind=category.kind,
                seen=category.seen_at(index),
                licence="CC0-1.0",
                provenance=f"oddgen built-in {category.name} {index}",
            )
            for category in categories()
            for index in range(PER_CATEGORY)
        ]

    def problems(self) -> Sequence[str]:
        return ()

    def key(self, ref: ShapeRef) -> str:
        return f"{ref.id}/{_code()}"

    def load(self, ref: ShapeRef) -> Shape:
        category, _, index = ref.id.rpartition("_")
        return make_builtin(category, int(index))

    def expect(self, refs: Iterable[ShapeRef], known: Callable[[ShapeRef], bool]) -> None:
        """All is there: nothing to prepare."""


@functools.cache
def _code() -> str:
    """Digest of the generators, so that changed ones are never answered from the cache."""
    digest = hashlib.sha256()
    for path in sorted((Path(__file__).parents[1] / "builtin").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
