"""A million refs in little memory: ids as an array, each ref built when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from datagen.sources import ShapeRef


class ManyRefs(Sequence[ShapeRef]):
    """Refs in the order of their ids, each a category of its own.

    ids: (N,) ASCII bytes, ascending; make: the ref of an id.
    """

    def __init__(self, ids: NDArray[Any], make: Callable[[str], ShapeRef]) -> None:
        self.ids = ids
        self._make = make

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, place: int) -> ShapeRef: ...

    @overload
    def __getitem__(self, place: slice) -> ManyRefs: ...

    def __getitem__(self, place: int | slice) -> ShapeRef | ManyRefs:
        if isinstance(place, slice):
            return self.at(np.arange(len(self))[place])
        return self._make(self.ids[place].decode())

    def at(self, places: NDArray[np.int64]) -> ManyRefs:
        """Those at these places, which ascend."""
        return ManyRefs(self.ids[places], self._make)
