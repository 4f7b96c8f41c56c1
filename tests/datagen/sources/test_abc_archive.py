"""ABC's archives: listed, never unpacked as a whole, and sound whoever is killed or damaged."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import tracemalloc
from collections import Counter
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import py7zr
import pytest
from filelock import FileLock

from datagen.dataset.reader import Dataset
from datagen.dataset.verify import verify
from datagen.errors import BadShape, OddgenError, SceneFailed
from datagen.geometry.cache import ShapeCache
from datagen.run.generate import generate
from datagen.run.job import run_job
from datagen.scenes import scene
from datagen.scenes.catalog import open_catalog
from datagen.scenes.journal import Journal
from datagen.scenes.plan import EXPECTED, planned_refs
from datagen.scenes.presets import PARTS
from datagen.scenes.selection import Groups, select
from datagen.sources import abc_archive
from datagen.sources.abc_archive import Archive
from datagen.sources.many import ManyRefs
from datagen.sources.open import expect, load_shape, open_source
from tests.support.abc_archives import MODEL, pack
from tests.support.data import ABC, needs
from tests.support.runs import tiny_settings, wait_for


def name_of(number: int) -> str:
    return f"{number:08d}/{number:08d}_{number:024x}_trimesh_000.obj"


def content_of(number: int) -> bytes:
    """Ten kilobytes that do not compress, so that damage in the file hits one of them."""
    return np.random.default_rng(number).bytes(10_000)


def made_up(path: Path, count: int, blocks: int = 1) -> Path:
    """An archive whose models tell their numbers; every block is unpacked for itself."""
    share = count // blocks
    for block in range(blocks):
        with py7zr.SevenZipFile(path, "a" if block else "w") as archive:
            for number in range(block * share, (block + 1) * share):
                archive.writestr(content_of(number), name_of(number))
    return path


def held(archive: Archive) -> set[str]:
    return {path.name for path in archive._folder.glob("models/*")}


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """What every pass through an archive was asked for."""
    asked: list[set[str]] = []
    extract = abc_archive._extract

    def counted(path: Path, to: Path, names: set[str]) -> None:
        asked.append(names)
        extract(path, to, names)

    monkeypatch.setattr(abc_archive, "_extract", counted)
    return asked


def test_one_pass_brings_what_is_expected_and_nothing_else(tmp_path, passes):
    archive = Archive(made_up(tmp_path / "abc_0000_obj_v00.7z", 20), tmp_path / "cache")
    assert not held(archive), "listing unpacks nothing"
    archive.expect([name_of(3), name_of(17)])
    archive.expect([name_of(5)])
    for number in (5, 3, 17):
        assert archive.fetch(name_of(number)).read_bytes() == content_of(number)
    assert passes == [{name_of(3), name_of(5), name_of(17)}]
    archive.fetch(name_of(0))
    assert passes[1:] == [{name_of(0)}], "what is there does not come out again"
    assert len(held(archive)) == 4
    assert (
        not list(archive._folder.glob("wanted-*")) and not (archive._folder / "unpacking").exists()
    )


def test_headers_are_read_once(tmp_path, monkeypatch):
    path = made_up(tmp_path / "abc_0000_obj_v00.7z", 3)
    first = Archive(path, tmp_path / "cache").listing
    monkeypatch.setattr(abc_archive, "_list", lambda path: pytest.fail("read again"))
    assert np.array_equal(Archive(path, tmp_path / "cache").listing, first)
    os.utime(path, (1, 1))
    with pytest.raises(pytest.fail.Exception, match="read again"):
        Archive(path, tmp_path / "cache")


def test_workers_at_once_unpack_once(tmp_path, passes):
    path = made_up(tmp_path / "abc_0000_obj_v00.7z", 40)
    Archive(path, tmp_path / "cache").expect(map(name_of, range(40)))
    found: list[bytes] = []

    def work(number: int) -> None:
        found.append(Archive(path, tmp_path / "cache").fetch(name_of(number)).read_bytes())

    threads = [threading.Thread(target=work, args=[number]) for number in (1, 20, 39)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passes) == 1
    assert sorted(found) == sorted(map(content_of, (1, 20, 39)))


KILLED = """
import sys, time
from pathlib import Path
from datagen.scenes.selection import Groups, select
from datagen.sources import abc_archive
keep = abc_archive.Archive._keep
def slow(self, aside, wanted):
    print("unpacked", flush=True)
    time.sleep(60)
