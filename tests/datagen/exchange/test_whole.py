"""Exports appear whole; what a killed one left goes with the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from datagen.errors import OddgenError
from datagen.exchange.whole import new_folder


def test_what_a_killed_export_left_goes_with_the_next(tmp_path: Path) -> None:
    left, others = tmp_path / ".made[1].77.part", tmp_path / ".made.77.part"
    for folder in (left, others):
        (folder / "images").mkdir(parents=True)
    with new_folder(tmp_path / "made[1]") as aside:
        (aside / "a.txt").write_text("a")
        assert not left.exists() and others.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".made.77.part", "made[1]"]


def test_a_fault_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(OddgenError, match="made: No space left"),
        new_folder(tmp_path / "made") as aside,
    ):
        (aside / "a.txt").write_text("a")
        raise OSError(28, "No space left on device")
    assert not list(tmp_path.iterdir())
