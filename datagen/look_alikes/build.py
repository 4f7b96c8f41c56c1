"""`oddgen similar build`: features of every shape, an index of them, and the two thresholds.

Cut off at any moment, it goes on: a shape's features are a file of their own until 256 of them
become a block, and every pair whose distance was measured is a line of pairs.jsonl.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from datagen.base.files import clear_leftovers, in_words
from datagen.base.interrupts import Interrupts, Stopped
from datagen.base.locks import alone
from datagen.base.process import silenced
from datagen.base.progress import Progress
from datagen.base.typed import write
from datagen.dataset.hdf5 import new_file, open_file
from datagen.errors import BadShape, OddgenError
from datagen.geometry.cache import ShapeCache
from datagen.geometry.limits import MAX_FACES
from datagen.look_alikes import index as faiss_index
from datagen.look_alikes import store, views
from datagen.look_alikes.features import Extractor
from datagen.look_alikes.library import (
    INDEX,
    Library,
    assemble,
    in_blocks,
    open_library,
    read_features,
)
from datagen.look_alikes.pairs import measure_pairs
from datagen.look_alikes.schema import (
    FORMAT,
    NAME,
    VERSION,
    IndexEntry,
    LibraryConfig,
    LibraryState,
    read_state,
)
from datagen.look_alikes.store import Entry
from datagen.look_alikes.thresholds import ANY, plot, thresholds_of
from datagen.sources.open import expect, load_shape, open_source
from datagen.sources.ref import ShapeRef, Source, told_rights

WORK = "work"
PAIRS = "pairs.jsonl"
PLOT = "thresholds.png"


@dataclass(frozen=True)
class BuildJob:
    """count: at most so many shapes, spread evenly over the source. index: a kind, or auto.

    pairs: how many shapes the thresholds are set from. max_faces: files of more triangles are
    simplified to so many.
    """

    source: str
    assets: Path | None
    up: str | None
    out: Path
    features: str
    weights: str | None
    size: int = views.SIZE
    count: int | None = None
    index: str = "auto"
    pairs: int = 200
    max_faces: int = MAX_FACES


def build(
    job: BuildJob,
    cache: ShapeCache,
    open_extractor: Callable[[], Extractor],
    console: Console | None = None,
) -> Library:
    """Make what is missing of the library at job.out. open_extractor: called if features are.

    Raises OddgenError where the folder holds another library, or where nothing can be made.
    """
    console = console or Console(stderr=True, markup=False)
    interrupts = Interrupts()
    try:
        with interrupts.installed(), _alone(job.out):
            source = open_source(job.source, job.assets, cache, job.up, job.max_faces)
            refs = _chosen(sorted(source.refs(), key=lambda ref: ref.id), job.count)
            for problem in source.problems():
                _say(console, f"skipped: {problem}", "yellow")
            shelf = _Shelf.opened(job, console)
            keys = _keys(source, refs)
            _make_features(job, cache, source, refs, keys, shelf, open_extractor, console)
            index = _make_index(job, shelf, keys)
            library = _set_thresholds(job, cache, source, refs, shelf, index, console)
    except Stopped as error:
        raise OddgenError(f"{job.out}: stopped; run the same command to go on.") from error
    except OSError as error:
        raise OddgenError(
            f"{job.out}: {in_words(error)}; choose an --out folder that can be written."
        ) from error
    return library


class _Shelf:
    """library.json as it grows, and the files that it tells of."""

    def __init__(self, root: Path, state: LibraryState) -> None:
        self.root, self.state = root, state
        self.known: dict[str, str] = {}  # key by id, of what is in a block
        self.positions: dict[str, tuple[int, int]] = {}
        for number, block in enumerate(state.blocks):
            self._take(number, store.read_entries(root / block.file))
        self.loose: dict[str, Path] = {}

    @staticmethod
    def opened(job: BuildJob, console: Console) -> _Shelf:
        """What an earlier run has left and is whole; sentences tell what is not."""
        root = job.out
        if not (root / NAME).exists():
            if set(os.listdir(root)) - {".lock"}:
                raise OddgenError(f"{root}: not empty and no library; choose another --out.")
            return _Shelf(root, _new_state(job))
        state = read_state(root)
        _refuse_changes(job, state.config)
        kept = []
        for block in state.blocks:
            if store.is_whole(root / block.file, block):
                kept.append(block)
            else:
                _say(console, f"{root / block.file}: damaged; its shapes are made again.")
        shelf = _Shelf(root, replace(state, blocks=tuple(kept)))
        for path in sorted((root / WORK).glob("*.h5")):
            try:
                store.read_rows(path)
                entry = store.read_entries(path)[0]
            except OddgenError:
                _say(console, f"{path}: damaged; its shape is made again.")
                path.unlink()
                continue
            shelf.loose[entry.id] = path
            shelf.known[entry.id] = entry.key
        clear_leftovers(root / WORK)
        return shelf

    def add(self, entry: Entry, feature: NDArray[np.float32]) -> None:
        name = hashlib.sha256(entry.id.encode()).hexdigest()[:24]
        path = self.root / WORK / f"{name}.h5"
        store.write_rows(path, [entry], feature[None].astype(np.float16))
        self.loose[entry.id] = path
        self.known[entry.id] = entry.key
        if len(self.loose) >= store.BLOCK:
            self.pack()

    def pack(self) -> None:
        """All loose shapes into a block."""
        if not self.loose:
            return
        names = sorted(self.loose)
        entries = [store.read_entries(self.loose[name])[0] for name in names]
        rows = np.concatenate([store.read_rows(self.loose[name]) for name in names])
        blocks = self.state.blocks
        used = {block.file for block in blocks}
        number = next(k for k in range(len(used) + 1) if f"features/{_block(k)}" not in used)
        path = self.root / "features" / _block(number)
        store.write_rows(path, entries, rows.astype(np.float16))
        self._take(len(blocks), entries)
        self.state = replace(self.state, blocks=(*blocks, store.block_entry(path, len(entries))))
        self.save()
        for name in names:
            self.loose.pop(name).unlink()

    def _take(self, number: int, entries: Sequence[Entry]) -> None:
        for row, entry in enumerate(entries):
            self.known[entry.id] = entry.key
            self.positions[entry.id] = number, row

    def save(self) -> None:
        write(self.root / NAME, self.state)


def _block(number: int) -> str:
    return f"block-{number:05d}.h5"


def _new_state(job: BuildJob) -> LibraryState:
    config = LibraryConfig(
        source=job.source,
        assets=None if job.assets is None else str(job.assets.resolve()),
        up=job.up,
        features=job.features,
        weights=None,
        weights_file=job.weights,
        size=job.size,
        views=len(views.eyes()),
        channels=0,
        max_faces=job.max_faces,
    )
    return LibraryState(FORMAT, VERSION, config, (), {}, None, None)


def _refuse_changes(job: BuildJob, config: LibraryConfig) -> None:
    changed = [
        f"{key} {getattr(config, key)} -> {getattr(job, key)}"
        for key in ("source", "up", "features", "size", "max_faces")
        if getattr(config, key) != getattr(job, key)
    ]
    if changed:
        raise OddgenError(
            f"{job.out}: made with other options ({', '.join(changed)}); choose another --out, "
            "or repeat the first command's options to go on."
        )


def _chosen(refs: Sequence[ShapeRef], count: int | None) -> list[ShapeRef]:
    if count is None or count >= len(refs):
        return list(refs)
    return [refs[len(refs) * k // count] for k in range(count)]


def _keys(source: Source, refs: Sequence[ShapeRef]) -> dict[str, str]:
    """By id what names the shape's content; empty where its file cannot be read."""
    keys = {}
    for ref in refs:
        try:
            keys[ref.id] = source.key(ref)
        except BadShape:
            keys[ref.id] = ""
    return keys


