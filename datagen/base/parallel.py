"""The one kind of worker process: spawned, never outliving its parent, deaf to Ctrl-C (pebble)."""

from __future__ import annotations

import multiprocessing
import multiprocessing.util
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, TypeVar

from datagen.base.process import leave_at_once
from datagen.errors import NotNow, OddgenError

if TYPE_CHECKING:
    from pebble import ProcessPool

Job = TypeVar("Job")
Result = TypeVar("Result")


def open_pool(workers: int, jobs_each: int = 0) -> ProcessPool:
    """A pebble pool of so many worker processes; close_pool ends it.

    jobs_each: after so many a worker is replaced by a fresh one; 0 for never.
    """
    from pebble import ProcessPool

    return ProcessPool(
        max_workers=workers,
        max_tasks=jobs_each,
        initializer=_start_worker,
        context=multiprocessing.get_context("spawn"),
    )


def close_pool(pool: ProcessPool) -> None:
    """End the workers; what is under way is given up."""
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def fan_out(
    function: Callable[[Job], Result],
    jobs: Iterable[Job],
    workers: int,
    ordered: bool = False,
    name: str = "process",
) -> Generator[Result, None, None]:
    """The function's answer for every job, from worker processes; close it to stop early.

    With one worker it runs in this process. Two jobs a worker are under way, or wait where the
    answers are to come in the order of their jobs. name: of a process in the sentence that tells
    of its death. Raises what the function does, and OddgenError where a worker dies.
    """
    if workers == 1:
        yield from map(function, jobs)
        return
    left = iter(jobs)
    pool = open_pool(workers)
    running: deque[Future[Result]] = deque()
    try:
        while True:
            for job in left:
                running.append(pool.schedule(function, args=[job]))
                if len(running) >= 2 * workers:
                    break
            if not running:
                return
            future = running[0] if ordered else _first_done(running)
            running.remove(future)
            yield _answer(future, name)
    finally:
        close_pool(pool)


class Died(Exception):
    """The process of a WarmProcess ended, or took longer than it may; says how."""


class WarmProcess:
    """One worker process, kept for the next call and replaced where it ends; within limits.

    name: what the process is, for sentences. seconds: that a call may take. data: bytes of main
    memory that the process may hold, None for no limit.
    """

    def __init__(self, name: str, seconds: float, data: int | None) -> None:
        self.name, self.seconds, self.data = name, seconds, data
        self._pool: ProcessPool | None = None
        self._owner = 0

    def call(
        self, function: Callable[..., Result], *arguments: object, seconds: float | None = None
    ) -> Result:
        """The function's answer. Raises what it does, Died, and NotNow where it was killed.

        seconds: that this call may take, where it is not what others may.
        """
        from pebble import ProcessExpired

        pool = self._opened()
        limit = self.seconds if seconds is None else seconds
        try:
            return pool.schedule(function, args=list(arguments), timeout=limit).result()
        except BrokenProcessPool as error:
            self._pool = None
            raise NotNow(
                f"the {self.name} cannot be started; free memory and run again."
            ) from error
        except TimeoutError as error:
            raise Died(f"takes longer than {limit:.0f} s") from error
        except ProcessExpired as error:
            if -error.exitcode in (signal.SIGKILL, signal.SIGTERM):
                raise NotNow(f"the {self.name} was killed; free memory and run again.") from error
            raise Died(_how_it_ended(self.name, error.exitcode)) from error

    def close(self) -> None:
        """End the process; the next call starts another."""
        if self._pool is not None and self._owner == os.getpid():
            close_pool(self._pool)
        self._pool = None

    def _opened(self) -> ProcessPool:
        from pebble import ProcessPool

        if self._pool is None or self._owner != os.getpid() or not self._pool.active:
            # A worker of a pool is daemonic, and such have no children; it ends them itself.
            multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
            self._pool = ProcessPool(
                max_workers=1,
                initializer=_start_limited,
                initargs=[self.data],
                context=multiprocessing.get_context("spawn"),
            )
            if self._owner != os.getpid():
                # Before multiprocessing waits for children at a process's end, as atexit is not.
                multiprocessing.util.Finalize(None, self.close, exitpriority=0)
            self._owner = os.getpid()
        return self._pool


def _how_it_ended(name: str, status: int) -> str:
    if status >= 0:
        return f"ends its {name} with status {status}"
    return f"crashes its {name} ({signal.Signals(-status).name})"


def _start_limited(data: int | None) -> None:
    import resource

    _start_worker()
    if data is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (data, hard))


def apart(function: Callable[..., Result], *arguments: object) -> Result:
    """The function's answer from a fresh process. Raises as fan_out does."""
    pool = open_pool(1)
    try:
        return _answer(pool.schedule(function, args=list(arguments)), "process")
    finally:
        close_pool(pool)


def _first_done(running: Iterable[Future[Result]]) -> Future[Result]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    return next(future for future in running if future in done)


def _answer(future: Future[Result], name: str) -> Result:
    from pebble import ProcessExpired

    try:
        return future.result()
    except (ProcessExpired, BrokenProcessPool) as error:
        raise OddgenError(
            f"a {name} died; free memory or use fewer --workers, then run the same command to go "
            "on."
        ) from error


def _start_worker() -> None:
    """The parent decides about Ctrl-C; a worker never outlives it, nor runs Blender's exit.

    What it has to say are its answers: libraries print to nowhere.
    """
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    leave_at_once()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
