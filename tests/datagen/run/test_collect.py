"""The output folder: who may write where, and what a cut-off run leaves."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError
from datagen.run import collect, generate
from datagen.run.job import SceneResult
from tests.support.runs import fake_job, in_process, tiny_settings


def run(out: Path, scenes: int, engine=in_process, **changes):
    return generate.generate(tiny_settings(**changes), scenes, out, out.parent / "cache", engine)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Five fake scenes in three shards, the last one not full."""
    run(tmp_path / "out", 5)
    return tmp_path / "out"


def test_scenes_lie_in_order_in_shards_of_the_size_asked_for(out):
    index = json.loads((out / "index.json").read_text())
    assert [shard["scenes"] for shard in index["shards"]] == [
        ["scene-000000", "scene-000001"],
        ["scene-000002", "scene-000003"],
        ["scene-000004"],
    ]
    assert index["scenes"] == 5 and not (out / "work").exists()


def test_the_same_command_makes_nothing_and_changes_nothing(out):
    before = tree(out)
    summary = run(out, 5, engine=lambda jobs: [pytest.fail("a job") for _ in jobs])
    assert (summary.made, summary.kept) == (0, 5)
    assert tree(out) == before


def test_a_dataset_grows_and_never_shrinks(out):
    summary = run(out, 8)
    assert (summary.made, summary.kept) == (3, 5)
    assert len(Dataset(out).names) == 8
    summary = run(out, 3)
    assert (summary.made, summary.kept) == (0, 3)
    assert len(Dataset(out).names) == 8


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"seed": 3}, "seed 0 -> 3"),
        ({"pose": "upright"}, "pose drop -> upright"),
        ({"objects": None}, "objects [3, 3] -> None"),
        ({"scenes_per_shard": 7}, "scenes_per_shard 2 -> 7"),
    ],
)
def test_other_settings_are_refused_with_what_differs(out, changes, told):
    before = tree(out)
    with pytest.raises(OddgenError, match="made with other settings") as caught:
        run(out, 5, **changes)
    assert told in str(caught.value)
    assert tree(out) == before


def test_another_blender_or_another_catalogue_is_refused(out):
    index = json.loads((out / "index.json").read_text())
    (out / "index.json").write_text(
        json.dumps(index | {"versions": index["versions"] | {"bpy": "1.0"}})
    )
    with pytest.raises(OddgenError, match="bpy 1.0 -> "):
        run(out, 5)
    (out / "index.json").write_text(json.dumps(index | {"catalog": "0"}))
    with pytest.raises(OddgenError, match="look-alikes, floors or HDRIs to draw from have changed"):
        run(out, 5)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        (b"[1, 2]", "the content should be an object"),
        (b'{"format": "odd-one-out", "format_version": 1}', "config is missing"),
        (b'{"format": "odd-one-out", "format_version": 9}', "newer oddgen"),
    ],
)
def test_a_damaged_index_is_one_sentence_and_nothing_is_overwritten(out, content, told):
    (out / "index.json").write_bytes(content)
    before = tree(out)
    with pytest.raises(OddgenError, match=told) as caught:
        run(out, 6)
    assert "index.json" in str(caught.value) and "\n" not in str(caught.value)
    assert tree(out) == before


def test_an_index_cannot_lead_out_of_the_folder(out):
    index = json.loads((out / "index.json").read_text())
    index["shards"][0]["file"] = "../../elsewhere.h5"
    (out / "index.json").write_text(json.dumps(index))
    with pytest.raises(OddgenError, match="is no name of a shard"):
        run(out, 5)


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(OddgenError, match="not empty and not ours"):
        run(tmp_path, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("path", ["file", "file/below", "/proc/oddgen"])
def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path, path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OddgenError, match=r"choose (a folder|an --out folder)") as caught:
        generate.generate(tiny_settings(), 2, tmp_path / path, tmp_path / "cache", in_process)
    assert path in str(caught.value)


def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OddgenError, match="give --cache a folder that can be written"):
        generate.generate(
            tiny_settings(), 2, tmp_path / "out", tmp_path / "file" / "cache", in_process
        )


def test_two_runs_cannot_share_a_folder(out):
    before = tree(out)
    with FileLock(out / ".lock"), pytest.raises(OddgenError, match="another oddgen generate"):
        run(out, 6)
    assert tree(out) == before
    assert run(out, 6).made == 1


