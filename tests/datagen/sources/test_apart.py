"""Importers run apart: a file that crashes, hangs or fills them costs itself and nothing else."""

from __future__ import annotations

import ast
import codecs
import os
import signal
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import trimesh
from click.testing import CliRunner

from cli import oddgen
from datagen.base.files import special_fault
from datagen.base.parallel import Died, WarmProcess, close_pool, open_pool
from datagen.base.reading import library_missing, reading, told
from datagen.dataset.reader import Dataset
from datagen.errors import BadShape, NotNow, OddgenError
from datagen.geometry.cache import ShapeCache
from datagen.sources import importing
from datagen.sources.open import load_shape, open_source
from tests.support.data import CASES, needs


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def hang() -> None:
    time.sleep(60)


def fill() -> int:
    return len(bytearray(3 << 30))


def my_pid() -> int:
    return os.getpid()


def raise_bad() -> None:
    raise BadShape("a.stl: no good; remove it.")


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmProcess]:
    process = WarmProcess("importer", seconds=3.0, data=1 << 30)
    yield process
    process.close()


def test_what_happens_there_stays_there(warm: WarmProcess) -> None:
    first = warm.call(my_pid)
    assert first == warm.call(my_pid) != os.getpid()  # kept warm
    with pytest.raises(Died, match="SIGSEGV"):
        warm.call(crash)
    with pytest.raises(Died, match="longer than 3 s"):
        warm.call(hang)
    with pytest.raises(MemoryError):
        warm.call(fill)
    with pytest.raises(BadShape, match=r"a\.stl: no good"):
        warm.call(raise_bad)
    assert warm.call(my_pid) != first  # another, and it works


_held = WarmProcess("importer", seconds=30.0, data=1 << 30)


def both_pids() -> tuple[int, int]:
    return os.getpid(), _held.call(my_pid)


def test_a_worker_that_is_replaced_ends_its_own() -> None:
    pool = open_pool(1, jobs_each=1)
    try:
        pids = [pool.schedule(both_pids).result(timeout=60) for _ in range(3)]
    finally:
        close_pool(pool)
    assert len({pid for pair in pids for pid in pair}) == 6
    for _, own in pids[:2]:
        with pytest.raises(ProcessLookupError):
            os.kill(own, 0)


@needs("cases")
def test_a_crash_becomes_the_files_fault_and_is_remembered(tmp_path: Path) -> None:
    name = "step-flip4.step"
    cache = ShapeCache(tmp_path)
    source = open_source("folder", CASES / "malformed/meshes" / name, cache)
    for _ in range(2):
        with pytest.raises(BadShape, match=f"{name}: crashes its importer") as caught:
            load_shape(source, source.refs()[0], cache)
        assert str(caught.value).endswith("export it again or remove it.")