abc_archive.Archive._keep = slow
archive = abc_archive.Archive(Path(sys.argv[1]), Path(sys.argv[2]))
archive.expect(sys.argv[3:])
archive.fetch(sys.argv[3])
"""


def test_a_killed_pass_leaves_nothing_half_and_is_made_again(tmp_path, passes):
    path = made_up(tmp_path / "abc_0000_obj_v00.7z", 4)
    words = [sys.executable, "-c", KILLED, str(path), str(tmp_path / "cache")]
    run = subprocess.Popen([*words, name_of(1), name_of(2)], stdout=subprocess.PIPE)
    assert run.stdout is not None and run.stdout.readline() == b"unpacked\n"
    run.send_signal(signal.SIGKILL)
    run.communicate()
    archive = Archive(path, tmp_path / "cache")
    wait_for(lambda: list(archive._folder.glob("unpacking/*")), 1)
    assert not held(archive)
    assert archive.fetch(name_of(2)).read_bytes() == content_of(2)
    assert passes == [{name_of(1), name_of(2)}], "the killed one's expectations stand"
    assert not (archive._folder / "unpacking").exists()


@pytest.mark.parametrize("blocks", [1, 2])
def test_in_a_damaged_archive_the_models_before_the_damage_are_used(tmp_path, passes, blocks):
    path = made_up(tmp_path / "abc_0000_obj_v00.7z", 20, blocks)
    content = bytearray(path.read_bytes())
    content[len(content) // 4] ^= 0xFF
    path.write_bytes(content)
    archive = Archive(path, tmp_path / "cache")
    archive.expect(map(name_of, range(20)))
    sound, lost = set(), set()
    for number in range(20):
        try:
            sound.add((number, archive.fetch(name_of(number)).read_bytes()))
        except BadShape as error:
            assert str(error) == f"{path}: damaged at {name_of(number)}; download it again."
            lost.add(number)
    assert all(content == content_of(number) for number, content in sound)
    last = 19 if blocks == 1 else 9
    assert lost == set(range(min(lost), last + 1)) and 3 <= min(lost) <= 6
    assert len(passes) == blocks, "what is known to be lost costs no pass"


def test_a_cut_archive_is_named_and_the_others_serve(tmp_path):
    (tmp_path / "abc").mkdir()
    made_up(tmp_path / "abc" / "abc_0000_obj_v00.7z", 3)
    bad = tmp_path / "abc" / "abc_0001_obj_v00.7z"
    bad.write_bytes((tmp_path / "abc" / "abc_0000_obj_v00.7z").read_bytes()[:-40])
    source = open_source("abc", tmp_path / "abc", ShapeCache(tmp_path / "cache"))
    (problem,) = source.problems()
    assert problem.startswith(f"{bad}: not a whole .7z archive") and "download it again" in problem
    assert [ref.id[:8] for ref in source.refs()] == ["00000000", "00000001", "00000002"]


def test_a_cache_that_cannot_serve_is_one_sentence(tmp_path, monkeypatch):
    path = made_up(tmp_path / "abc_0000_obj_v00.7z", 1)
    (tmp_path / "file").touch()
    with pytest.raises(OddgenError, match="give --cache a folder that can be written"):
        Archive(path, tmp_path / "file")
    archive = Archive(path, tmp_path / "cache")
    monkeypatch.setattr(FileLock, "acquire", Mock(side_effect=NotImplementedError))
    with pytest.raises(OddgenError, match="knows no locks; give --cache a folder elsewhere"):
        archive.fetch(name_of(0))


@needs("abc")
def test_a_scene_from_archives_unpacks_what_was_planned(tmp_path, passes):
    """And a shape once read is not unpacked again, whatever became of the file."""
    chunk, cache = tmp_path / "chunk", ShapeCache(tmp_path / "cache")
    chunk.mkdir()
    pack(chunk / "abc_0000_obj_v00.7z", "obj", copies=30)
    settings = tiny_settings(source="abc", assets=str(chunk), anomalies=("material",), shapes=20)
    catalog = open_catalog(settings, cache.root)
    assert len(catalog.refs) == 20
    summary = generate(settings, 1, tmp_path / "out", cache.root, lambda jobs: map(run_job, jobs))
    assert not summary.failed and verify(tmp_path / "out") == []
    ((asked),) = passes
    planned = {ref.id[:8] for ref in planned_refs(settings, catalog, [0], 2)}
    assert {name[:8] for name in asked} == planned and 1 <= len(planned) <= 2
    data = Dataset(tmp_path / "out")
    used = data.spec(data.names[0]).shape.id
    assert used[:8] in planned
    left = {path.name[:8] for path in cache.root.glob("abc/*/models/*")}
    assert left == planned - {used[:8]}, "a model that was read takes no space"
    ref = next(ref for ref in catalog.refs if ref.id == used)
    assert len(load_shape(catalog.source, ref, cache).part_names) == 3
    expect(catalog.source, catalog.refs, cache)
    (note,) = cache.root.rglob("wanted-*.txt")
    assert len(note.read_text().splitlines()) == 20 - len(planned), "nor what is known or there"


def test_a_model_that_another_worker_has_read_and_dropped_comes_out_again(tmp_path, monkeypatch):
    archive = Archive(made_up(tmp_path / "abc_0000_obj_v00.7z", 2), tmp_path / "cache")
    copy, times = shutil.copyfile, []

    def dropped_first(source: Path, to: Path) -> None:
        times.append(to)
        if len(times) == 1:
            archive.drop(name_of(1))
        copy(source, to)

    monkeypatch.setattr(abc_archive.shutil, "copyfile", dropped_first)
    archive.take(name_of(1), tmp_path / "mine.obj")
    assert (tmp_path / "mine.obj").read_bytes() == content_of(1) and len(times) == 2


@needs("abc")
def test_a_bad_model_is_named_by_its_archive(tmp_path):
    path = made_up(tmp_path / "abc_0000_obj_v00.7z", 1)
    cache = ShapeCache(tmp_path / "cache")
    source = open_source("abc", path, cache)
    with pytest.raises(BadShape) as caught:
        load_shape(source, source.refs()[0], cache)
    assert str(caught.value).startswith(f"{path}/{name_of(0)}: ")
    assert str(cache.root) not in str(caught.value)


@needs("abc")
def test_the_packed_model_is_the_extracted_one(tmp_path):
    pack(tmp_path / "abc_0000_obj_v00.7z", "obj")
    cache = ShapeCache(tmp_path / "cache")
    shapes = []
    for assets in (tmp_path, ABC):
        source = open_source("abc", assets, cache)
        (ref,) = source.refs()
        assert ref.id == MODEL
        shapes.append(load_shape(source, ref, cache))
    assert np.array_equal(shapes[0].vertices, shapes[1].vertices)


@needs("abc")
def test_a_third_attempt_brings_all_later_ones_along(tmp_path, passes, monkeypatch):
    chunk, cache = tmp_path / "chunk", ShapeCache(tmp_path / "cache")
    chunk.mkdir()
    pack(chunk / "abc_0000_obj_v00.7z", "obj", copies=30)
    settings = tiny_settings(source="abc", assets=str(chunk), anomalies=("material",))
    catalog = open_catalog(settings, cache.root)
    monkeypatch.setattr(scene, "build_shapes", read_in_vain)
    expect(catalog.source, planned_refs(settings, catalog, [0], EXPECTED), cache)
    with pytest.raises(SceneFailed):
        scene.prepare_scene(settings, catalog, 0, Journal())
    planned = {ref.id[:8] for ref in planned_refs(settings, catalog, [0], scene.SHAPE_ATTEMPTS)}
    first, further = passes
    assert first.isdisjoint(further) and {name[:8] for name in first | further} == planned


def read_in_vain(plan, catalog, settings, journal) -> None:
    load_shape(catalog.source, plan.ref, catalog.cache)


def test_a_mixed_source_of_many_is_drawn_from_as_a_list_would_be(tmp_path):
    path = made_up(tmp_path / "abc_0000_obj_v00.7z", 20)
    source = open_source("builtin+abc", path, ShapeCache(tmp_path / "cache"))
    many = source.refs()
    assert isinstance(many, ManyRefs)
    refs = sorted(many, key=lambda ref: ref.id)
    assert [ref.id for ref in many] == [ref.id for ref in refs]
    kinds = Counter(ref.category.partition("-")[0] for ref in refs)
    assert kinds["abc"] == 20 and set(kinds) == {"abc", "builtin"}
    for changes in ({}, {"split": "seen"}, {"shapes": 40}, {"benchmark": PARTS.benchmark}):
        settings = tiny_settings(source="builtin+abc", **changes)
        compact, listed = select(many, settings)[0], select(refs, settings)[0]
        assert isinstance(compact, ManyRefs) and list(compact) == list(listed)
        assert drawn(compact) == drawn(listed)


def drawn(refs) -> list[str]:
    rng, groups = np.random.default_rng(1), Groups(refs)
    return [groups.draw(rng).id for _ in range(50)]


def test_a_mixed_source_hands_expectations_on_but_for_what_is_known(tmp_path):
    path = made_up(tmp_path / "abc_0000_obj_v00.7z", 3)
    source = open_source("builtin+abc", path, ShapeCache(tmp_path / "cache"))
    refs = [ref for ref in source.refs() if ref.id.startswith("abc/") or "mug_00" in ref.id]
    known = next(ref for ref in refs if ref.id.startswith("abc/00000001"))
    source.expect(refs, lambda ref: ref == known)
    (note,) = (tmp_path / "cache").rglob("wanted-*.txt")
    assert note.read_text().splitlines() == [name_of(0), name_of(2)]


def test_a_pass_holds_little_of_the_archive_in_memory(tmp_path):
    """py7zr alone would read ahead for every model, and end with all of it."""
    path = tmp_path / "abc_0000_obj_v00.7z"
    small = [{"id": py7zr.FILTER_LZMA2, "preset": 0, "dict_size": 2**18}]
    with py7zr.SevenZipFile(path, "w", filters=small) as made:
        made.set_encoded_header_mode(False)  # or reading it would take most
        for number in range(120):
            made.writestr(np.random.default_rng(number).bytes(40_000), name_of(number))
    archive = Archive(path, tmp_path / "cache")
    tracemalloc.start()
    archive.fetch(name_of(119))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < path.stat().st_size / 3
