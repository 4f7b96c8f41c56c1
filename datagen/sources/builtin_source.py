"""The procedural toys and parts that need no download."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from datagen.base.code import code_digest
from datagen.files.rights import Rights
from datagen.geometry.shape import Shape
from datagen.sources.builtin import categories, make_builtin
from datagen.sources.ref import ShapeRef

PER_CATEGORY = 500
GENERATORS = "datagen.sources.builtin"  # changed ones are never answered from the cache


class BuiltinSource:
    """The built-in library (Source): PER_CATEGORY shapes of every category."""

    name = "builtin"

    def refs(self) -> Sequence[ShapeRef]:
        """Every shape, category by category."""
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
        """None: nothing can be skipped."""
        return ()

    def rights(self, ref: ShapeRef) -> Rights:
        """What comes out of oddgen is anyone's."""
        return Rights(ref.licence, "Odd-One-Out", "built-in")

    def key(self, ref: ShapeRef) -> str:
        """The shape's id, and a digest of the makers' code."""
        return f"{ref.id}/{code_digest(GENERATORS)[:16]}"

    def load(self, ref: ShapeRef) -> Shape:
        """The shape as its maker makes it, in about unit size, z up."""
        category, _, index = ref.id.rpartition("_")
        return make_builtin(category, int(index))

    def expect(self, refs: Iterable[ShapeRef], known: Callable[[ShapeRef], bool]) -> None:
        """All is there: nothing to prepare."""
