"""What an index of look-alikes costs, and what it finds: `oddbench similar`.

Synthetic features of the real dimension stand in for rendered ones. They lie in groups, as parts
of one kind do, on a space of far fewer dimensions than they have, as real features do.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from datagen.errors import OddgenError
from datagen.look_alikes import index as faiss_index
from datagen.look_alikes.library import in_blocks, open_library
from datagen.look_alikes.store import BLOCK

VIEWS = 8
MILLION = 1_000_000
K = 10
LATENT = 48  # dimensions in which features vary, unless asked otherwise
GROUP = 20  # shapes of one kind
WITHIN = 0.35  # of the spread between kinds
NOISE = 0.02
LEAST = 256  # shapes of a library: what the codes of ivfpq are trained on
FETCHED = 8  # times K, from a compressed index, ranked anew by the features themselves


@dataclass(frozen=True)
class Cost:
    """Seconds of CPU on one core: to train, to add every shape, and for one query.

    fixed_bytes: of the index whatever it holds; shape_bytes: of each shape in it; feature_bytes:
    of each on disk. found: share of the true K neighbours, once candidates are ranked by their
    features; found_unranked: by the index alone.
    """

    kind: str
    train: float
    add: float
    query: float
    fixed_bytes: int
    shape_bytes: float
    feature_bytes: int
    found: float
    found_unranked: float


def features(
    count: int, channels: int, dimensions: int = LATENT, seed: int = 0
) -> Iterator[NDArray[np.float32]]:
    """Blocks (n, VIEWS * channels) of unit features, the same every time.

    dimensions: in which they vary.
    """
    rng = np.random.default_rng(seed)
    spread = rng.normal(size=(VIEWS, dimensions, channels)) / np.sqrt(dimensions)
    kinds = rng.normal(size=(-(-count // GROUP), dimensions))
    for start in range(0, count, BLOCK):
        numbers = np.arange(start, min(start + BLOCK, count))
        own = np.random.default_rng([seed, start])
        latent = kinds[numbers % len(kinds)] + WITHIN * own.normal(size=(len(numbers), dimensions))
        views = np.einsum("nl,vlc->nvc", latent, spread)
        views += NOISE * own.normal(size=views.shape)
        views /= np.linalg.norm(views, axis=2, keepdims=True) * np.sqrt(VIEWS)
        yield views.reshape(len(numbers), -1).astype(np.float16).astype(np.float32)


def features_of(root: Path) -> NDArray[np.float32]:
    """(N, D) of a library that oddgen similar build made."""
    library = open_library(root)
    if len(library.entries) < LEAST:
        raise OddgenError(
            f"{root}: holds {len(library.entries)} shapes; an index of fewer than {LEAST} is not "
            "worth measuring."
        )
    return np.concatenate(list(in_blocks(root, library.blocks, library.positions)))


def measure(data: NDArray[np.float32], queries: int) -> list[Cost]:
    """Every kind of index over features (N, D)."""
    asked = np.linspace(0, len(data) - 1, min(queries, len(data))).astype(np.int64)
    truth = _truth(data, asked)
    return [_cost(kind, data, asked, truth) for kind in faiss_index.KINDS]


def _truth(data: NDArray[np.float32], asked: NDArray[np.int64]) -> NDArray[np.int64]:
    """(Q, K) by brute force."""
    return np.argsort(-(data[asked] @ data.T), axis=1, kind="stable")[:, :K]


def _cost(
    kind: str, data: NDArray[np.float32], asked: NDArray[np.int64], truth: NDArray[np.int64]
) -> Cost:
    chosen = np.linspace(0, len(data) - 1, faiss_index.trained_on(kind, len(data))).astype(int)
    blocks = np.array_split(data, -(-len(data) // BLOCK))
    start = time.process_time()
    index = faiss_index.build_index(kind, [], data[chosen], len(data))
    trained = time.process_time()
    fixed = len(faiss_index.to_bytes(index))
    added = time.process_time()
    for block in blocks:
        index.add(block)
    done = time.process_time()
    size = (len(faiss_index.to_bytes(index)) - fixed) / len(data)
    train = trained - start
    start = time.process_time()
    found, unranked = [], []
    for number, exact in zip(asked, truth, strict=True):
        fetched = K if kind == "flat" else FETCHED * K
        _, near = faiss_index.search(index, data[number][None], fetched)
        candidates = near[0][near[0] >= 0]
        ranked = candidates[np.argsort(-(data[candidates] @ data[number]), kind="stable")]
        found.append(len(np.intersect1d(ranked[:K], exact)) / K)
        unranked.append(len(np.intersect1d(candidates[:K], exact)) / K)
    query = (time.process_time() - start) / len(asked)
    return Cost(
        kind,
        train,
        done - added,
        query,
        fixed,
        size,
        2 * data.shape[1],
        float(np.mean(found)),
        float(np.mean(unranked)),
    )


def projected(cost: Cost, count: int, to: int = MILLION) -> tuple[float, float, float]:
    """Seconds to build and for a query, and bytes of memory, at `to` shapes.

    flat: all grow with the number. hnsw: a query with its logarithm, so adding with number times
    logarithm. ivfpq: cells are as the root of the number; training grows with cells times what
    it is trained on, adding with number times cells at most, a query with the shapes of a cell.
    """
    times = to / count
    memory = cost.fixed_bytes + cost.shape_bytes * to
    if cost.kind == "flat":
        return cost.add * times, cost.query * times, memory
    if cost.kind == "hnsw":
        slower = float(np.log(to) / np.log(count))
        return cost.train + cost.add * times * slower, cost.query * slower, memory
    cells = faiss_index.cells(to) / faiss_index.cells(count)
    sample = faiss_index.trained_on(cost.kind, to) / faiss_index.trained_on(cost.kind, count)
    seconds = cost.train * sample * cells + cost.add * times * cells
    return seconds, cost.query * times / cells, memory + cost.fixed_bytes * (cells - 1)


def dimensions(data: NDArray[np.float32], share: float = 0.9) -> int:
    """How many principal components of (N, D) hold that share of the variance."""
    centred = data - data.mean(axis=0)
    spread = np.linalg.eigvalsh(centred @ centred.T)[::-1]
    return int(np.searchsorted(np.cumsum(spread) / spread.sum(), share)) + 1


def print_recall(
    costs: list[Cost], data: NDArray[np.float32], root: Path, console: Console
) -> None:
    """One line a kind, of a library's own features."""
    table = Table(
        title=f"{len(data):,} shapes of {root}; {dimensions(data)} of {data.shape[1]:,} "
        "dimensions hold 90 % of the variance"
    )
    table.add_column("index")
    for heading in (f"recall@{K}", "without ranking", "query ms"):
        table.add_column(heading, justify="right")
    for cost in costs:
        found = f"{cost.found:.3f}", f"{cost.found_unranked:.3f}", f"{1000 * cost.query:.2f}"
        table.add_row(cost.kind, *found)
    console.print(table)


def print_costs(costs: list[Cost], count: int, channels: int, console: Console) -> None:
    """One line a kind, measured and projected."""
    table = Table(
        title=f"{count:,} synthetic shapes of {VIEWS} x {channels} numbers, one core; "
        f"right: projected to {MILLION:,}"
    )
    table.add_column("index")
    for heading in (
        "build s", "query ms", "bytes a shape", f"recall@{K}", "without ranking",
        "build h", "query ms", "memory GB", "features GB",
    ):  # fmt: skip
        table.add_column(heading, justify="right")
    for cost in costs:
        build, query, memory = projected(cost, count)
        table.add_row(
            cost.kind,
            f"{cost.train + cost.add:.1f}",
            f"{1000 * cost.query:.2f}",
            f"{cost.shape_bytes:,.0f}",
            f"{cost.found:.3f}",
            f"{cost.found_unranked:.3f}",
            f"{build / 3600:.2f}",
            f"{1000 * query:.1f}",
            f"{memory / 1e9:.2f}",
            f"{cost.feature_bytes * MILLION / 1e9:.1f}",
        )
    console.print(table)
