"""`oddgen import`: published scene folders into shards; the same command again goes on."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from datagen.base.files import is_utf8, readable
from datagen.base.interrupts import Interrupts, Stopped
from datagen.base.parallel import fan_out
from datagen.dataset.names import scene_name
from datagen.dataset.settings import ImportSettings
from datagen.errors import OddgenError, SceneFailed
from datagen.exchange.published.convert import convert
from datagen.exchange.published.files import METADATA_3D
from datagen.exchange.published.scene_folder import read_scene_folder
from datagen.exchange.published.splits import read_splits
from datagen.run.collect import open_output
from datagen.run.packing import pack
from datagen.scenes.write import write_arrays

SCENES = "scenes"  # the folder of an export of ours that holds the scene folders
SPLIT_FILE = "split.json"


@dataclass(frozen=True)
class ImportJob:
    """One scene folder; the scene is written to work/scene-<number>.h5."""

    folder: Path
    number: int
    file: Path
    settings: ImportSettings
    split: str | None


@dataclass(frozen=True)
class ImportResult:
    """reason is None where the scene was imported. missing, faults: of what repeats it."""

    index: int
    folder: str
    reason: str | None = None
    missing: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass
class ImportSummary:
    """made now, kept from an earlier run; failed by scene folder; faults and what is missing."""

    made: int = 0
    kept: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    missing: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, result: ImportResult) -> None:
        """Count one more scene."""
        if result.reason is None:
            self.made += 1
        else:
            self.failed[result.folder] = result.reason
        self.missing.update(result.missing)
        self.faults += [f"{result.folder}: {fault}" for fault in result.faults]


def import_published(
    path: Path,
    out: Path,
    workers: int = 1,
    scenes_per_shard: int = 50,
    splits: Path | None = None,
    licence: str = "not stated",
    console: Console | None = None,
) -> ImportSummary:
    """Import the scene folders of `path` into dataset `out`.

    path: a dataset, a part of one or one scene. workers: processes; splits: a split file, the
    export's own if None; licence: to record. Raises OddgenError where it must stop.
    """
    console = console or Console(stderr=True, markup=False)
    folders = find_scenes(path)
    split_file = splits or _own_split_file(path)
    split_of = {} if split_file is None else read_splits(split_file)
    settings = ImportSettings(
        "published",
        f"{len(folders)} ({_digest([folder.name for folder in folders])})",
        None if split_file is None else f"{split_file.name} ({_digest(sorted(split_of.items()))})",
        licence,
        scenes_per_shard,
    )
    interrupts, summary = Interrupts(), ImportSummary()
    try:
        with (
            interrupts.installed(),
            open_output(out, settings, len(folders), settings.folders) as collector,
        ):
            for problem in collector.problems:
                console.print(problem, style="yellow", highlight=False, markup=False)
            missing = collector.missing(len(folders))
            summary.kept = len(folders) - len(missing)
            jobs = (
                ImportJob(
                    folders[number],
                    number,
                    collector.loose(number).resolve(),
                    settings,
                    split_of.get(folders[number].name),
                )
                for number in missing
            )
            results = fan_out(import_scene, jobs, workers)
            pack(results, collector, summary, len(folders), interrupts, console)
    except Stopped as error:
        raise OddgenError(
            f"{out}: stopped with {summary.kept + summary.made} of {len(folders)} scenes imported; "
            "run the same command to go on."
        ) from error
    return summary


def find_scenes(path: Path) -> list[Path]:
    """Scene folders in the order of their names: path itself, or every folder in it.

    An export of ours holds them in `scenes`. Raises OddgenError where there is none.
    """
    if not path.is_dir():
        raise OddgenError(f"{path}: no such folder; give the folder that holds the scene folders.")
    if _is_scene(path):
        return [path]
    inside = sorted(item for item in path.iterdir() if item.is_dir() and item.name[0] != ".")
    if (path / SCENES).is_dir() and not any(_is_scene(item) for item in inside):
        return find_scenes(path / SCENES)
    if not any(_is_scene(item) for item in inside):
        raise OddgenError(
            f"{path}: no folder in it holds {METADATA_3D}; give the folder that holds the scene "
            "folders, such as banana_028-001."
        )
    return inside


def _is_scene(folder: Path) -> bool:
    return (folder / METADATA_3D).is_file() or (folder / "RGB").is_dir()


def _own_split_file(path: Path) -> Path | None:
    for folder in (path, path.parent):
        if (folder / SCENES).is_dir() and (folder / SPLIT_FILE).is_file():
            return folder / SPLIT_FILE
    return None


def import_scene(job: ImportJob) -> ImportResult:
    """One folder into one file; what is wrong comes back as a reason."""
    if not is_utf8(job.folder):
        name = readable(job.folder)
        return ImportResult(job.number, name, f"{name}: this name is no UTF-8; rename the folder.")
    try:
        scene = read_scene_folder(job.folder)
        made = convert(scene, job.number, job.settings, job.split)
        name = scene_name(job.number)
        write_arrays(name, made.spec, made.view_arrays, made.object_arrays, job.file)
    except SceneFailed as error:
        return ImportResult(job.number, job.folder.name, str(error))
    except MemoryError:
        reason = f"{job.folder}: its images do not fit into memory; use fewer --workers."
        return ImportResult(job.number, job.folder.name, reason)
    return ImportResult(job.number, scene.folder, None, scene.missing, scene.faults)


def print_import(summary: ImportSummary, console: Console) -> None:
    """Print counts, and one line for each scene that is wrong."""
    console.print(
        f"imported {summary.made}, kept {summary.kept}, failed {len(summary.failed)}, "
        f"faults {len(summary.faults)}",
        style="bold",
        highlight=False,
    )
    for text, style in _lines(summary):
        console.print(text, style=style, highlight=False, markup=False, soft_wrap=True)


def _lines(summary: ImportSummary) -> Iterator[tuple[str, str]]:
    for _, reason in sorted(summary.failed.items()):
        yield f"failed: {reason}", "red"
    for fault in sorted(summary.faults):
        yield f"fault: {fault}", "yellow"
    for name, count in sorted(summary.missing.items()):
        yield f"not needed and missing in {count} scenes: {name}", "yellow"


def _digest(content: Any) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()[:12]
