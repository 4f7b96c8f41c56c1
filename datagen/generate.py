"""The main job: plan which scenes are missing, make them in workers, collect them in shards."""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from datagen.catalog import open_catalog
from datagen.collect import Collector, open_output
from datagen.errors import OddgenError
from datagen.job import SceneJob, SceneResult
from datagen.pool import run_local
from datagen.spec import Settings

MINIMUM_FREE_BYTES = 64 * 2**20


@dataclass
class Summary:
    """made, kept from an earlier run, failed with reasons, and where the time went."""

    made: int = 0
    kept: int = 0
    failed: dict[int, str] = field(default_factory=dict)
    rejections: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    bad_shapes: set[str] = field(default_factory=set)
    warnings: set[str] = field(default_factory=set)
    retries: int = 0

    def add(self, result: SceneResult) -> None:
        if result.reason is None:
            self.made += 1
        else:
            self.failed[result.index] = result.reason
        self.rejections.update(result.rejections)
        self.bad_shapes.update(result.bad_shapes)
        self.warnings.update(result.warnings)
        self.retries += result.retries
        for stage, seconds in result.seconds.items():
            self.seconds[stage] += seconds  # type: ignore[assignment]


class _Stop(Exception):
    pass


def generate(
    settings: Settings,
    scenes: int,
    out: Path,
    cache_folder: Path,
    workers: int,
    timeout: float,
    device: str,
    save_blend: bool,
    console: Console,
) -> Summary:
    """Make scenes 0 .. scenes - 1 that are not there yet. Raises OddgenError for bad input."""
    catalog = open_catalog(settings, cache_folder)
    for problem in catalog.problems:
        console.print(f"skipped: {problem}", style="yellow", highlight=False, markup=False)
    collector = open_output(out, settings, scenes)
    if shutil.disk_usage(out).free < MINIMUM_FREE_BYTES:
        raise OddgenError(f"{out}: the disk is full; free space or choose another --out.")
    done = collector.done()
    missing = [index for index in range(scenes) if index not in done]
    summary = Summary(kept=scenes - len(missing))
    threads = max(1, (os.cpu_count() or 1) // workers)
    jobs = (
        SceneJob(
            settings,
            index,
            collector.work.resolve(),
            cache_folder.resolve(),
            threads,
            device,
            (out / "blend").resolve() if save_blend else None,
        )
        for index in missing
    )
    _collect(jobs, collector, summary, scenes, workers, timeout, console)
    return summary


def _collect(
    jobs,
    collector: Collector,
    summary: Summary,
    scenes: int,
    workers: int,
    timeout: float,
    console: Console,
) -> None:
    progress = Progress(
        TextColumn("scenes"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("ETA"),
        TimeRemainingColumn(),
        console=console,
    )
    results = run_local(jobs, workers, timeout)
    device_told = False
    previous = signal.signal(signal.SIGTERM, _raise_stop)
    try:
        with progress:
            task = progress.add_task("scenes", total=scenes, completed=summary.kept, rate="")
            for result in results:
                if result.device and not device_told:
                    console.print(f"rendered on {result.device}", highlight=False, markup=False)
                    device_told = True
                summary.add(result)
                collector.add(result.index, result.reason)
                elapsed = max(progress.tasks[0].elapsed or 0, 1e-6)
                rate = (summary.made + len(summary.failed)) / elapsed
                progress.update(task, advance=1, rate=f"{rate:.3f} scenes/s")
        collector.finish()
    except (KeyboardInterrupt, _Stop) as error:
        raise OddgenError(
            f"{collector.out}: stopped with {summary.kept + summary.made} of {scenes} scenes made; "
            "run the same command to go on."
        ) from error
    except OSError as error:
        raise OddgenError(
            f"{collector.out}: {error.strerror or error}; free space, then run the same command."
        ) from error
    finally:
        results.close()
        signal.signal(signal.SIGTERM, previous)


def _raise_stop(*_: object) -> None:
    raise _Stop


def print_summary(summary: Summary, console: Console) -> None:
    """What was made, what failed and why, and the seconds of every stage."""
    from rich.table import Table

    console.print(
        f"made {summary.made}, kept {summary.kept}, retried {summary.retries}, "
        f"failed {len(summary.failed)}",
        style="bold",
    )
    for reason in summary.failed.values():
        console.print(f"failed: {reason}", style="red", highlight=False, markup=False)
    for reason in sorted(summary.bad_shapes):
        console.print(f"bad shape: {reason}", style="yellow", highlight=False, markup=False)
    for reason in sorted(summary.warnings):
        console.print(f"flaw: {reason}", style="yellow", highlight=False, markup=False)
    if summary.rejections:
        text = ", ".join(f"{reason} {n}x" for reason, n in summary.rejections.most_common())
        console.print(f"draws rejected: {text}", highlight=False, markup=False)
    if summary.seconds:
        total = sum(summary.seconds.values())
        table = Table("stage", "seconds per scene", "share")
        scenes = max(summary.made + len(summary.failed), 1)
        for stage, seconds in summary.seconds.most_common():
            table.add_row(stage, f"{seconds / scenes:.2f}", f"{seconds / total:.0%}")
        console.print(table)
