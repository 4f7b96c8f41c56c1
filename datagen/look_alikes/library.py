"""A library of shapes that know their look-alikes: reading one that `oddgen similar build` made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.errors import OddgenError
from datagen.look_alikes import store
from datagen.look_alikes.store import Entry
from datagen.look_alikes.thresholds import Thresholds

FORMAT = "odd-one-out library of similar shapes"
VERSION = 1
NAME = "library.json"
INDEX = "index.h5"
PLACES = ("assets", "weights_file")  # of the configuration: where things lay
FETCHED = 8  # times as many as are asked for: some are of no use, or ranked by coarse codes


@dataclass(frozen=True)
class Config:
    """What the features depend on.

    features: dinov2 or efficientnet; weights: what they are, in words; weights_file: what was
    given, None for the default; size: pixels of a view; views: how many; channels: of each.
    """

    source: str
    assets: str | None
    up: str | None
    features: str
    weights: str
    weights_file: str | None
    size: int
    views: int
    channels: int

    @property
    def dimension(self) -> int:
        return self.views * self.channels


@dataclass(frozen=True)
class Neighbour:
    """number: of the entry in the library; similarity: mean cosine of the views' features."""

    number: int
    entry: Entry
    similarity: float


@dataclass(frozen=True, eq=False)
class Library:
    """entries: in the index's order; places (n, 2): the block and row of each.

    digest: hex, of all that a neighbour depends on.
    """

    root: Path
    config: Config
    blocks: tuple[dict[str, Any], ...]
    entries: tuple[Entry, ...]
    places: NDArray[np.int64]
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
        import h5py

        from datagen.look_alikes.index import from_bytes

        with h5py.File(self.root / INDEX, "r") as file:
            return from_bytes(file["index"][()], self.kind)

    def features(self, numbers: Sequence[int]) -> NDArray[np.float32]:
        """(n, D) of entries by number."""
        return read_features(self.root, self.blocks, self.places[np.asarray(numbers, np.int64)])

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
    content = read_state(root)
    if content["index"] is None or content["thresholds"] is None:
        raise OddgenError(
            f"{root}: the library is unfinished; run oddgen similar build with the same options "
            "again, which goes on."
        )
    return assemble(root, content, Thresholds(**content["thresholds"]))


def assemble(root: Path, content: Mapping[str, Any], thresholds: Thresholds) -> Library:
    """The library that library.json tells of."""
    blocks = content["blocks"]
    places = read_places(root, content["index"])
    rows = [store.read_entries(root / block["file"]) for block in blocks]
    return Library(
        root,
        Config(**content["config"]),
        tuple(blocks),
        tuple(rows[block][row] for block, row in places),
        places,
        content["index"]["kind"],
        thresholds,
        digest_of(content),
    )


def read_state(root: Path) -> dict[str, Any]:
    """library.json. Raises OddgenError where there is none, or one of another kind."""
    path = root / NAME
    if not path.is_file():
        raise OddgenError(
            f"{root}: holds no library of similar shapes; make one with oddgen similar build."
        )
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        known = content["format"] == FORMAT and content["version"] == VERSION
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OddgenError(
            f"{path}: cannot be read; delete {root} and run oddgen similar build again."
        ) from error
    if not known:
        raise OddgenError(
            f"{path}: of another version; delete {root} and run oddgen similar build again."
        )
    return content


def read_places(root: Path, told: dict[str, Any]) -> NDArray[np.int64]:
    """(n, 2) block and row of every entry in the index. told: what library.json says of it."""
    import h5py

    path = root / INDEX
    if not store.is_whole(path, told):
        raise store.damaged(path)
    with h5py.File(path, "r") as file:
        places: NDArray[np.int64] = file["places"][()]
    return places


def in_blocks(
    root: Path, blocks: Sequence[dict[str, Any]], places: NDArray[np.int64]
) -> Iterator[NDArray[np.float32]]:
    """The features of entries at places (n, 2), in order, at most a block's number at a time."""
    for start in range(0, len(places), store.BLOCK):
        yield read_features(root, blocks, places[start : start + store.BLOCK])


def read_features(
    root: Path, blocks: Sequence[dict[str, Any]], places: NDArray[np.int64]
) -> NDArray[np.float32]:
    """(n, D) of entries at places (n, 2)."""
    parts: list[NDArray[np.float32]] = []
    order: list[NDArray[np.int64]] = []
    for block in np.unique(places[:, 0]):
        where = np.flatnonzero(places[:, 0] == block)
        rows, back = np.unique(places[where, 1], return_inverse=True)
        parts.append(store.read_rows(root / blocks[block]["file"], rows.tolist())[back])
        order.append(where)
    result: NDArray[np.float32] = np.concatenate(parts)[np.argsort(np.concatenate(order))]
    return result


def digest_of(content: Mapping[str, Any]) -> str:
    """Hex; of the features, the shapes and the thresholds, not of where the library lies."""
    config = {key: value for key, value in content["config"].items() if key not in PLACES}
    blocks = [block["sha256"] for block in content["blocks"]]
    told = [config, blocks, content["index"]["sha256"], content["thresholds"]]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
