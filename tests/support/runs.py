"""Tiny settings, jobs that make no real scene, and comparisons, for tests of whole runs."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from datagen.base.process import heard
from datagen.dataset.reader import ARRAYS, Dataset
from datagen.dataset.settings import RenderSettings, Settings
from datagen.run.job import SceneJob, SceneResult

OPTIONS = [
    *("--resolution", "64", "--views", "3", "--samples", "1", "--objects", "3"),
    *("--scenes-per-shard", "2"),
    *("--anomalies", "material", "--anomalies", "missing", "--anomalies", "twist"),
]


def tiny_settings(**changes: Any) -> Settings:
    """What the command line makes of OPTIONS."""
    values: dict[str, Any] = {
        "source": "builtin",
        "assets": None,
        "up": None,
        "hdri": None,
        "floors": None,
        "seed": 0,
        "objects": (3, 3),
        "pose": "drop",
        "anomalies": ("material", "missing", "twist"),
        "severity": (1 / 3, 2 / 3),
        "normal_share": 0.1,
        "split": "all",
        "render": RenderSettings(samples=1, resolution=64, views=3),
        "scenes_per_shard": 2,
    }
    return Settings(**values | changes)


def copy_of(dataset: Path, to: Path) -> Path:
    """A copy that a test may damage."""
    shutil.copytree(dataset, to)
    return to


def assert_equal_scenes(first: Path, second: Path, count: int) -> None:
    """The first scenes of both are there and equal to the last bit."""
    one, other = Dataset(first), Dataset(second)
    for name in one.names[:count]:
        a, b = one.read(name), other.read(name)
        assert a.spec == b.spec
        for key in ARRAYS:
            assert getattr(a, key).dtype == getattr(b, key).dtype
            assert np.array_equal(getattr(a, key), getattr(b, key)), (name, key)
    assert one.names[:count] == other.names[:count]
    assert len(one.names[:count]) == count


def fake_job(job: SceneJob) -> SceneResult:
    """Writes a file that the collector takes for a scene; device tells the process."""
    job.work_folder.mkdir(parents=True, exist_ok=True)
    with h5py.File(job.file, "w", libver=("v110", "v110")) as file:
        group = file.create_group(job.file.stem)
        group.attrs["spec"] = "{}"
        group["rgb"] = np.random.default_rng(job.index).integers(0, 256, (3, 8, 8, 3), np.uint8)
    return SceneResult(job.index, seconds={"render": 0.1}, device=str(os.getpid()))


def in_process(jobs):
    """An engine without processes, last job first."""
    return map(fake_job, reversed(list(jobs)))


def slow_job(job: SceneJob) -> SceneResult:
    """Scene 0 at once, the others never; a heartbeat tells that the worker lives."""
    while job.index:
        (job.work_folder / f"alive-{os.getpid()}").touch()
        (job.work_folder / f"half-{job.index}.part").touch()
        time.sleep(0.05)
    return fake_job(job)


def troublesome_job(job: SceneJob) -> SceneResult:
    """1 exits always, 2 crashes the first time, 3 hangs always, 4 raises always."""
    first = job.work_folder / f"tried-{job.index}"
    if job.index == 1:
        os._exit(3)
    if job.index == 2 and not first.exists():
        first.touch()
        os.kill(os.getpid(), signal.SIGSEGV)
    if job.index == 3:
        time.sleep(60)
    if job.index == 4:
        raise ValueError("four")
    return fake_job(job)


def job_that_ends_its_worker_later(job: SceneJob) -> SceneResult:
    """The worker of scene 0 dies while it waits for work."""
    if job.index == 0:
        threading.Timer(0.5, os._exit, [7]).start()
    return fake_job(job)


def job_whose_library_talks_and_crashes(job: SceneJob) -> SceneResult:
    """As a library that prints below Python and then reads where it may not."""
    with heard(job.said):
        os.write(2, b"libpng error: bad CRC\nFra:1 Mem:12M\n")
        os.kill(os.getpid(), signal.SIGSEGV)
    return fake_job(job)


def jobs_for(folder: Path, indices) -> list[SceneJob]:
    """Jobs whose files all lie in one folder."""
    folder.mkdir(exist_ok=True)
    return [SceneJob(tiny_settings(), index, folder, folder) for index in indices]


def wait_for(look, count, seconds=60):
    """What look() finds once it finds so many things."""
    deadline = time.monotonic() + seconds
    while len(found := look()) < count:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found