@needs("cases")
def test_bad_files_among_good_ones_cost_no_scene(tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    parts.mkdir()
    trimesh.creation.box((1, 2, 3)).export(parts / "box.stl")
    trimesh.creation.annulus(0.2, 1, 0.4).export(parts / "washer.stl")
    bad = ("ply-idx.ply", "obj-v_word.obj", "3mf-flip0.3mf", "gltf-meshidx.gltf")
    for name in bad:
        (parts / name).write_bytes((CASES / "malformed/meshes" / name).read_bytes())
    arguments = (
        f"generate --source folder --assets {parts} --scenes 6 --labels-only --objects 2-2 "
        f"--resolution 32 --views 2 --out {tmp_path / 'out'} --cache {tmp_path / 'cache'}"
    )
    result = CliRunner().invoke(oddgen, arguments.split())
    assert result.exit_code == 0, result.output
    assert len(Dataset(tmp_path / "out")) == 6
    told_of = [name for name in bad if f"{name}: " in result.output]
    assert told_of and "Traceback" not in result.output


def test_faults_of_the_moment_are_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trimesh.creation.box().export(tmp_path / "box.stl")
    cache = ShapeCache(tmp_path / "cache")
    source = open_source("folder", tmp_path / "box.stl", cache)
    (ref,) = source.refs()

    def full(path: Path, up: str | None, max_faces: int) -> None:
        with reading(path, "export it again", BadShape):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("datagen.sources.file_source.import_apart", full)
    with pytest.raises(NotNow, match="No space left on device"):
        load_shape(source, ref, cache)
    monkeypatch.setattr("datagen.sources.file_source.import_apart", importing.import_apart)
    assert len(load_shape(source, ref, cache).faces) == 12


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (ValueError("bad\nlast line."), BadShape, "cannot be read \\(last line\\); mend it"),
        (KeyError("mesh"), BadShape, "KeyError 'mesh'"),
        (RecursionError("too deep"), BadShape, "too deep"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "odd"), BadShape, "can't decode"),
        (PermissionError(13, "Permission denied"), BadShape, "Permission denied; mend it"),
        (MemoryError(), NotNow, "memory ran out"),
        (OSError(28, "No space left on device"), NotNow, "No space left"),
        (ImportError("libX11.so.6: cannot open shared object file"), NotNow, "apt-get install lib"),
        (AssertionError("ours"), AssertionError, "ours"),
        (OddgenError("as it is"), OddgenError, "as it is"),
    ],
)
def test_whatever_a_reader_raises_is_one_sentence(
    error: Exception, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words), reading("a.obj", "mend it", BadShape):
        raise error


def test_what_libraries_raise_of_a_file_is_never_a_programs_fault() -> None:
    """Pillow raises SyntaxError of a broken PNG, zipfile NotImplementedError of odd packing."""
    with pytest.raises(BadShape, match="a.obj: cannot be read"), reading("a.obj", "x", BadShape):
        ast.literal_eval("(")
    with pytest.raises(BadShape, match="cannot be read"), reading("a.obj", "mend it", BadShape):
        codecs.IncrementalEncoder().encode("")


def test_of_blenders_scripts_the_reason_is_told_and_not_the_place() -> None:
    error = RuntimeError("Error: Python: Traceback\nIndexError: index 5\nLocation: ops.py:109\n")
    assert told(error) == "IndexError: index 5"


def test_an_import_error_of_our_own_stays_one() -> None:
    error = ImportError("cannot import name x")
    assert library_missing(error) is error
    assert told(ValueError("x" * 500)).endswith(" ...") and len(told(ValueError("x" * 500))) < 200


def test_pipes_and_devices_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert special_fault(tmp_path / "pipe") == "is a pipe, no file"
    assert special_fault(Path("/dev/zero")) == "is a device, no file"
    assert special_fault(tmp_path) is None and special_fault(tmp_path / "none") is None
    (tmp_path / "part.obj").write_text("mtllib pipe\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    cache = ShapeCache(tmp_path / "cache")
    source = open_source("folder", tmp_path / "part.obj", cache)
    with pytest.raises(BadShape, match="pipe, which is a pipe, no file"):
        load_shape(source, source.refs()[0], cache)


def test_a_file_that_takes_more_memory_than_there_is_is_at_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 3MF of a megabyte that unpacks to more than the importer may hold."""
    path = tmp_path / "bomb.3mf"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("3D/3dmodel.model", "w", force_zip64=True) as model,
    ):
        for _ in range(1500):
            model.write(bytes(1 << 20))
    small = WarmProcess("importer", seconds=60.0, data=1 << 30)
    monkeypatch.setattr(importing, "_importer", small)
    cache = ShapeCache(tmp_path / "cache")
    source = open_source("folder", path, cache)
    for _ in range(2):  # the second time it is known
        with pytest.raises(BadShape, match=r"bomb\.3mf: takes too much memory"):
            load_shape(source, source.refs()[0], cache)
    small.close()


def test_a_killed_importer_is_the_moments_fault(warm: WarmProcess) -> None:
    with pytest.raises(NotNow, match="the importer was killed"):
        warm.call(end_myself)


def end_myself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
