"""The local engine: spawned, recycled, time-bounded worker processes (pebble).

A cluster engine is another callable of the same signature: jobs in, results out in any order.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import sys
from collections.abc import Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, TimeoutError, wait
from dataclasses import replace

from datagen.job import SceneJob, SceneResult, run_job

SCENES_PER_WORKER = 20
ATTEMPTS = 2


def run_local(
    jobs: Iterable[SceneJob], workers: int, timeout: float
) -> Generator[SceneResult, None, None]:
    """Every job's result as it comes; a crash or a hang costs a job one retry, then a reason.

    timeout: seconds a scene may take.
    """
    from pebble import ProcessPool

    context = multiprocessing.get_context("spawn")
    pool = ProcessPool(
        max_workers=workers,
        max_tasks=SCENES_PER_WORKER,
        initializer=_start_worker,
        context=context,
    )
    waiting = iter(jobs)
    running: dict = {}
    try:
        while True:
            while len(running) < 2 * workers:
                job = next(waiting, None)
                if job is None:
                    break
                running[pool.schedule(run_job, args=[job], timeout=timeout)] = (job, 1)
            if not running:
                break
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                job, attempt = running.pop(future)
                try:
                    yield replace(future.result(), retries=attempt - 1)
                except Exception as error:
                    if attempt < ATTEMPTS:
                        again = pool.schedule(run_job, args=[job], timeout=timeout)
                        running[again] = (job, attempt + 1)
                    else:
                        reason = _reason(job, error, timeout)
                        yield SceneResult(job.index, reason, retries=ATTEMPTS - 1)
        pool.close()
    finally:
        pool.stop()
        pool.join()


def _reason(job: SceneJob, error: Exception, timeout: float) -> str:
    again = "run the same command again, or leave its shape out"
    if isinstance(error, TimeoutError):
        return f"scene {job.index}: took over {timeout:.0f} s {ATTEMPTS} times; {again}."
    return f"scene {job.index}: its worker failed {ATTEMPTS} times ({error!r}); {again}."


def _start_worker() -> None:
    """Ignore Ctrl-C (the parent decides), leave without Blender's exit handlers."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    atexit.register(_leave)


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