def test_a_lock_ends_with_the_process_that_held_it(out):
    hold = f"""
from filelock import FileLock
lock = FileLock({str(out / ".lock")!r})
lock.acquire()
print("held", flush=True)
input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        with pytest.raises(OddgenError, match="another oddgen generate"):
            run(out, 6)
        other.kill()
    assert run(out, 6).made == 1


class PowerCut(BaseException):
    """Nothing that any code here catches."""


@pytest.mark.parametrize("step", range(8))
def test_a_cut_at_any_step_of_packing_loses_nothing(tmp_path, monkeypatch, step):
    """Each rename and each removal of a file in turn is the last thing that happens."""
    left = [step]

    def cut_after(act):
        def acting(*args, **kwargs):
            if left[0] == 0:
                raise PowerCut
            left[0] -= 1
            return act(*args, **kwargs)

        return acting

    out = tmp_path / "out"
    run(out, 1)
    with monkeypatch.context() as patch:
        patch.setattr(collect.os, "replace", cut_after(os.replace))
        patch.setattr(Path, "unlink", cut_after(Path.unlink))
        patch.setattr(collect.shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(PowerCut):
            run(out, 2, engine=lambda jobs: map(fake_job, jobs))
    made = []

    def engine(jobs):
        for job in jobs:
            made.append(job.index)
            yield fake_job(job)

    run(out, 2, engine=engine)
    assert set(made) <= {1}
    assert Dataset(out).names == ["scene-000000", "scene-000001"]
    assert sorted(p.name for p in out.rglob("*") if p.is_file()) == [
        ".lock", "ATTRIBUTION.md", "index.json", "shard-00000.h5",
    ]  # fmt: skip


def test_a_truncated_scene_in_the_work_folder_is_made_again(tmp_path):
    out = tmp_path / "out"

    def broken_off(jobs):
        for job in jobs:
            yield fake_job(job)
            break
        raise PowerCut

    with pytest.raises(PowerCut):
        run(out, 2, broken_off)
    loose = out / "work" / "scene-000000.h5"
    loose.write_bytes(loose.read_bytes()[:-100])
    assert run(out, 2).made == 2
    assert len(Dataset(out).names) == 2


@pytest.mark.parametrize("damage", ["flip", "truncate", "remove"])
def test_a_damaged_shard_and_no_other_is_made_again(out, damage):
    before = tree(out)
    shard = out / "shards" / "shard-00001.h5"
    content = bytearray(shard.read_bytes())
    if damage == "remove":
        shard.unlink()
    else:
        content[len(content) // 2] ^= 1
        shard.write_bytes(content if damage == "flip" else content[:-1])
    made = []

    def engine(jobs):
        for job in jobs:
            made.append(job.index)
            yield fake_job(job)

    run(out, 5, engine)
    assert made == [2, 3]
    assert tree(out) == before


def failing(*indices: int):
    def engine(jobs):
        for job in jobs:
            bad = job.index in indices
            yield SceneResult(job.index, f"scene {job.index}: no.") if bad else fake_job(job)

    return engine


def test_failures_are_kept_and_tried_again(tmp_path):
    out = tmp_path / "out"
    summary = run(out, 6, failing(1, 4))
    assert sorted(summary.failed) == [1, 4] and summary.made == 4
    assert [entry.scene for entry in Dataset(out).index.failures] == [
        "scene-000001",
        "scene-000004",
    ]
    run(out, 3, failing())
    index = Dataset(out).index
    assert [entry.scene for entry in index.failures] == ["scene-000004"]
    assert [name[-1] for name in Dataset(out).names] == list("01235")


def test_an_engine_that_loses_jobs_or_files_is_told(tmp_path):
    def careless(jobs):
        first, second, third, _ = jobs
        yield fake_job(first)
        yield fake_job(first)
        yield SceneResult(second.index)
        yield fake_job(third)

    summary = run(tmp_path / "out", 4, careless)
    assert summary.made == 2
    assert "left no file" in summary.failed[1]
    assert "gave no result" in summary.failed[3]


def test_a_full_disk_ends_the_run_at_once(tmp_path, monkeypatch):
    out, asked = tmp_path / "out", []

    def engine(jobs):
        for job in jobs:
            asked.append(job.index)
            full = f"{job.file}: No space left on device; free disk space and run again."
            yield SceneResult(job.index, full, disk_full=True) if job.index else fake_job(job)

    with pytest.raises(OddgenError, match="No space left on device"):
        run(out, 9, engine)
    assert asked == [0, 1]
    assert not Dataset(out).index.failures
    assert run(out, 9).kept == 1

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(collect, "write_shard", full)
    with pytest.raises(OddgenError, match="free space, then run the same command to go on"):
        run(out, 12)
