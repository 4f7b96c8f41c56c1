"""What ABC's archives cost: `oddbench archives MODEL`. Chunks are made up, as large as real ones.

A model of a chunk is the given one with other digits, cut or repeated to a size drawn log-normally.
A chunk is one solid block, the worst case: whatever lies before a model must be unpacked.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from datagen.base.parallel import apart
from datagen.scenes.selection import Groups
from datagen.sources.abc import AbcSource
from datagen.sources.abc_archive import Archive

SPREAD = 1.2  # standard deviation of the logarithm of the models' sizes
LARGEST = 20 * 2**20
WANTED = 42  # of a chunk: 4,200 shapes of 100 chunks
FAST = 1  # of LZMA2: how long packing takes is not the question

T = TypeVar("T")


def measure(model: Path, chunks: int, models: int, median: int, seed: int) -> None:
    """Print seconds, megabytes on disk and in memory; all files go when it ends."""
    console = Console(markup=False)
    with tempfile.TemporaryDirectory() as root:
        folder, cache = Path(root) / "abc", Path(root) / "cache"
        text = model.read_bytes()
        folder.mkdir()
        for chunk in track(range(chunks), "packing", console=console):
            apart(pack, folder, chunk, models, median, text, seed)  # its memory is not counted
        table = Table("what", "", title=f"{chunks} chunks of {models} models")
        for what, value in _figures(folder, cache):
            table.add_row(what, value)
        console.print(table)


def pack(folder: Path, chunk: int, count: int, median: int, text: bytes, seed: int) -> None:
    """A chunk in ABC's own layout. median: of the models' bytes."""
    import py7zr

    rng, first = np.random.default_rng([seed, chunk]), chunk * count
    path = folder / f"abc_{chunk:04d}_obj_v00.7z"
    filters = [{"id": py7zr.FILTER_LZMA2, "preset": FAST}]
    letters = np.frombuffer(text, np.uint8)
    sizes = np.minimum(median * np.exp(SPREAD * rng.standard_normal(count)), LARGEST).astype(int)
    with py7zr.SevenZipFile(path, "w", filters=filters) as archive:
        for number, size in zip(range(first, first + count), sizes, strict=True):
            name = f"{number:08d}/{number:08d}_{number:024x}_trimesh_000.obj"
            archive.writestr(_other(letters, size, rng).tobytes(), name)


def _other(letters: NDArray[np.uint8], size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The text, cut or repeated to a size, a third of its digits drawn anew."""
    made = np.resize(letters, size)
    digits = np.flatnonzero((made >= ord("0")) & (made <= ord("9")))[::3]
    made[digits] = rng.integers(ord("0"), ord("9") + 1, len(digits))
    return made


def _figures(folder: Path, cache: Path) -> Any:
    size = sum(path.stat().st_size for path in folder.iterdir())
    yield "archives", f"{size / 1e6:.0f} MB"
    before = _memory()
    seconds, source = _timed(lambda: AbcSource(folder, cache, None))
    archives = [Archive(path, cache) for path in sorted(folder.iterdir())]
    unpacked = sum(int(archive.listing["bytes"].sum()) for archive in archives)
    yield "unpacked they would be", f"{unpacked / 1e6:.0f} MB"
    yield "first start: headers of all", f"{seconds:.2f} s"
    seconds, source = _timed(lambda: AbcSource(folder, cache, None))
    yield "every other start", f"{seconds:.2f} s"
    seconds, groups = _timed(lambda: Groups(source.refs()))
    yield "ready to draw shapes", f"{seconds:.2f} s"
    yield "memory for it", f"{_memory() - before:.0f} MB"
    yield "listings on disk", f"{_bytes(cache) / 1e6:.1f} MB"
    yield from _fetching(archives[0], groups, cache)


def _fetching(archive: Archive, groups: Groups, cache: Path) -> Any:
    names = [name.decode() for name in archive.listing["name"]]
    kept = _bytes(cache)
    for which, index in (("first", 0), ("middle", len(names) // 2), ("last", -1)):
        seconds, _ = _timed(partial(archive.fetch, names[index]))
        yield f"the {which} model alone", f"{seconds:.2f} s"
    rng = np.random.default_rng(0)
    wanted = rng.choice(len(names) - 1, min(WANTED, len(names) - 1), replace=False)
    archive.expect(names[index] for index in wanted)
    seconds, _ = _timed(lambda: [archive.fetch(names[index]) for index in wanted])
    yield f"{len(wanted)} expected models", f"{seconds:.2f} s"
    yield "disk that all these take", f"{(_bytes(cache) - kept) / 1e6:.1f} MB"
    yield "peak memory of it all", f"{_memory():.0f} MB"


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    """CPU-seconds, so that other work on the machine does not count."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def _memory() -> float:
    """Peak so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
