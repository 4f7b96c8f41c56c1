"""The built-in library and a source of files, drawn from as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from datagen.shape import Shape
from datagen.sources import ShapeRef, Source


class MixedSource:
    """Ids and categories begin with their source's name.

    So a category of each is drawn as often, however many shapes the built-in library has in its.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self.name = "+".join(source.name for source in sources)
        self._sources = sources
        self._origin: dict[str, tuple[Source, ShapeRef]] = {
            f"{source.name}/{ref.id}": (source, ref) for source in sources for ref in source.refs()
        }

    def refs(self) -> Sequence[ShapeRef]:
        return [
            replace(ref, id=name, category=f"{source.name}-{ref.category}")
            for name, (source, ref) in self._origin.items()
        ]

    def problems(self) -> Sequence[str]:
        return [problem for source in self._sources for problem in source.problems()]

    def key(self, ref: ShapeRef) -> str:
        source, own = self._origin[ref.id]
        return f"{source.name}/{source.key(own)}"

    def load(self, ref: ShapeRef) -> Shape:
        source, own = self._origin[ref.id]
        return source.load(own)

    def expect(self, refs: Iterable[ShapeRef], known: Callable[[ShapeRef], bool]) -> None:
        outer = {self._origin[ref.id][1]: ref for ref in refs}
        for source in self._sources:
            own = [mine for mine, ref in outer.items() if self._origin[ref.id][0] is source]
            source.expect(own, lambda mine: known(outer[mine]))
