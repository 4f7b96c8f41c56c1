"""An export that is there as a whole or not at all."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from datagen.base.files import in_words, is_disk_full
from datagen.base.interrupts import Interrupts, Stopped
from datagen.base.parallel import fan_out
from datagen.base.progress import Progress
from datagen.errors import OddgenError
from datagen.exchange.summary import ExportSummary

Job = TypeVar("Job")


@contextmanager
def new_folder(to: Path) -> Iterator[Path]:
    """A folder beside `to` that becomes `to` at the end, and goes where something fails.

    That of an export that was killed goes first.

    Raises OddgenError where `to` is not new or cannot be written, and where the run is stopped.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise OddgenError(f"{to}: is there already and not empty; choose another --to.")
    aside = to.with_name(f".{to.name}.{os.getpid()}.part")
    try:
        for leftover in to.parent.glob(f".{glob.escape(to.name)}.*.part"):
            shutil.rmtree(leftover, ignore_errors=True)
        aside.mkdir(parents=True)
        yield aside
        if to.exists():
            to.rmdir()
        os.rename(aside, to)
    except Stopped as error:
        raise OddgenError(f"{to}: stopped; nothing is kept, run the same command again.") from error
    except OSError as error:
        remedy = "free space" if is_disk_full(error) else "check the folder"
        raise OddgenError(f"{to}: {in_words(error)}; {remedy} and run again.") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def run_scenes(
    function: Callable[[Job], str | None],
    jobs: Iterable[Job],
    scenes: int,
    workers: int,
    console: Console,
    summary: ExportSummary,
) -> None:
    """Have the function write every job's scene, with a bar; the summary counts them.

    function: writes a scene, returns why it cannot. scenes: how many there are to be. Raises
    Stopped where the user says so.
    """
    interrupts = Interrupts()
    with (
        interrupts.installed(),
        closing(fan_out(function, jobs, workers)) as results,
        Progress(console, scenes, summary.kept) as progress,
    ):
        for reason in results:
            with interrupts.held():
                if reason is None:
                    summary.written += 1
                else:
                    summary.failed.append(reason)
            progress.advance()
