"""A file system without locks is told, and nothing else changes."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import h5py
import pytest
from click.testing import CliRunner
from filelock import FileLock

from cli import oddgen
from datagen.base.locks import NoLocks, alone
from datagen.dataset.hdf5 import new_file, open_file
from datagen.errors import OddgenError


@pytest.fixture()
def lockless(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", none)


def test_a_second_run_is_kept_out(tmp_path: Path) -> None:
    with (
        FileLock(tmp_path / ".lock"),
        pytest.raises(OddgenError, match="busy"),
        alone(tmp_path / ".lock", "busy"),
    ):
        raise AssertionError
    with alone(tmp_path / ".lock", "busy"):
        pass


def test_without_locks_all_goes_on_and_it_is_said(tmp_path: Path, lockless: None) -> None:
    with pytest.warns(NoLocks, match="knows no locks"), alone(tmp_path / ".lock", "busy"):
        pass
    asked = ["generate", "--scenes", "1", "--labels-only", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(oddgen, asked)
    assert result.exit_code == 0, result.output
    assert f"Note: {tmp_path}/out: this file system knows no locks" in result.output
    assert CliRunner().invoke(oddgen, ["verify", str(tmp_path / "out")]).exit_code == 0


def test_a_good_file_is_read_where_hdf5_cannot_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = h5py.File

    def opened(path: Path, mode: str, locking: bool = True, **more: Any) -> h5py.File:
        if locking:
            raise OSError(errno.ENOLCK, "No locks available")
        return whole(path, mode, locking=False, **more)

    monkeypatch.setattr("h5py.File", opened)
    with new_file(tmp_path / "file.h5") as file:
        file["array"] = [1, 2]
    with open_file(tmp_path / "file.h5") as file:
        assert file["array"][()].tolist() == [1, 2]
    (tmp_path / "file.h5").write_bytes(b"no HDF5")
    with pytest.raises(OSError):
        open_file(tmp_path / "file.h5")
