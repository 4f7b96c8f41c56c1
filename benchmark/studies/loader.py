"""`oddbench loader`: scenes a second of the training loader, against the same scenes in PNG files.

All read the same views in the same order, decode them to the same arrays and resize them alike.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table
from torch.utils.data import DataLoader

from benchmark.training.scenes import EpochOrder, ModelScene, SceneSet, collate, model_scene
from datagen.base.progress import Progress
from datagen.dataset.reader import Dataset, with_images
from model.config import DetectorConfig

PNG = "PNG files"
RGB, MASK, REST = "rgb", "instance", "rest.npz"
NO_MEMORY, ALL_MEMORY = 0, 1 << 62
Times = tuple[float, float]  # seconds by the clock, and of this process's CPU


@dataclass(frozen=True)
class Rate:
    """Scenes a second, and a CPU-second, of one way of reading.

    cold: nothing of the files was in memory. per_cpu_second: None where workers did the reading.
    """

    way: str
    cold: bool
    per_second: float
    per_cpu_second: float | None


@dataclass(frozen=True)
class Way:
    """files: what it reads, so that it can be thrown out of memory; none where it reads none."""

    name: str
    scenes: SceneSet
    files: tuple[Path, ...]


class PngScenes(SceneSet):
    """The same scenes from a folder that export_png has written."""

    def __init__(self, folder: Path, *arguments: Any) -> None:
        self.folder = folder
        super().__init__(*arguments)

    def read(self, name: str, views: Sequence[int] | None = None) -> ModelScene:
        """A scene as the model takes it, from its files; views: all if None."""
        folder = self.folder / name
        with np.load(folder / REST) as file:
            rest = dict(file)
        chosen = range(len(rest["world_to_camera"])) if views is None else views
        images = np.stack([_pixels(folder / RGB / f"{view:04d}.png") for view in chosen])
        masks = np.stack([_pixels(folder / MASK / f"{view:04d}.png") for view in chosen]) > 0
        poses = rest["world_to_camera"][list(chosen)]
        return model_scene(
            images, masks, rest["intrinsics"], poses, rest["boxes"], rest["labels"], self.size
        )


def export_png(dataset: Dataset, name: str, folder: Path) -> None:
    """Images and instance masks as PNG, a file a view; the rest of what training reads as NPZ."""
    scene = dataset.read(name)
    for kind, arrays in ((RGB, scene.rgb), (MASK, scene.instance)):
        (folder / name / kind).mkdir(parents=True)
        for view, pixels in enumerate(arrays):
            Image.fromarray(pixels).save(folder / name / kind / f"{view:04d}.png")
    np.savez(
        folder / name / REST,
        intrinsics=scene.intrinsics,
        world_to_camera=scene.world_to_camera,
        boxes=scene.box_aabb,
        labels=scene.anomalous,
    )


def measure(
    data: Path,
    config: DetectorConfig,
    scenes: int,
    workers: int,
    epochs: int,
    console: Console | None = None,
) -> list[Rate]:
    """The fastest of the epochs. The ways take turns, each first from the disk, then again."""
    console = console or Console(stderr=True, markup=False)
    dataset = with_images(Dataset(data))
    names = dataset.names[:scenes]
    with TemporaryDirectory(prefix="oddbench-") as root:
        folder = Path(root)
        with Progress(console, len(names), 0, "scenes as PNG") as progress:
            for name in names:
                export_png(dataset, name, folder)
                progress.advance()
        common = (dataset, names, config.image, 2 * config.views, None, 0)
        kept = SceneSet(*common, ALL_MEMORY)
        ways = [
            Way(PNG, PngScenes(folder, *common, NO_MEMORY), tuple(folder.rglob("*.*"))),
            Way("shards", SceneSet(*common, NO_MEMORY), tuple({*map(dataset.shard, names)})),
            Way("shards, kept decoded", kept, ()),
        ]
        loaders = [_loader(way.scenes, config.training.batch, workers) for way in ways]
        taken: dict[tuple[str, bool], list[Times]] = {}
        with Progress(console, epochs + 1, 0, "epochs") as progress:
            for epoch in range(epochs + 1):
                for turn in range(len(ways)):
                    number = (turn + epoch) % len(ways)
                    way, loader = ways[number], loaders[number]
                    way.scenes.epoch = (1, epoch)
                    for cold in (True, False) if way.files else (False,):
                        times = _seconds(loader, way.files if cold else ())
                        taken.setdefault((way.name, cold), []).append(times)
                progress.advance()
    rates = []
    for name, cold in sorted(taken, key=lambda key: (not key[1], key[0])):
        wall, cpu = (len(names) / min(t) for t in zip(*taken[name, cold][1:], strict=True))
        rates.append(Rate(name, cold, wall, None if workers else cpu))
    return rates


def print_rates(rates: Sequence[Rate], title: str, console: Console | None = None) -> None:
    """Rates, and how many times those of PNG files in the same state."""
    table = Table("read from", "files", "scenes/s", "times PNG", title=title)
    by_cpu = all(rate.per_cpu_second for rate in rates)
    for heading in ("scenes/CPU s", "times PNG") if by_cpu else ():
        table.add_column(heading)
    png = {rate.cold: rate for rate in rates if rate.way == PNG}
    for rate in rates:
        other = png[rate.cold]
        cells = [f"{rate.per_second:.1f}", f"{rate.per_second / other.per_second:.2f}"]
        if rate.per_cpu_second and other.per_cpu_second:
            ratio = rate.per_cpu_second / other.per_cpu_second
            cells += [f"{rate.per_cpu_second:.1f}", f"{ratio:.2f}"]
        table.add_row(rate.way, "on disk" if rate.cold else "in memory", *cells)
    (console or Console(markup=False)).print(table)


def _loader(scenes: SceneSet, batch: int, workers: int) -> DataLoader[Any]:
    """As training makes it; workers stay, so that their start is not in the figures."""
    return DataLoader(
        scenes,
        batch_size=batch,
        sampler=EpochOrder(scenes),
        num_workers=workers,
        collate_fn=collate,
        persistent_workers=workers > 0,
    )


def _seconds(loader: DataLoader[Any], files: Iterable[Path]) -> Times:
    """Of one epoch, by the clock and of this process's CPU; files: thrown out of memory before."""
    for path in files:
        _forget(path)
    start, cpu = time.perf_counter(), time.process_time()
    for _ in loader:
        pass
    return time.perf_counter() - start, time.process_time() - cpu


def _forget(path: Path) -> None:
    """Tell the system to drop a file's pages, where it can be told."""
    if not hasattr(os, "posix_fadvise"):
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)


def _pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)
