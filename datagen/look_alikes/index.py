"""Nearest neighbours among features by FAISS: exact where few, compressed where many.

Features have length 1, so the order by distance is that by cosine: similarity = 1 - distance^2 / 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

FLAT_MOST = 20_000  # shapes that are searched exactly, unless asked otherwise
REDUCED = 256  # dimensions that the large indices keep
CODES = 64  # bytes of a shape in ivfpq
TRAINING = 40  # features a cell of ivfpq is trained on
PROBES = 32  # cells of ivfpq that a query looks into
LINKS, EFFORT = 32, 128  # of hnsw: links of a shape, candidates of a query
KINDS = ("flat", "hnsw", "ivfpq")

Block = NDArray[np.float32]


def kind_for(count: int) -> str:
    """The index that fits so many shapes."""
    return "flat" if count <= FLAT_MOST else "ivfpq"


def build_index(kind: str, blocks: Iterable[Block], sample: Block, count: int) -> Any:
    """A FAISS index of `count` features that come in blocks (n, D), numbered as they come.

    sample: features to train on (trained_on of them or all); flat needs none. The same blocks
    give the same index.
    """
    faiss = _faiss()
    dimension = sample.shape[1]
    index = faiss.index_factory(dimension, _recipe(kind, count, dimension), faiss.METRIC_L2)
    if not index.is_trained:
        index.train(np.ascontiguousarray(sample))
    for block in blocks:
        index.add(np.ascontiguousarray(block, np.float32))
    _tuned(index, kind)
    return index


def trained_on(kind: str, count: int) -> int:
    """How many features an index of that kind is trained on."""
    return min(count, {"flat": 1, "hnsw": 10 * REDUCED, "ivfpq": TRAINING * cells(count)}[kind])


def cells(count: int) -> int:
    """Of ivfpq: about four times the root of the number of shapes, a power of two."""
    return int(2 ** round(np.log2(max(4 * np.sqrt(count), 4))))


def search(index: Any, queries: Block, count: int) -> tuple[Block, NDArray[np.int64]]:
    """Similarity (Q, count) and number (Q, count) of the nearest, -1 where there are fewer."""
    distance, number = index.search(np.ascontiguousarray(queries, np.float32), count)
    return 1 - distance / 2, number


def to_bytes(index: Any) -> NDArray[np.uint8]:
    """A FAISS index as bytes, for from_bytes."""
    array: NDArray[np.uint8] = _faiss().serialize_index(index)
    return array


def from_bytes(content: NDArray[np.uint8], kind: str) -> Any:
    """Raises what FAISS does where it cannot read it."""
    index = _faiss().deserialize_index(content)
    _tuned(index, kind)
    return index


def _recipe(kind: str, count: int, dimension: int) -> str:
    reduced = f"PCA{min(REDUCED, dimension)}"
    return {
        "flat": "Flat",
        "hnsw": f"{reduced},HNSW{LINKS}_SQ8",
        "ivfpq": f"{reduced},IVF{cells(count)},PQ{CODES}np",
    }[kind]


def _tuned(index: Any, kind: str) -> None:
    if kind == "flat":
        return
    faiss = _faiss()
    inner = faiss.downcast_index(faiss.downcast_index(index).index)
    if kind == "hnsw":
        inner.hnsw.efSearch = EFFORT
    else:
        inner.nprobe = PROBES


def _faiss() -> Any:
    """With one thread: HNSW links and sums would depend on the order in which threads come."""
    import faiss

    faiss.omp_set_num_threads(1)
    return faiss
