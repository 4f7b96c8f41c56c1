"""The built-in library and a source of files, drawn from as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.files.rights import Rights
from datagen.geometry.shape import Shape
from datagen.sources.many import ManyRefs
from datagen.sources.ref import ShapeRef, Source


class MixedSource:
    """Several sources as one (Source); ids and categories begin with their source's name.

    So a category of each is drawn as often, however many shapes the built-in library has in its.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self.name = "+".join(source.name for source in sources)
        self._sources = {source.name: source for source in sources}
        self._refs = {source.name: source.refs() for source in sources}
        self._by_id = {
            name: {ref.id: ref for ref in refs}
            for name, refs in self._refs.items()
            if not isinstance(refs, ManyRefs)
        }

    def refs(self) -> Sequence[ShapeRef]:
        """Every shape of every source."""
        if len(self._by_id) < len(self._refs):
            ids, categories = map(np.concatenate, zip(*map(self._names, self._refs), strict=True))
            order = np.argsort(ids)
            return ManyRefs(ids[order], self._ref, categories[order])
        return [self._ref(f"{name}/{own}") for name, own_refs in self._by_id.items()
                for own in own_refs]  # fmt: skip

    def _names(self, name: str) -> tuple[NDArray[Any], NDArray[Any]]:
        """Ids and categories of one source's shapes, as bytes."""
        refs = self._refs[name]
        if isinstance(refs, ManyRefs):
            ids, categories = refs.ids, refs.ids if refs.categories is None else refs.categories
        else:
            ids = np.array([ref.id.encode() for ref in refs])
            categories = np.array([ref.category.encode() for ref in refs])
        return np.char.add(f"{name}/".encode(), ids), np.char.add(f"{name}-".encode(), categories)

    def _ref(self, mixed: str) -> ShapeRef:
        source, own = self._find(mixed)
        return replace(own, id=mixed, category=f"{source.name}-{own.category}")

    def _find(self, mixed: str) -> tuple[Source, ShapeRef]:
        """The source of a shape, and its ref there."""
        name, _, own = mixed.partition("/")
        refs = self._refs[name]
        ref = refs.of(own) if isinstance(refs, ManyRefs) else self._by_id[name][own]
        return self._sources[name], ref

    def problems(self) -> Sequence[str]:
        """A sentence for each thing that a source skipped."""
        return [problem for source in self._sources.values() for problem in source.problems()]

    def rights(self, ref: ShapeRef) -> Rights:
        """As the shape's source knows them."""
        source, own = self._find(ref.id)
        return source.rights(own)

    def key(self, ref: ShapeRef) -> str:
        """The source's own key."""
        source, own = self._find(ref.id)
        return f"{source.name}/{source.key(own)}"

    def load(self, ref: ShapeRef) -> Shape:
        """The shape as its source loads it. Raises BadShape."""
        source, own = self._find(ref.id)
        return source.load(own)

    def expect(self, refs: Iterable[ShapeRef], known: Callable[[ShapeRef], bool]) -> None:
        """Every source is told of its own."""
        outer: dict[ShapeRef, ShapeRef] = {}
        wanted: dict[str, list[ShapeRef]] = {name: [] for name in self._sources}
        for ref in refs:
            source, own = self._find(ref.id)
            outer[own] = ref
            wanted[source.name].append(own)
        for name, source in self._sources.items():
            source.expect(wanted[name], lambda mine: known(outer[mine]))
