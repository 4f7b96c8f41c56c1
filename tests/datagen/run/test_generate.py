"""Whole runs with Blender: the same arrays whoever makes them, however often they are cut off."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

import psutil
import pytest
from click.testing import CliRunner

from cli import oddgen
from datagen.dataset.reader import Dataset, read_index, read_scene, read_scene_file
from datagen.dataset.verify import verify
from datagen.errors import OddgenError
from datagen.run.generate import generate
from datagen.run.job import run_job
from datagen.run.pool import run_local
from datagen.run.remake import remake_scene
from tests.support.paths import DOCS, REPOSITORY
from tests.support.runs import OPTIONS, assert_equal_scenes, copy_of, tiny_settings, wait_for

ODDGEN = [sys.executable, "-c", "from cli import oddgen; oddgen()"]


def test_two_workers_and_kill_9_make_what_one_worker_makes(dataset, tmp_path):
    """Killed with all its processes once a scene is there; a fresh cache; one thread a worker."""
    out = tmp_path / "out"
    command = [*ODDGEN, "generate", "--scenes", "4", "--workers", "2", *OPTIONS]
    command += ["--out", str(out), "--cache", str(tmp_path / "cache")]
    first = subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_for(lambda: [*out.glob("work/scene-*.h5"), *out.glob("shards/*.h5")], 1, seconds=120)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    assert len(list(out.glob("work/scene-*.h5"))) < 4

    again = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert again.returncode == 0, again.stderr
    kept = re.search(r"made (\d), kept (\d), retried 0, failed 0", again.stderr)
    assert kept is not None and 1 <= int(kept[2]) <= 3
    assert_equal_scenes(dataset, out, 4)
    assert read_index(out) == read_index(dataset)
    assert (out / "ATTRIBUTION.md").read_text() == (dataset / "ATTRIBUTION.md").read_text()
    assert verify(out) == []
    assert sorted(path.name for path in out.iterdir()) == [
        ".lock",
        "ATTRIBUTION.md",
        "index.json",
        "shards",
    ]


def test_a_dataset_grows_and_heals(dataset, dataset_cache, tmp_path):
    """One scene more, and one shard damaged: two commands' work in one."""
    out = copy_of(dataset, tmp_path / "out")
    shard = out / "shards" / "shard-00001.h5"
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 0xFF
    shard.write_bytes(content)
    assert any("checksum" in problem for problem in verify(out))
    summary = generate(tiny_settings(), 5, out, dataset_cache, partial(run_local, workers=1))
    assert (summary.made, summary.kept) == (3, 2)
    assert_equal_scenes(dataset, out, 4)
    assert len(Dataset(out).names) == 5
    assert read_index(out).shards[:2] == read_index(dataset).shards
    assert verify(out) == []


def example(name: str) -> dict:
    """What a code example of docs/running.md defines."""
    text = (DOCS / "running.md").read_text()
    match = re.search(rf"<!-- example: {name} -->\n```python\n(.+?)```", text, re.DOTALL)
    assert match is not None
    names: dict = {}
    exec(match[1], names)
    return names


def test_the_documented_executor_engine_makes_the_same(dataset, dataset_cache, tmp_path):
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as executor:
        engine = partial(example("executor")["executor_engine"], executor=executor)
        summary = generate(tiny_settings(), 2, tmp_path / "out", dataset_cache, engine)
    assert summary.made == 2
    assert_equal_scenes(dataset, tmp_path / "out", 2)


