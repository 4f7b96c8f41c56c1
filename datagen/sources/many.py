"""A million refs in little memory: ids as an array, each ref built when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from datagen.sources.ref import ShapeRef


class ManyRefs(Sequence[ShapeRef]):
    """Refs in the order of their ids.

    ids: (N,) ASCII bytes, ascending; of: the ref of an id; categories: (N,) bytes, None where each
    is a category of its own.
    """

    def __init__(
        self,
        ids: NDArray[Any],
        of: Callable[[str], ShapeRef],
        categories: NDArray[Any] | None = None,
    ) -> None:
        self.ids, self.of, self.categories = ids, of, categories

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, place: int) -> ShapeRef: ...

    @overload
    def __getitem__(self, place: slice) -> ManyRefs: ...

    def __getitem__(self, place: int | slice) -> ShapeRef | ManyRefs:
        if isinstance(place, slice):
            return self.at(np.arange(len(self))[place])
        return self.of(self.ids[place].decode())

    def at(self, places: NDArray[np.int64]) -> ManyRefs:
        """Those at these places, which ascend."""
        categories = None if self.categories is None else self.categories[places]
        return ManyRefs(self.ids[places], self.of, categories)

    def category_codes(self) -> NDArray[np.int64]:
        """(N,) the place of every ref's category among all, in the order of their names."""
        if self.categories is None:
            return np.arange(len(self))
        return np.unique(self.categories, return_inverse=True)[1].reshape(-1)
