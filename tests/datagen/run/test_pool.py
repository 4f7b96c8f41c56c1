"""The local engine: crashes, hangs, recycling, and no process that outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from datagen.run import pool
from datagen.run.pool import run_local
from datagen.sources.importing import close_importer
from tests.support.paths import REPOSITORY
from tests.support.runs import (
    fake_job,
    job_that_ends_its_worker_later,
    job_whose_library_talks_and_crashes,
    jobs_for,
    slow_job,
    troublesome_job,
    wait_for,
)


@pytest.fixture(autouse=True)
def no_importer():
    """What other tests of this process have kept warm is no worker of a pool."""
    close_importer()


def own_workers() -> list[psutil.Process]:
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def test_trouble_costs_a_retry_then_a_reason_and_the_rest_goes_on(tmp_path):
    jobs = jobs_for(tmp_path, range(6))
    results = {r.index: r for r in run_local(jobs, 2, timeout=4, make=troublesome_job)}
    assert sorted(results) == list(range(6))
    assert [index for index, result in results.items() if result.reason is None] == sorted(
        [0, 2, 5], key=list(results).index
    )
    assert results[1].reason.startswith("scene 1: its worker ended with status 3, 2 times; ")
    assert results[2].retries == ("scene 2: its worker was ended by SIGSEGV",)
    assert results[3].reason.startswith("scene 3: took over 4 s, 2 times; ")
    assert "ValueError in runs.py" in results[4].reason and "(four)" in results[4].reason
    assert len(results[1].retries) == len(results[3].retries) == len(results[4].retries) == 1
    assert results[0].retries == results[5].retries == ()
    assert not own_workers()


def test_what_a_library_said_before_it_crashed_is_in_the_reason(tmp_path):
    (result,) = run_local(jobs_for(tmp_path, [3]), 1, make=job_whose_library_talks_and_crashes)
    said = "scene 3: its worker was ended by SIGSEGV (last said: libpng error: bad CRC)"
    assert result.reason.startswith(f"{said}, 2 times; ") and result.retries == (said,)


def test_a_worker_that_dies_idle_does_not_end_the_run(tmp_path):
    def with_a_pause():
        first, second = jobs_for(tmp_path, range(2))
        yield first
        time.sleep(3)
        yield second

    results = list(run_local(with_a_pause(), 1, make=job_that_ends_its_worker_later))
    assert sorted((r.index, r.reason) for r in results) == [(0, None), (1, None)]


def test_workers_are_recycled(tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "SCENES_PER_WORKER", 2)
    results = list(run_local(jobs_for(tmp_path, range(5)), 1, make=fake_job))
    processes = [result.device for result in sorted(results, key=lambda r: r.index)]
    assert len(set(processes)) == 3 and str(os.getpid()) not in processes


def test_closing_the_results_ends_the_workers(tmp_path):
    results = run_local(jobs_for(tmp_path, range(4)), 2, make=slow_job)
    assert next(results).index == 0
    assert own_workers()
    results.close()
    assert not own_workers()


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.support.runs import jobs_for, slow_job
from datagen.run.pool import run_local
if __name__ == "__main__":
    list(run_local(jobs_for(Path({folder!r}), range(1, 4)), 2, make=slow_job))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_workers_end_when_their_parent_is_killed(tmp_path):
    folder = tmp_path / "work"
    script = tmp_path / "run.py"
    script.write_text(SCRIPT.format(root=str(REPOSITORY), folder=str(folder)))
    parent = subprocess.Popen([sys.executable, str(script)])
    try:
        alive = wait_for(lambda: list(folder.glob("alive-*")), 2)
        workers = [int(path.name.partition("-")[2]) for path in alive]
    finally:
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    deadline = time.monotonic() + 10
    while any(map(psutil.pid_exists, workers)):
        assert time.monotonic() < deadline, "a worker outlives its parent"
        time.sleep(0.1)


def test_workers_that_cannot_start_are_one_sentence(tmp_path):
    script = tmp_path / "unguarded.py"
    text = SCRIPT.format(root=str(REPOSITORY), folder=str(tmp_path / "work"))
    script.write_text(text.replace('if __name__ == "__main__"', "if True"))
    ended = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode != 0
    assert 'guard the calling script with if __name__ == "__main__"' in ended.stderr
