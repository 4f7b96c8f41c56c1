"""What the arguments of oddbench predict mean: datasets, shards, published scenes, captures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmark.capture.capture import is_capture
from benchmark.capture.observation import Item
from benchmark.capture.rig import photographs
from datagen.base.reading import reading
from datagen.dataset.hdf5 import open_file
from datagen.dataset.names import file_name
from datagen.dataset.reader import Dataset, with_images
from datagen.errors import OddgenError
from datagen.exchange.published.importer import find_scenes, import_published


def items_of(
    paths: Iterable[Path], split: str, stay: ExitStack, with_rig: bool = False
) -> list[Item]:
    """All that is asked for, with different names. stay: keeps what had to be imported first.

    split: of datasets. with_rig: whether a rig tells the cameras of folders of photographs.
    Raises OddgenError for an input that is none of the known kinds.
    """
    items = [item for path in paths for item in _items(path, split, stay, with_rig)]
    seen: Counter[str] = Counter()
    named = []
    for item in items:
        seen[item.name] += 1
        suffix = f"-{seen[item.name]}" if seen[item.name] > 1 else ""
        named.append(replace(item, name=item.name + suffix))
    return named


def _items(path: Path, split: str, stay: ExitStack, with_rig: bool) -> Iterator[Item]:
    if not path.exists():
        raise OddgenError(f"{path}: no such file or folder; docs/captures.md tells what to give.")
    if (path / "index.json").is_file():
        yield from _of_dataset(path, split)
    elif path.is_file() and path.suffix in (".h5", ".hdf5"):
        yield from _of_shard(path)
    elif is_capture(path):
        folder = path.resolve() if path.is_dir() else path.resolve().parent
        yield Item(folder.name, path, None)
    elif with_rig and path.is_dir() and photographs(path):
        yield Item(path.resolve().name, path, None)
    elif folders := _published(path):
        yield from _of_published(path, folders, stay)
    else:
        raise OddgenError(
            f"{path}: is no dataset or shard, no published scene, and holds no transforms.json or "
            "COLMAP model; docs/captures.md tells what to give."
        )


def _of_dataset(path: Path, split: str) -> Iterator[Item]:
    from benchmark.scoring.ground_truth import read_truth

    dataset = with_images(Dataset(path))
    for scene in read_truth(path).split(split):
        yield Item(scene.name, dataset.shard(scene.name), scene.name)


def _of_shard(path: Path) -> Iterator[Item]:

    with reading(path, "give a shard of oddgen generate"), open_file(path) as file:
        names = [file_name(name) for name in file if "rgb" in file[name]]
    if not names:
        raise OddgenError(f"{path}: holds no scene; give a shard of oddgen generate.")
    yield from (Item(name, path, name) for name in names)


def _published(path: Path) -> list[Path]:
    """Scene folders of a published dataset; none where path is something else."""
    try:
        return find_scenes(path)
    except OddgenError:
        return []


def _of_published(path: Path, folders: list[Path], stay: ExitStack) -> Iterator[Item]:
    """Imported into a folder that goes when the command ends."""
    out = Path(stay.enter_context(TemporaryDirectory(prefix="oddbench-"))) / "out"
    summary = import_published(path, out, console=Console(quiet=True, markup=False))
    if summary.failed:
        raise OddgenError(f"{path}: {next(iter(summary.failed.values()))}")
    dataset = Dataset(out)
    for folder, name in zip(folders, dataset.names, strict=True):
        yield Item(folder.name, dataset.shard(name), name)
