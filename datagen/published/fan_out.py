"""The same function on many small jobs, here or in worker processes, few at a time."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

from datagen.errors import OddgenError

Job = TypeVar("Job")
Result = TypeVar("Result")


def fan_out(
    function: Callable[[Job], Result], jobs: Iterable[Job], workers: int
) -> Generator[Result, None, None]:
    """Results in any order; two jobs a worker are under way. Close it to stop early.

    Raises OddgenError where a worker process dies.
    """
    if workers == 1:
        yield from map(function, jobs)
        return
    left = iter(jobs)
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=spawn, initializer=_ignore_interrupts)
    try:
        running: set[Future[Result]] = set()
        while True:
            for job in islice(left, 2 * workers - len(running)):
                running.add(pool.submit(function, job))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    except BrokenProcessPool as error:
        raise OddgenError(
            "a worker process died; free memory or use fewer --workers, then run the same "
            "command to go on."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _ignore_interrupts() -> None:
    """Ctrl-C reaches every process; the first one alone decides what happens."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
