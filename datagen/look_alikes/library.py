"""A library of shapes that know their look-alikes: reading one that `oddgen similar build` made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.base.reading import reading
from datagen.base.typed import plain
from datagen.dataset.hdf5 import open_file
from datagen.errors import OddgenError
from datagen.look_alikes import store
from datagen.look_alikes.schema import (
    BlockEntry,
    IndexEntry,
    LibraryConfig,
    LibraryState,
    read_state,
)
from datagen.look_alikes.store import Entry
from datagen.look_alikes.thresholds import Thresholds

INDEX = "index.h5"
PATHS = ("assets", "weights_file")  # of the configuration: where things lay
FETCHED = 8  # times as many as are asked for: some are of no use, or ranked by coarse codes


@dataclass(frozen=True)
class Neighbour:
    """number: of the entry in the library; similarity: mean cosine of the views' features."""

    number: int
    entry: Entry
    similarity: float


@dataclass(frozen=True, eq=False)
class Library:
    """entries: in the index's order; positions (n, 2): the block and row of each.

    digest: hex, of all that a neighbour depends on.
    """

    root: Path
    config: LibraryConfig
    blocks: tuple[BlockEntry, ...]
    entries: tuple[Entry, ...]
    positions: NDArray[np.int64]
    kind: str
    thresholds: Thresholds
    digest: str

    @cached_property
    def number_of(self) -> dict[str, int]:
        """By id."""
        return {entry.id: number for number, entry in enumerate(self.entries)}

    @cached_property
    def number_of_form(self) -> dict[str, int]:
        """By digest of the geometry; the first of exact copies."""
        numbers: dict[str, int] = {}
        for number, entry in enumerate(self.entries):
            numbers.setdefault(entry.form, number)
        return numbers

    @cached_property
    def index(self) -> Any:
        """The FAISS index."""

        from datagen.look_alikes.index import from_bytes

        path = self.root / INDEX
        with reading(path, store.AGAIN), open_file(path) as file:
            found = from_bytes(file["index"][()], self.kind)
            if (found.ntotal, found.d) != (len(self.entries), self.config.dimension):
                raise store.damaged(path)
            return found

    def features(self, numbers: Sequence[int]) -> NDArray[np.float32]:
        """(n, D) of entries by number."""
        return read_features(self.root, self.blocks, self.positions[np.asarray(numbers, np.int64)])

    def neighbours(self, feature: NDArray[np.float32], count: int) -> list[Neighbour]:
        """Up to `count` nearest entries, the nearest first; feature: (D,)."""
        from datagen.look_alikes.index import search

        wanted = count if self.kind == "flat" else FETCHED * count
        similarity, number = search(
            self.index, feature[None], min(max(wanted, 1), len(self.entries))
        )
        found = number[0][number[0] >= 0]
        exact = similarity[0][: len(found)]
        if self.kind != "flat":
            exact = self.features(found.tolist()) @ feature
        order = np.lexsort((found, -exact))[:count]
        return [Neighbour(int(found[k]), self.entries[found[k]], float(exact[k])) for k in order]


def open_library(root: Path) -> Library:
    """Raises OddgenError where the folder holds no finished library, or a damaged one."""
    state = read_state(root)
    if state.index is None or state.thresholds is None:
        raise OddgenError(
            f"{root}: the library is unfinished; run oddgen similar build with the same options "
            "again, which goes on."
        )
    for block in state.blocks:  # HDF5 may never come back from a damaged one
        if not store.is_whole(root / block.file, block):
            raise store.damaged(root / block.file)
    return assemble(root, state, state.index, state.thresholds)


def assemble(root: Path, state: LibraryState, index: IndexEntry, thresholds: Thresholds) -> Library:
    """The library that library.json tells of."""
    positions = read_positions(root, index)
    rows = [store.read_entries(root / block.file) for block in state.blocks]
    with reading(root / INDEX, store.AGAIN):
        entries = tuple(rows[block][row] for block, row in positions)
    return Library(
        root,
        state.config,
        state.blocks,
        entries,
        positions,
        index.kind,
        thresholds,
        digest_of(state, index),
    )


def read_positions(root: Path, entry: IndexEntry) -> NDArray[np.int64]:
    """(n, 2) block and row of every shape in the index. entry: what library.json says of it."""

    path = root / INDEX
    if not store.is_whole(path, entry):
        raise store.damaged(path)
    with reading(path, store.AGAIN), open_file(path) as file:
        positions: NDArray[np.int64] = file["places"][()]
        if positions.shape != (entry.shapes, 2) or positions.dtype.kind not in "iu":
            raise store.damaged(path)
        if not len(positions) or positions.min() < 0:
            raise store.damaged(path)
    return positions


def in_blocks(
    root: Path, blocks: Sequence[BlockEntry], positions: NDArray[np.int64]
) -> Iterator[NDArray[np.float32]]:
    """The features of entries at positions (n, 2), in order, at most a block's number at a time."""
    for start in range(0, len(positions), store.BLOCK):
        yield read_features(root, blocks, positions[start : start + store.BLOCK])


def read_features(
    root: Path, blocks: Sequence[BlockEntry], positions: NDArray[np.int64]
) -> NDArray[np.float32]:
    """(n, D) of entries at positions (n, 2): block and row."""
    parts: list[NDArray[np.float32]] = []
    order: list[NDArray[np.int64]] = []
    for block in np.unique(positions[:, 0]):
        where = np.flatnonzero(positions[:, 0] == block)
        rows, back = np.unique(positions[where, 1], return_inverse=True)
        parts.append(store.read_rows(root / blocks[block].file, rows.tolist())[back])
        order.append(where)
    result: NDArray[np.float32] = np.concatenate(parts)[np.argsort(np.concatenate(order))]
    return result


def digest_of(state: LibraryState, index: IndexEntry) -> str:
    """Hex; of the features, the shapes and the thresholds, not of where the library lies."""
    content = plain(state)
    config = {key: value for key, value in content["config"].items() if key not in PATHS}
    blocks = [block.sha256 for block in state.blocks]
    told = [config, blocks, index.sha256, content["thresholds"]]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
