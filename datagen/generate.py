"""The main job: plan which scenes are missing, make them by an engine, collect them in shards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from rich.console import Console

from datagen.catalog import open_catalog
from datagen.collect import Collector, open_output
from datagen.errors import OddgenError
from datagen.interrupts import Interrupts, Stopped
from datagen.job import SceneJob, SceneResult, in_words, is_disk_full
from datagen.pool import run_local
from datagen.progress import Progress
from datagen.spec import Settings
from datagen.summary import Summary

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
) -> Summary:
    """Make those of scenes 0 .. scenes - 1 that are not there yet.

    engine: takes jobs, has run_job make each one somewhere, and yields the results in any order;
    it is closed where it is a generator. Raises OddgenError for bad input and where it must stop.
    """
    console = console or Console(stderr=True)
    interrupts, summary = Interrupts(), Summary()
    try:
        with interrupts.installed():
            catalog = open_catalog(settings, cache_folder)
            _print_problems("skipped: ", catalog.problems, console)
            with open_output(out, settings, scenes, catalog.digest) as collector:
                _print_problems("", collector.problems, console)
                missing = collector.missing(scenes)
                summary.kept = scenes - len(missing)
                if missing:
                    _check_space(out, cache_folder)
                blends = out / "blend" if save_blend else None
                jobs = plan_jobs(settings, missing, collector.work, cache_folder, device, blends)
                results = _answers(engine, jobs, missing, collector)
                _collect(results, collector, summary, scenes, interrupts, console)
    except Stopped as error:
        raise OddgenError(
            f"{out}: stopped with {summary.kept + summary.made} of {scenes} scenes made; "
            "run the same command to go on."
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
    """A job for each scene of these indices; folders become absolute, for any worker to find."""
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


def _collect(
    results: Generator[SceneResult, None, None],
    collector: Collector,
    summary: Summary,
    scenes: int,
    interrupts: Interrupts,
    console: Console,
) -> None:
    device_told = False
    try:
        with closing(results), Progress(console, scenes, summary.kept) as progress:
            for result in results:
                if result.disk_full:
                    raise OddgenError(result.reason)
                if result.device and not device_told:
                    console.print(
                        f"rendered on {result.device}",
                        highlight=False,
                        markup=False,
                        soft_wrap=True,
                    )
                    device_told = True
                with interrupts.held():
                    summary.add(result)
                    collector.add(result.index, result.reason)
                progress.advance()
        with interrupts.held():
            collector.finish()
    except OSError as error:
        remedy = "free space" if is_disk_full(error) else "check the folder"
        raise OddgenError(
            f"{collector.out}: {in_words(error)}; {remedy}, then run the same command to go on."
        ) from error


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
        console.print(
            f"{start}{problem}", style="yellow", highlight=False, markup=False, soft_wrap=True
        )
