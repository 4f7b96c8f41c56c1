"""A study's cells: commands of oddbench, each a process with a log; done ones are kept."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

from rich.console import Console

from datagen.base.files import readable
from datagen.base.interrupts import Interrupts, Stopped
from datagen.base.progress import Progress
from datagen.base.typed import read, write
from datagen.errors import OddgenError

PROGRAM = "from cli import oddbench; oddbench()"


@dataclass(frozen=True)
class Cell:
    """name: of its log and mark. words: after `oddbench`. after: names of cells that it needs.

    makes: what is there when it is done.
    """

    name: str
    words: tuple[str, ...]
    makes: Path
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Done:
    """The mark of a cell that ended well."""

    words: tuple[str, ...]


def run_cells(
    cells: tuple[Cell, ...], folder: Path, workers: int, console: Console
) -> dict[str, str]:
    """Why each cell that failed did, or could not begin; what is done is not done again.

    folder: for logs and marks. Raises OddgenError where the run was stopped.
    """
    by_name = {cell.name: cell for cell in cells}
    faults: dict[str, str] = {}
    left = TopologicalSorter({cell.name: cell.after for cell in cells})
    left.prepare()
    folder.mkdir(parents=True, exist_ok=True)
    running: dict[Future[str | None], str] = {}
    processes = _Processes()
    interrupts = Interrupts()
    done = 0
    try:
        with (
            interrupts.installed(),
            ThreadPoolExecutor(workers) as pool,
            Progress(console, len(cells), 0, "cells") as progress,
        ):
            try:
                while left.is_active():
                    for name in left.get_ready():
                        job = by_name[name], folder, faults, processes, workers
                        running[pool.submit(_run, *job)] = name
                    finished, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in finished:
                        name = running.pop(future)
                        if fault := future.result():
                            faults[name] = fault
                            console.print(f"{name}: {fault}", style="yellow", markup=False)
                        left.done(name)
                        done += 1
                        progress.advance()
            except BaseException:
                processes.end()
                raise
    except Stopped as error:
        raise OddgenError(
            f"{folder.parent}: stopped with {done} of {len(cells)} cells done; the same command "
            "goes on."
        ) from error
    return faults


class _Processes:
    """The running ones, to be ended at once."""

    def __init__(self) -> None:
        self._lock, self._ended = threading.Lock(), False
        self._all: set[subprocess.Popen[bytes]] = set()

    def start(self, command: list[str], log: Path, workers: int) -> subprocess.Popen[bytes] | None:
        threads = str(max(1, (os.cpu_count() or 1) // workers))
        environment = {"OMP_NUM_THREADS": threads, **os.environ}
        with self._lock, log.open("wb") as file:
            if self._ended:
                return None
            process = subprocess.Popen(
                command, stdout=file, stderr=file, env=environment, start_new_session=True
            )
            self._all.add(process)
        return process

    def end(self) -> None:
        with self._lock:
            self._ended = True
            for process in self._all:
                process.terminate()


def _run(
    cell: Cell, folder: Path, faults: dict[str, str], processes: _Processes, workers: int
) -> str | None:
    """Why it failed, or None."""
    for needed in cell.after:
        if needed in faults:
            return f"needs {needed}, which failed"
    mark, log = folder / f"{cell.name}.done.json", folder / f"{cell.name}.log"
    if is_done(cell, folder):
        return None
    process = processes.start([sys.executable, "-c", PROGRAM, *cell.words], log, workers)
    if process is None or process.wait() < 0:
        return "was ended; the same command goes on"
    if process.returncode:
        return _last_line(log)
    write(mark, Done(cell.words))
    return None


def is_done(cell: Cell, folder: Path) -> bool:
    """Whether an earlier run has done this very cell."""
    mark = folder / f"{cell.name}.done.json"
    if not mark.exists() or not cell.makes.exists():
        return False
    return read(Done, mark, f"remove {mark}").words == cell.words


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    told = lines[-1].removeprefix("Error: ") if lines else "ended without a word"
    return f"{told} (see {readable(log)})"