def _make_features(
    job: BuildJob,
    cache: ShapeCache,
    source: Source,
    refs: Sequence[ShapeRef],
    keys: Mapping[str, str],
    shelf: _Shelf,
    open_extractor: Callable[[], Extractor],
    console: Console,
) -> None:
    failures = dict(shelf.state.failures)
    missing = [
        ref
        for ref in refs
        if shelf.known.get(ref.id) != keys[ref.id]
        and failures.get(ref.id, ("",))[0] != keys[ref.id]
    ]
    if missing:
        (job.out / PAIRS).unlink(missing_ok=True)
        extractor = open_extractor()
        config = shelf.state.config
        _same_weights(job, config, extractor)
        config = replace(config, weights=extractor.source, channels=extractor.channels)
        shelf.state = replace(
            shelf.state, config=config, failures=failures, index=None, thresholds=None
        )
        shelf.save()
        _say(console, f"features: {extractor.kind}, {extractor.source}, on {extractor.device}")
        expect(source, missing, cache)
        with Progress(console, len(refs), len(refs) - len(missing), "shapes") as progress:
            for ref in missing:
                try:
                    with silenced():
                        shape = load_shape(source, ref, cache)
                except BadShape as error:
                    failures[ref.id] = keys[ref.id], str(error)
                    _say(console, f"skipped: {error}", "yellow")
                else:
                    licence, provenance = told_rights(source, ref)
                    entry = Entry(
                        ref.id, ref.category, ref.seen, licence, provenance, keys[ref.id],
                        store.form_digest(shape),
                    )  # fmt: skip
                    shelf.add(entry, extractor(views.pictures(shape, job.size)))
                progress.advance()
    shelf.pack()
    shelf.save()


