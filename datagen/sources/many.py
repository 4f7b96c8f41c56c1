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
    def __getitem__(self, index: int) -> ShapeRef: ...

    @overload
    def __getitem__(self, index: slice) -> ManyRefs: ...

    def __getitem__(self, index: int | slice) -> ShapeRef | ManyRefs:
        if isinstance(index, slice):
            return self.at(np.arange(len(self))[index])
        return self.of(self.ids[index].decode())

    def at(self, indices: NDArray[np.int64]) -> ManyRefs:
        """Those at these indices (M,), which ascend."""
        categories = None if self.categories is None else self.categories[indices]
        return ManyRefs(self.ids[indices], self.of, categories)

    def category_codes(self) -> NDArray[np.int64]:
        """(N,) the rank of every ref's category among all, in the order of their names."""
        if self.categories is None:
            return np.arange(len(self))
        return np.unique(self.categories, return_inverse=True)[1].reshape(-1)