def test_the_documented_slurm_engine_makes_the_same(dataset, dataset_cache, tmp_path, monkeypatch):
    """With an sbatch that runs the tasks of the array one after another."""
    sbatch = tmp_path / "bin" / "sbatch"
    sbatch.parent.mkdir()
    sbatch.write_text(
        """#!/usr/bin/env bash
set -eu
[ "$1" = --wait ]
range=${2#--array=}
for SLURM_ARRAY_TASK_ID in $(seq "${range%-*}" "${range#*-}"); do
  export SLURM_ARRAY_TASK_ID; eval "${3#--wrap=}" >/dev/null
done
"""
    )
    sbatch.chmod(sbatch.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", str(sbatch.parent), prepend=os.pathsep)
    engine = partial(example("slurm")["slurm_engine"], folder=tmp_path / "jobs")
    summary = generate(tiny_settings(), 1, tmp_path / "out", dataset_cache, engine)
    assert summary.made == 1
    assert_equal_scenes(dataset, tmp_path / "out", 1)


def test_in_process_backwards_and_remade_scenes_are_the_same(dataset, dataset_cache, tmp_path):
    """An engine need not have processes; Blender has made other scenes before."""
    out = copy_of(dataset, tmp_path / "out")
    (out / "shards" / "shard-00000.h5").unlink()
    summary = generate(
        tiny_settings(), 4, out, dataset_cache, lambda jobs: map(run_job, list(jobs)[::-1])
    )
    assert summary.made == 2
    assert_equal_scenes(dataset, out, 4)

    again = tmp_path / "again"
    command = ["remake", str(dataset), "3", "--to", str(again), "--save-blend"]
    result = CliRunner().invoke(oddgen, [*command, "--cache", str(tmp_path / "fresh-cache")])
    assert result.exit_code == 0, result.output
    assert f"{again / 'scene-000003.h5'}: equal to the dataset in every array." in result.output
    assert sorted(path.name for path in again.iterdir()) == [
        "scene-000003.blend",
        "scene-000003.h5",
    ]
    assert read_scene_file(again / "scene-000003.h5", "scene-000003").rgb.shape == (3, 64, 64, 3)


def test_another_scene_than_the_specified_one_is_an_error(dataset, dataset_cache):
    spec = read_scene(dataset, "scene-000000").spec
    with pytest.raises(OddgenError, match="as shape.id came out differently"):
        remake_scene(replace(spec, shape=replace(spec.shape, id="unicorn_1")), dataset_cache)


SCRIPT = """
import signal, sys
from functools import partial
from pathlib import Path
sys.path.insert(0, {root!r})
import click
from tests.support.runs import slow_job, tiny_settings
from datagen.run.generate import generate
from datagen.commands.options import one_sentence
from datagen.run.pool import run_local

@click.command()
@one_sentence
def main():
    engine = partial(run_local, workers=2, make=slow_job)
    generate(tiny_settings(), 4, Path({out!r}), Path({out!r} + "-cache"), engine)

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # else ignored where tests run in
    signal.signal(signal.SIGTERM, signal.SIG_DFL)             # the background, as under nohup
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="ends by signal")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_run_with_a_sentence_and_nothing_half(tmp_path, number):
    """Sent twice, as an impatient user does."""
    out = tmp_path / "out"
    script = tmp_path / "run.py"
    script.write_text(SCRIPT.format(root=str(REPOSITORY), out=str(out)))
    run = subprocess.Popen([sys.executable, str(script)], stderr=subprocess.PIPE, text=True)
    alive = wait_for(lambda: list(out.glob("work/alive-*")), 2)
    wait_for(lambda: list(out.glob("work/scene-*.h5")), 1)
    workers = [int(path.name.partition("-")[2]) for path in alive]
    time.sleep(0.5)
    run.send_signal(number)
    time.sleep(0.02)
    run.send_signal(number)
    _, errors = run.communicate(timeout=30)
    assert run.returncode == 1
    sentence = f"Error: {out}: stopped with 1 of 4 scenes made; run the same command to go on."
    assert errors.strip().splitlines()[-1] == sentence
    assert "Traceback" not in errors
    assert not any(map(psutil.pid_exists, workers))
    left = {path.name for path in (out / "work").iterdir() if not path.name.startswith("alive")}
    assert left == {"scene-000000.h5"}


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 8 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if sys.platform != "linux" or os.geteuid() or subprocess.run(mount).returncode:
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_up_is_one_sentence_and_the_run_goes_on_later(
    small_disk, dataset, dataset_cache, monkeypatch
):
    """First at the start, then while the second scene is written."""
    out = small_disk / "out"
    with pytest.raises(OddgenError, match="disk is full; free space or choose another --out"):
        generate(tiny_settings(), 2, out, dataset_cache)
    monkeypatch.setattr("datagen.run.generate.MINIMUM_FREE_BYTES", 0)
    filler = small_disk / "filler"

    def engine(jobs):
        for job in jobs:
            if job.index == 1:
                with pytest.raises(OSError), filler.open("wb", buffering=0) as file:
                    while True:
                        file.write(bytes(4096))
            yield run_job(job)

    with pytest.raises(OddgenError, match="No space left on device") as caught:
        generate(tiny_settings(), 2, out, dataset_cache, engine)
    assert "\n" not in str(caught.value)
    filler.unlink()
    assert [path.name for path in (out / "work").iterdir()] == ["scene-000000.h5"]
    summary = generate(tiny_settings(), 2, out, dataset_cache, partial(map, run_job))
    assert (summary.made, summary.kept) == (1, 1)
    assert_equal_scenes(dataset, out, 2)
