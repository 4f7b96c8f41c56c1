"""Is a dataset whole? Every checksum, every shard, every scene."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import track

from datagen.base.files import sha256
from datagen.base.parallel import fan_out
from datagen.base.reading import reading
from datagen.dataset.consistency import inconsistency
from datagen.dataset.hdf5 import open_file
from datagen.dataset.names import scene_name
from datagen.dataset.reader import read_index, read_scene_file, read_spec
from datagen.dataset.schema import DatasetIndex, ShapeFacts, ShardEntry
from datagen.dataset.splits import UNSEEN_TEST
from datagen.errors import OddgenError

AGAIN = "run the same oddgen generate (or import) again"


def verify(out: Path, workers: int = 1) -> list[str]:
    """Check every checksum, shard and scene of a dataset.

    Args:
        out: The dataset's folder.
        workers: Processes that share the shards among them.

    Returns:
        A sentence for each thing that is wrong, none for a dataset in order.

    Raises:
        OddgenError: Where there is no dataset.
    """
    index = read_index(out)
    return [
        *_missing(out, index),
        *_unlisted(out, index),
        *_shards(out, index, workers),
        *_splits(out, index),
    ]


def _missing(out: Path, index: DatasetIndex) -> Iterator[str]:
    """Scenes that were asked for and are not there."""
    failed = {entry.scene: entry.reason for entry in index.failures}
    held = [name for shard in index.shards for name in shard.scenes]
    present = set(held)
    for number in index.asked_for():
        name = scene_name(number)
        if name in failed:
            yield f"{out}: {name} was not made ({failed[name]})"
        elif name not in present:
            yield f"{out}: {name} is missing; {AGAIN}."
    for name in sorted(name for name, count in Counter(held).items() if count > 1):
        yield f"{out}: {name} is in several shards; choose another --out and {AGAIN}."
    if (out / "work").is_dir():
        yield f"{out}: the run has not ended; {AGAIN}."


def _unlisted(out: Path, index: DatasetIndex) -> Iterator[str]:
    listed = {entry.file for entry in index.shards}
    for path in sorted((out / "shards").glob("*")):
        if f"shards/{path.name}" not in listed:
            yield f"{path}: not listed in index.json; delete it and {AGAIN}."


def _shards(out: Path, index: DatasetIndex, workers: int) -> Iterator[str]:
    console, entries = Console(stderr=True, markup=False), index.shards
    check = partial(_shard, out)
    quiet = not console.is_terminal
    with closing(fan_out(check, entries, workers, ordered=True)) as results:
        for problems in track(results, "shards", len(entries), console=console, disable=quiet):
            yield from problems


def _shard(out: Path, entry: ShardEntry) -> list[str]:
    path = out / entry.file
    if not path.is_file():
        return [f"{path}: missing; {AGAIN}."]
    size = path.stat().st_size
    if size != entry.bytes:
        return [f"{path}: holds {size} bytes, not {entry.bytes} as index.json says; {AGAIN}."]
    if sha256(path) != entry.sha256:
        return [f"{path}: its checksum differs from index.json; {AGAIN}."]
    return list(_scenes(path, entry.scenes))


def _scenes(path: Path, names: Sequence[str]) -> Iterator[str]:
    remedy = f"delete the shard and {AGAIN}"
    try:
        with reading(path, remedy), open_file(path) as file:
            held = set(file)
    except OddgenError as error:
        yield str(error)
        return
    for name in sorted(held ^ set(names)):
        yield f"{path}: {name} is not where index.json says; {remedy}."
    for name in sorted(held & set(names)):
        try:
            with reading(f"{path}: {name}", remedy):
                fault = inconsistency(read_scene_file(path, name))
        except OddgenError as error:
            yield str(error)
            continue
        if fault is not None:
            yield f"{path}: {name}: {fault}; {remedy}."


def _splits(out: Path, index: DatasetIndex) -> Iterator[str]:
    """Shapes in two recorded splits, and categories that are unseen and not."""
    shapes: dict[str, set[str]] = defaultdict(set)
    categories: dict[str, set[bool]] = defaultdict(set)
    for shape in _shapes(out, index):
        if shape.split is not None:
            shapes[shape.id].add(shape.split)
            if shape.kind == "toy":
                categories[shape.category].add(shape.split == UNSEEN_TEST)
    remedy = f"choose another --out and {AGAIN}."
    for name, splits in sorted(shapes.items()):
        if len(splits) > 1:
            yield f"{out}: shape {name} is in {' and in '.join(sorted(splits))}; {remedy}"
    for name, kinds in sorted(categories.items()):
        if len(kinds) > 1:
            yield f"{out}: category {name} is in {UNSEEN_TEST} and in another split; {remedy}"


def _shapes(out: Path, index: DatasetIndex) -> Iterator[ShapeFacts]:
    """Of every scene that can be read; _shards tells of the others."""

    for entry in index.shards:
        path = out / entry.file
        with suppress(OSError), open_file(path) as file:
            for name in entry.scenes:
                with suppress(OddgenError), reading(path, AGAIN):
                    yield read_spec(file[name]).shape