def _same_weights(job: BuildJob, config: LibraryConfig, extractor: Extractor) -> None:
    if config.weights not in (None, extractor.source):
        raise OddgenError(
            f"{job.out}: its features were made with {config.weights}, not with "
            f"{extractor.source}; give the same --weights, or choose another --out."
        )


def _make_index(job: BuildJob, shelf: _Shelf, keys: Mapping[str, str]) -> IndexEntry:
    names = [name for name in sorted(keys) if name in shelf.positions and keys[name]]
    if len(names) < 2:
        raise OddgenError(
            f"{job.out}: {len(names)} of {len(keys)} shapes can be used, and neighbours need two; "
            "give --assets with more shapes."
        )
    kind = faiss_index.kind_for(len(names)) if job.index == "auto" else job.index
    positions = np.array([shelf.positions[name] for name in names], np.int64)
    known, path, blocks = shelf.state.index, shelf.root / INDEX, shelf.state.blocks
    if known is not None and known.kind == kind and _same_positions(path, known, positions):
        return known
    sample_size = min(faiss_index.trained_on(kind, len(names)), len(names))
    chosen = np.linspace(0, len(names) - 1, sample_size).astype(np.int64)
    sample = read_features(shelf.root, blocks, positions[chosen])
    features = in_blocks(shelf.root, blocks, positions)
    made = faiss_index.build_index(kind, features, sample, len(names))
    _write_index(path, faiss_index.to_bytes(made), positions)
    entry = store.index_entry(path, kind, len(names))
    shelf.state = replace(shelf.state, index=entry, thresholds=None)
    shelf.save()
    return entry


def _same_positions(path: Path, entry: IndexEntry, positions: NDArray[np.int64]) -> bool:

    if not store.is_whole(path, entry):
        return False
    with open_file(path) as file:
        return bool(np.array_equal(file["places"][()], positions))


def _write_index(path: Path, content: NDArray[np.uint8], positions: NDArray[np.int64]) -> None:
    with new_file(path) as file:
        file.create_dataset("index", data=content, track_times=False)
        file.create_dataset("places", data=positions, track_times=False)


def _set_thresholds(
    job: BuildJob,
    cache: ShapeCache,
    source: Source,
    refs: Sequence[ShapeRef],
    shelf: _Shelf,
    index: IndexEntry,
    console: Console,
) -> Library:
    if shelf.state.thresholds is None:
        library = assemble(job.out, shelf.state, index, ANY)
        pairs = measure_pairs(library, source, refs, cache, job.pairs, job.out / PAIRS, console)
        found = thresholds_of(pairs)
        plot(pairs, found, job.out / PLOT)
        shelf.state = replace(shelf.state, thresholds=found)
        shelf.save()
        shutil.rmtree(job.out / WORK, ignore_errors=True)
    return open_library(job.out)


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    out.mkdir(parents=True, exist_ok=True)
    with alone(out / ".lock", f"{out}: another oddgen similar build is at work here; wait for it."):
        yield


def _say(console: Console, text: str, style: str | None = None) -> None:
    console.print(text, style=style, highlight=False, markup=False, soft_wrap=True)
