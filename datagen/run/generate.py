"""The main job: plan which scenes are missing, make them by an engine, collect them in shards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from datagen.base.interrupts import Interrupts, Stopped
from datagen.dataset.schema import Share, numbers_of
from datagen.dataset.settings import Settings
from datagen.errors import OddgenError
from datagen.run.collect import Collector, open_output
from datagen.run.job import SceneJob, SceneResult
from datagen.run.packing import pack
from datagen.run.pool import run_local
from datagen.run.summary import Summary
from datagen.scenes.catalog import open_catalog
from datagen.scenes.plan import EXPECTED, planned_refs
from datagen.scenes.presets import notes
from datagen.sources.open import expect

MINIMUM_FREE_BYTES = 64 * 2**20

Engine = Callable[[Iterable[SceneJob]], Iterable[SceneResult]]


def generate(
    settings: Settings,
    scenes: int,
    out: Path,
    cache_folder: Path,
    engine: Engine = run_local,
    device: str = "auto",
    save_blend: bool = False,
    console: Console | None = None,
    share: Share | None = None,
) -> Summary:
    """Make those of scenes 0 .. scenes - 1 that are not in dataset `out` yet.

    cache_folder: of the shape cache. engine: takes jobs, has run_job make each one somewhere, and
    yields the results in any order; it is closed where it is a generator. device: auto or cpu.
    save_blend: keep every scene as a .blend too. share: make only this run's of the scenes, for
    oddgen merge. Raises OddgenError for bad input and where it must stop.
    """
    console = console or Console(stderr=True, markup=False)
    interrupts, summary = Interrupts(), Summary()
    try:
        with interrupts.installed():
            catalog = open_catalog(settings, cache_folder)
            choices = (*notes(settings, scenes), *catalog.notes)
            for line in choices:
                _print(line, console)
            _print_problems("skipped: ", catalog.problems, console)
            opened = open_output(out, settings, scenes, catalog.digest, choices, share)
            with opened as collector:
                _print_problems("", collector.problems, console)
                missing = collector.missing(scenes)
                wanted = len(numbers_of(scenes, share))
                if not wanted:
                    _print(f"{share}: none of the {scenes} scenes is its own.", console)
                summary.kept = wanted - len(missing)
                if missing:
                    _check_space(out, cache_folder)
                    planned = planned_refs(settings, catalog, missing, EXPECTED)
                    expect(catalog.source, planned, catalog.cache)
                blends = out / "blend" if save_blend else None
                jobs = plan_jobs(settings, missing, collector.work, cache_folder, device, blends)
                results = _answers(engine, jobs, missing, collector)
                pack(results, collector, summary, wanted, interrupts, console, _Watch(console))
    except Stopped as error:
        done, asked = summary.kept + summary.made, len(numbers_of(scenes, share))
        raise OddgenError(
            f"{out}: stopped with {done} of {asked} scenes made; run the same command to go on."
        ) from error
    return summary


def plan_jobs(
    settings: Settings,
    indices: Iterable[int],
    work_folder: Path,
    cache_folder: Path,
    device: str = "auto",
    blend_folder: Path | None = None,
) -> Iterator[SceneJob]:
    """A job for each scene of these indices; folders become absolute, for any worker to find.

    work_folder: for the scenes' files; blend_folder: for .blend files, if any are wanted.
    """
    for index in indices:
        yield SceneJob(
            settings,
            index,
            work_folder.resolve(),
            cache_folder.resolve(),
            device=device,
            blend_folder=None if blend_folder is None else blend_folder.resolve(),
        )


def _answers(
    engine: Engine, jobs: Iterable[SceneJob], indices: Iterable[int], collector: Collector
) -> Generator[SceneResult, None, None]:
    """One result for each index, whatever the engine does."""
    waiting = set(indices)
    results = engine(jobs)
    try:
        for result in results:
            index = result.index
            if index not in waiting:
                continue
            waiting.discard(index)
            if result.reason is None and not collector.loose(index).exists():
                reason = (
                    f"scene {index}: its worker left no file in {collector.work}; "
                    "let the workers share this folder."
                )
                result = SceneResult(index, reason)
            yield result
    finally:
        if isinstance(results, Generator):
            results.close()
    for index in sorted(waiting):
        yield SceneResult(
            index, f"scene {index}: the engine gave no result; run the same command again."
        )


@dataclass
class _Watch:
    """Stops the run where the disk is full; tells once what the scenes are rendered on."""

    console: Console
    told: bool = False

    def __call__(self, result: SceneResult) -> None:
        if result.disk_full:
            raise OddgenError(result.reason)
        if result.device and not self.told:
            _print(f"rendered on {result.device}", self.console)
            self.told = True


def _check_space(out: Path, cache_folder: Path) -> None:
    if shutil.disk_usage(out).free < MINIMUM_FREE_BYTES:
        raise OddgenError(f"{out}: the disk is full; free space or choose another --out.")
    try:
        cache_folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache_folder):
            pass
    except OSError as error:
        raise OddgenError(
            f"{cache_folder}: {error.strerror}; give --cache a folder that can be written."
        ) from error


def _print_problems(start: str, problems: Iterable[str], console: Console) -> None:
    for problem in problems:
        _print(f"{start}{problem}", console, "yellow")


def _print(line: str, console: Console, style: str | None = None) -> None:
    console.print(line, style=style, highlight=False, markup=False, soft_wrap=True)
