"""The local engine: spawned, recycled, time-bounded worker processes (pebble).

Any other engine is a callable of the same kind: jobs in, results out in any order
(docs/running.md).
"""

from __future__ import annotations

import os
import re
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, TimeoutError, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

from datagen.base.parallel import close_pool, open_pool
from datagen.base.process import last_said
from datagen.errors import OddgenError
from datagen.run.job import SceneJob, SceneResult, run_job

Entry = tuple[SceneJob, tuple[str, ...]]  # a job, and why its earlier attempts failed

SCENES_PER_WORKER = 20
ATTEMPTS = 2
BROKEN_POOLS = 3  # in a row, without a single result


def run_local(
    jobs: Iterable[SceneJob],
    workers: int = 1,
    timeout: float = 1800.0,
    make: Callable[[SceneJob], SceneResult] = run_job,
) -> Iterator[SceneResult]:
    """The local engine: worker processes of this machine.

    A crash or a hang costs a job one retry, then a reason.

    Args:
        jobs: What to make.
        workers: Processes.
        timeout: Seconds a scene may take.
        make: What a worker does with a job.

    Yields:
        Every job's result as it comes, in any order.

    Raises:
        OddgenError: Where workers cannot be started at all.
    """
    fresh = iter(jobs)
    again: deque[Entry] = deque()
    running: dict[Future[SceneResult], Entry] = {}
    threads = max(1, (os.cpu_count() or 1) // workers)
    pool = open_pool(workers, SCENES_PER_WORKER)
    broken = 0
    try:
        while True:
            while len(running) < 2 * workers:
                entry = again.popleft() if again else next(((job, ()) for job in fresh), None)
                if entry is None:
                    break
                job = replace(entry[0], threads=entry[0].threads or threads)
                try:
                    running[pool.schedule(make, args=[job], timeout=timeout)] = entry
                except RuntimeError:  # the pool has broken
                    again.appendleft(entry)
                    break
            if not running and not again:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                job, past = running.pop(future)
                error = future.exception()
                if isinstance(error, BrokenProcessPool):
                    again.append((job, past))
                    continue
                broken = 0
                if error is None:
                    yield replace(future.result(), retries=past)
                elif len(past) + 1 < ATTEMPTS:
                    why, _ = _why(job, error, timeout)
                    again.append((job, (*past, f"scene {job.index}: {why}")))
                else:
                    yield SceneResult(job.index, _reason(job, error, timeout), retries=past)
            if not pool.active:
                broken += 1
                if broken == BROKEN_POOLS:
                    raise OddgenError(
                        "Worker processes end as soon as they start; guard the calling script with "
                        'if __name__ == "__main__", or free memory.'
                    )
                again.extend(running.values())
                running.clear()
                close_pool(pool)
                pool = open_pool(workers, SCENES_PER_WORKER)
    finally:
        close_pool(pool)


def _reason(job: SceneJob, error: BaseException, timeout: float) -> str:
    why, remedy = _why(job, error, timeout)
    return f"scene {job.index}: {why}, {ATTEMPTS} times; {remedy}."


def _why(job: SceneJob, error: BaseException, timeout: float) -> tuple[str, str]:
    """What went wrong in a worker with what was printed there last, and what to do about it."""
    why, remedy = _what(error, timeout)
    said = last_said(job.said)
    return f"{why} (last said: {said})" if said else why, remedy


def _what(error: BaseException, timeout: float) -> tuple[str, str]:
    from pebble import ProcessExpired

    if isinstance(error, TimeoutError):
        return f"took over {timeout:g} s", "give a longer --timeout or leave its shape out"
    if isinstance(error, ProcessExpired):
        remedy = "use fewer --workers if memory is short, or leave its shape out"
        if error.exitcode < 0:
            return f"its worker was ended by {signal.Signals(-error.exitcode).name}", remedy
        return f"its worker ended with status {error.exitcode}", remedy
    lines = re.findall(r'File "(.+?)", line (\d+)', str(error.__cause__))
    where = f" in {os.path.basename(lines[-1][0])}:{lines[-1][1]}" if lines else ""
    return f"{type(error).__name__}{where} ({error})", "please report this"
