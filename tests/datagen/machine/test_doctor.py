"""oddgen doctor: what is missing is named with its remedy, and the status tells scripts."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import oddgen
from datagen.machine.folders import folder_findings
from datagen.machine.memory import memory_finding
from datagen.machine.packages import package_findings, python_finding
from tests.support.paths import REPOSITORY


def test_where_the_tests_run_all_is_there(tmp_path: Path) -> None:
    result = CliRunner().invoke(oddgen, ["doctor", "--out", str(tmp_path / "new" / "out")])
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert all(line.startswith(("ok ", "note ")) for line in lines)
    for about in ("Python: 3.", "system libraries: ", "Blender: ", "GPU: ", "Open3D: ", "memory: ",
                  "output folder: ", "locks of the output folder: ", "cache folder: "):  # fmt: skip
        assert sum(line[7:].startswith(about) for line in lines) == 1, about
    assert not (tmp_path / "new").exists(), "only looks"


def test_missing_libraries_and_a_blender_that_crashes(tmp_path: Path) -> None:
    """ldd lists them all, one that we know by its package; both imports fail in their own way."""
    ldd = tmp_path / "bin" / "ldd"
    ldd.parent.mkdir()
    ldd.write_text(
        "#!/bin/sh\nprintf '\\tlibSM.so.6 => not found\\n\\tlibodd.so.1 => not found\\n'\n"
    )
    ldd.chmod(0o755)
    fakes = tmp_path / "fakes"
    fakes.mkdir()
    (fakes / "bpy.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    (fakes / "open3d.py").write_text(
        "raise ImportError('libGL.so.1: cannot open shared object file: No such file')\n"
    )
    words = [sys.executable, "-c", "from cli import oddgen; oddgen()", "doctor", "--out", tmp_path]
    environment = os.environ | {
        "PATH": f"{ldd.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{fakes}{os.pathsep}{REPOSITORY}",
    }
    ended = subprocess.run(
        [str(word) for word in words], env=environment, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 1 and ended.stderr == ""
    wrong = [line for line in ended.stdout.splitlines() if line.startswith("wrong")]
    assert wrong == [
        "wrong  system libraries: libSM.so.6, libodd.so.1 missing; apt-get install libsm6 and "
        "install what holds libodd.so.1.",
        "wrong  Blender: cannot be loaded, crashes its process (SIGSEGV); free memory, or pip "
        "install --force-reinstall bpy.",
        "wrong  Open3D: libGL.so.1 is missing on this machine; apt-get install libgl1, and run "
        "again.",
    ]


def test_packages_that_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "odd_one_out-9.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: odd-one-out\nVersion: 9\nRequires-Python: <3\n"
        "Requires-Dist: numpy>=1000\nRequires-Dist: no-such-thing>=2\n"
        'Requires-Dist: no-viewer; extra == "view"\n'
        'Requires-Dist: numpy; extra == "model"\n'
        'Requires-Dist: odd-one-out[model]; extra == "similar"\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert python_finding().state == "wrong"
    needed, view, model, similar, _ = package_findings()
    assert needed.state == "wrong"
    assert str(needed) == "packages: no-such-thing>=2 missing; pip install 'no-such-thing>=2'."
    assert view.state == "note" and "pip install 'odd-one-out[view]'" in view.remedy
    assert model.state == similar.state == "ok" and "numpy" in similar.told


def test_a_folder_that_cannot_be_written_or_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "out", Path("/proc/oddgen")):
        (finding,) = folder_findings("output folder", folder, "--out")
        assert finding.state == "wrong" and "--out" in finding.remedy, finding

    def locked(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", locked)
    right, locks = folder_findings("output folder", tmp_path, "--out")
    assert right.state == "ok" and locks.state == "note"
    assert "knows none" in locks.told and "start no second run" in locks.remedy
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_containers_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datagen.machine.memory.CONTAINER", tmp_path)
    assert memory_finding().state == "ok"
    (tmp_path / "memory.max").write_text("2000000000\n")
    (tmp_path / "memory.current").write_text("1700000000\n")
    finding = memory_finding()
    assert finding.state == "wrong" and "0.3 of 2.0 GB free" in finding.told
