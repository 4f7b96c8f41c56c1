"""`oddgen export --format published`: scene folders that published loaders read unchanged."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console

from datagen.base.files import in_words, is_disk_full
from datagen.base.interrupts import Stopped
from datagen.base.locks import alone
from datagen.base.typed import read, write
from datagen.dataset.attribution import write_attribution
from datagen.dataset.reader import Dataset, read_index, with_images, with_labels
from datagen.errors import OddgenError
from datagen.exchange.published.export_plan import SceneNames, plan_names
from datagen.exchange.published.importer import SCENES, SPLIT_FILE
from datagen.exchange.published.scene_writer import write_scene_folder
from datagen.exchange.published.splits import SplitLists, split_lists
from datagen.exchange.summary import ExportSummary
from datagen.exchange.whole import run_scenes

RECORD = "export.json"
LOCK = ".lock"


@dataclass(frozen=True)
class ExportJob:
    """A scene of a dataset, to be written aside and moved into the folder of all scenes."""

    dataset: Dataset
    names: SceneNames
    aside: Path
    scenes: Path


@dataclass(frozen=True)
class ExportRecord:
    """export.json: what was exported, and which folder is which scene.

    dataset: digest of its shards. scenes: names by folder.
    """

    format: Literal["published"]
    dataset: str
    scenes: dict[str, str]
    splits: SplitLists


def export_published(
    out: Path, to: Path, workers: int = 1, console: Console | None = None
) -> ExportSummary:
    """TO/scenes/<folder> for every scene of dataset out; split.json, export.json, ATTRIBUTION.md.

    workers: processes. The same call again goes on. Raises OddgenError where it must stop.
    """
    console = console or Console(stderr=True, markup=False)
    dataset = with_images(with_labels(Dataset(out)))
    if not dataset.names:
        raise OddgenError(f"{out}: holds no finished scene; run oddgen generate first.")
    summary = ExportSummary()
    try:
        with _alone(to, out):
            plan = plan_names(dataset, dataset.names)
            _start(to, _record(out, plan))
            write_attribution(out, to)
            left = [entry for entry in plan if not (to / SCENES / entry.folder).is_dir()]
            summary.kept = len(plan) - len(left)
            jobs = (ExportJob(dataset, entry, to / "work", to / SCENES) for entry in left)
            run_scenes(export_scene, jobs, len(plan), workers, console, summary)
            shutil.rmtree(to / "work", ignore_errors=True)
    except Stopped as error:
        raise OddgenError(
            f"{to}: stopped with {summary.kept + summary.written} scenes exported; "
            "run the same command to go on."
        ) from error
    except OSError as error:
        remedy = "free space" if is_disk_full(error) else "check the folder"
        raise OddgenError(
            f"{to}: {in_words(error)}; {remedy}, then run the same command to go on."
        ) from error
    return summary


def export_scene(job: ExportJob) -> str | None:
    """One folder, whole or not at all; a sentence where the scene cannot be read."""
    aside = job.aside / job.names.folder
    shutil.rmtree(aside, ignore_errors=True)
    try:
        scene = job.dataset.read(job.names.scene)
    except OddgenError as error:
        return str(error)
    write_scene_folder(scene, job.names, aside)
    os.rename(aside, job.scenes / job.names.folder)
    return None


@contextmanager
def _alone(to: Path, out: Path) -> Iterator[None]:
    """The folder TO, made if need be, for one export at a time."""
    if to.exists() and not to.is_dir():
        raise OddgenError(f"{to}: is a file; choose a folder as --to.")
    if to.resolve() == out.resolve():
        raise OddgenError(f"{to}: is the dataset itself; choose another --to.")
    to.mkdir(parents=True, exist_ok=True)
    ours = (to / RECORD).is_file()
    if not ours and {path.name for path in to.iterdir()} - {LOCK}:
        raise OddgenError(f"{to}: not empty and no export of ours; choose another --to.")
    busy = f"{to}: another oddgen export is at work here; wait for it or choose another --to."
    with alone(to / LOCK, busy):
        yield


def _record(out: Path, plan: list[SceneNames]) -> ExportRecord:
    shards = [entry.sha256 for entry in read_index(out).shards]
    return ExportRecord(
        format="published",
        dataset=hashlib.sha256("".join(shards).encode()).hexdigest(),
        scenes={entry.folder: entry.scene for entry in plan},
        splits=split_lists((entry.folder, entry.split) for entry in plan),
    )


def _start(to: Path, record: ExportRecord) -> None:
    path = to / RECORD
    if path.is_file() and read(ExportRecord, path, "choose another --to") != record:
        raise OddgenError(f"{to}: holds the export of another dataset; choose another --to.")
    write(path, record)
    write(to / SPLIT_FILE, record.splits)
    (to / SCENES).mkdir(exist_ok=True)
    (to / "work").mkdir(exist_ok=True)
