"""Finished scenes into shards and index.json; knows what a restart still has to make.

A shard is written aside, announced in index.json, then renamed: whenever the run is cut off,
each scene is either in a shard that index.json describes or still a file in the work folder.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from datagen.base.files import clear_leftovers, in_words, sha256
from datagen.base.locks import alone
from datagen.base.typed import write
from datagen.dataset.attribution import write_attribution
from datagen.dataset.hdf5 import open_file
from datagen.dataset.names import number_of, scene_name, shard_path
from datagen.dataset.reader import read_index
from datagen.dataset.schema import (
    FORMAT,
    FORMAT_VERSION,
    AnySettings,
    DatasetIndex,
    Failure,
    ShardEntry,
    Share,
    numbers_of,
)
from datagen.errors import OddgenError
from datagen.scenes.write import write_shard

LOCK = ".lock"


@dataclass
class Collector:
    """The output folder of one run; create with open_output.

    scenes: how many were asked for, now or earlier. catalog: digest of what is drawn from.
    shards: entries of index.json by number. made: scenes that need not be made again.
    problems: a sentence for each shard that must be, and for other things to know.
    choices: a line for each choice that was made for the user. share: which scenes are made here.
    """

    out: Path
    settings: AnySettings
    scenes: int
    catalog: str
    shards: dict[int, ShardEntry] = field(default_factory=dict)
    failures: dict[int, str] = field(default_factory=dict)
    made: set[int] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    choices: tuple[str, ...] = ()
    share: Share | None = None
    _pending: set[int] = field(default_factory=set, init=False)

    @property
    def work(self) -> Path:
        """Where scenes lie that are in no shard yet."""
        return self.out / "work"

    def missing(self, scenes: int) -> list[int]:
        """Which of the first so many scenes must be made, of its share, ascending.

        A shard is packed once all of its own that are missing have been added.
        """
        missing = [n for n in numbers_of(scenes, self.share) if n not in self.made]
        self._pending = set(missing)
        return missing

    def add(self, index: int, reason: str | None) -> None:
        """One scene is finished, or has failed for a reason. Raises OSError."""
        self._pending.discard(index)
        if reason is None:
            self.made.add(index)
            self.failures.pop(index, None)
        else:
            self.failures[index] = reason
        shard = index // self.settings.scenes_per_shard
        if self._pending.isdisjoint(self._members(shard)):
            self._pack(shard)

    def finish(self) -> None:
        """Pack what an earlier run left over; nothing but the dataset and ATTRIBUTION.md remains.

        Raises OSError.
        """
        size = self.settings.scenes_per_shard
        for shard in sorted({index // size for index in self.made}):
            self._pack(shard)
        self.write_index()
        write_attribution(self.out)
        shutil.rmtree(self.work, ignore_errors=True)

    def loose(self, index: int) -> Path:
        """The file of a scene that is in no shard yet."""
        return self.work / f"{scene_name(index)}.h5"

    def _members(self, shard: int) -> range:
        size = self.settings.scenes_per_shard
        return range(shard * size, (shard + 1) * size)

    def _pack(self, shard: int) -> None:
        path = shard_path(self.out, shard)
        packed = set(self.shards[shard].scenes) if shard in self.shards else set()
        parts = []
        for index in self._members(shard):
            name = scene_name(index)
            if name in packed:
                parts.append((path, name))
            elif index in self.made:
                parts.append((self.loose(index), name))
        if len(parts) > len(packed):
            aside = path.with_suffix(".part")
            entry = write_shard(aside, parts)
            self.shards[shard] = replace(entry, file=f"{path.parent.name}/{path.name}")
            self.write_index()
            os.replace(aside, path)
        for index in self._members(shard):
            self.loose(index).unlink(missing_ok=True)

    def write_index(self) -> None:
        """Write index.json as things are now. Raises OSError."""
        write(
            self.out / "index.json",
            DatasetIndex(
                FORMAT,
                FORMAT_VERSION,
                self.settings,
                self.catalog,
                _versions(self.settings),
                self.scenes,
                tuple(self.shards[key] for key in sorted(self.shards)),
                tuple(
                    Failure(scene_name(key), self.failures[key]) for key in sorted(self.failures)
                ),
                self.choices or None,
                self.share,
            ),
        )


@contextmanager
def open_output(
    out: Path,
    settings: AnySettings,
    scenes: int,
    catalog: str,
    choices: tuple[str, ...] = (),
    share: Share | None = None,
) -> Iterator[Collector]:
    """The collector of folder `out`, to start or resume with, alone in it; tidies up on leaving.

    scenes: how many are asked for; catalog: digest of what is drawn from; choices: a line for each
    choice that was made for the user; share: which of the scenes are made here. Raises OddgenError
    where the folder cannot or must not be written.
    """
    collector = Collector(out, settings, scenes, catalog, choices=choices, share=share)
    with ExitStack() as stack:
        try:
            _holds_dataset(out)
            out.mkdir(parents=True, exist_ok=True)
            _lock(collector, stack)
            if _holds_dataset(out):
                _resume(collector)
            clear_leftovers(out)
            collector.write_index()
            collector.work.mkdir(exist_ok=True)
        except OSError as error:
            raise OddgenError(
                f"{out}: {in_words(error)}; choose an --out folder that can be written."
            ) from error
        stack.callback(_tidy, collector.work)
        yield collector


def _lock(collector: Collector, stack: ExitStack) -> None:
    """Until the stack unwinds; the system ends it with the process, however that ends."""
    busy = (
        f"{collector.out}: another {collector.settings.command} is at work here; "
        "wait for it or choose another --out."
    )
    stack.enter_context(alone(collector.out / LOCK, busy))


def _holds_dataset(out: Path) -> bool:
    """False for a new or empty folder. Raises OddgenError where it holds something else."""
    if out.exists() and not out.is_dir():
        raise OddgenError(f"{out}: is a file; choose a folder as --out.")
    if (out / "index.json").exists():
        read_index(out)
        return True
    if out.exists() and {path.name for path in out.iterdir() if path.suffix != ".part"} - {LOCK}:
        raise OddgenError(f"{out}: not empty and not ours; choose another --out.")
    return False


def _resume(collector: Collector) -> None:
    """Take over what is whole: shards by checksum, scenes in the work folder by opening them."""
    out, index = collector.out, read_index(collector.out)
    changed = _changed(index, collector)
    if changed:
        raise OddgenError(
            f"{out}: made with other settings ({changed}); "
            "choose another --out, or repeat the first command's options to go on."
        )
    collector.scenes = max(collector.scenes, index.scenes)
    collector.failures = {number_of(entry.scene): entry.reason for entry in index.failures}
    console = Console(stderr=True, markup=False)
    quiet = not console.is_terminal
    for entry in track(index.shards, "checksums", console=console, transient=True, disable=quiet):
        path = out / entry.file
        aside = path.with_suffix(".part")
        if _is(aside, entry):
            os.replace(aside, path)
        if _is(path, entry):
            collector.shards[number_of(path.stem)] = entry
            collector.made |= {number_of(name) for name in entry.scenes}
        else:
            state = "damaged" if path.exists() else "missing"
            collector.problems.append(f"{path}: {state}; its scenes are made again.")
    clear_leftovers(out / "shards")
    _tidy(collector.work)
    for path in sorted(collector.work.glob("scene-*.h5")):
        if _holds_scene(path, path.stem):
            collector.made.add(number_of(path.stem))
        else:
            path.unlink()


def _is(path: Path, entry: ShardEntry) -> bool:
    return path.is_file() and path.stat().st_size == entry.bytes and sha256(path) == entry.sha256


def _holds_scene(path: Path, name: str) -> bool:
    """Whether an HDF5 file can be opened and holds a scene of that name."""

    try:
        with open_file(path) as file:
            return "spec" in file[name].attrs
    except Exception:  # whatever HDF5 finds of a file that a killed worker left
        return False


def _tidy(work: Path) -> None:
    """Remove what killed workers left."""
    shutil.rmtree(work / "temp", ignore_errors=True)
    clear_leftovers(work)


def _versions(settings: AnySettings) -> dict[str, str]:
    """Of what decides the arrays of a scene."""
    return {name: version(name) for name in settings.packages}


def _changed(index: DatasetIndex, collector: Collector) -> str:
    """What differs between an existing dataset and the one asked for, empty if nothing does."""
    old = _flat(index.config) | index.versions
    new = _flat(collector.settings) | _versions(collector.settings)
    keys = [key for key in {**new, **old} if old.get(key) != new.get(key)]
    changes = [f"{key} {old.get(key)} -> {new.get(key)}" for key in keys]
    if index.share != collector.share:
        changes.append(f"share {index.share} -> {collector.share}")
    if not changes and index.catalog != collector.catalog:
        changes = ["the shapes, look-alikes, floors or HDRIs to draw from have changed"]
    return ", ".join(changes)


def _flat(settings: AnySettings) -> dict[str, Any]:
    config = settings.to_json()
    benchmark = config.get("benchmark") or {}
    flat = {key: value for key, value in config.items() if key != "render"}
    return flat | config.get("render", {}) | {"benchmark": benchmark.get("name")}
