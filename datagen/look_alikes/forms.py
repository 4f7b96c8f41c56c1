"""The shapes of a library, loaded from its source and ready to be aligned."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from datagen.base.process import silenced
from datagen.errors import BadShape
from datagen.geometry.cache import ShapeCache
from datagen.look_alikes.chamfer import Form
from datagen.look_alikes.library import Library
from datagen.look_alikes.store import form_digest
from datagen.sources.open import load_shape
from datagen.sources.ref import ShapeRef, Source

KEPT_FORMS = 16


class Forms:
    """Shapes of a library by number, ready for alignment; the last ones are kept."""

    def __init__(
        self, library: Library, source: Source, refs: Iterable[ShapeRef], cache: ShapeCache
    ) -> None:
        self.cache = cache
        self._library, self._source = library, source
        self._refs = {ref.id: ref for ref in refs}
        self._kept: OrderedDict[int, Form] = OrderedDict()

    def __call__(self, number: int) -> Form:
        """Raises BadShape where its file cannot be used, or is another than the library knew."""
        if number not in self._kept:
            entry = self._library.entries[number]
            if entry.id not in self._refs:
                raise BadShape(f"{entry.id}: not among the source's shapes any more.")
            with silenced():
                shape = load_shape(self._source, self._refs[entry.id], self.cache)
            if form_digest(shape) != entry.form:
                raise BadShape(f"{entry.id}: has changed since the library was made.")
            self._kept[number] = Form(shape)
            if len(self._kept) > KEPT_FORMS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(number)
        return self._kept[number]
