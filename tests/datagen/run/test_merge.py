"""Scenes made in shares and merged are those of one run, to the last byte of every shard."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import oddgen
from datagen.dataset.reader import Dataset, read_index
from tests.support.runs import OPTIONS

SCENES = 3


def run(*words: object) -> Result:
    return CliRunner().invoke(oddgen, [str(word) for word in words])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two parts of a dataset, and the whole of it by one run."""
    folder = tmp_path_factory.mktemp("merge")
    asked = "generate", *OPTIONS, "--scenes", SCENES, "--cache", folder / "cache", "--labels-only"
    for rank in (0, 1):
        part = folder / f"part-{rank}"
        result = run(*asked, "--rank", rank, "--world-size", 2, "--out", part)
        assert result.exit_code == 0, result.output
    assert run(*asked, "--out", folder / "whole").exit_code == 0
    return folder


def test_parts_hold_their_scenes_and_are_in_order(made: Path) -> None:
    names = [Dataset(made / f"part-{rank}").names for rank in (0, 1)]
    assert [[int(name[-1]) for name in part] for part in names] == [[0, 2], [1]]
    assert run("verify", made / "part-1").exit_code == 0


def test_merged_they_are_the_whole(made: Path, tmp_path: Path) -> None:
    asked = "merge", made / "part-0", made / "part-1", "--out", tmp_path / "all"
    first = run(*asked)
    assert first.exit_code == 0 and "written 3, kept 0" in first.output, first.output
    merged, whole = read_index(tmp_path / "all"), read_index(made / "whole")
    assert merged == whole
    assert run("verify", tmp_path / "all").exit_code == 0
    assert "written 0, kept 3" in run(*asked).output


def test_a_merge_that_lost_a_shard_makes_it_again(made: Path, tmp_path: Path) -> None:
    asked = "merge", made / "part-0", made / "part-1", "--out", tmp_path / "all"
    assert run(*asked).exit_code == 0
    (tmp_path / "all" / "shards" / "shard-00001.h5").unlink()
    assert "written 1, kept 2" in run(*asked).output
    assert read_index(tmp_path / "all") == read_index(made / "whole")


def test_what_does_not_go_together_is_refused(made: Path, tmp_path: Path) -> None:
    zero, one, out = made / "part-0", made / "part-1", tmp_path / "all"
    lacking = run("merge", zero, "--out", out)
    assert lacking.exit_code == 1 and "1 of 3 scenes are in none" in lacking.output
    twice = run("merge", zero, one, zero, "--out", out)
    assert twice.exit_code == 1 and "a part is named twice" in twice.output
    shutil.copytree(zero, tmp_path / "copy")
    copied = run("merge", zero, tmp_path / "copy", one, "--out", tmp_path / "b")
    assert copied.exit_code == 1 and "holds too; give each part once" in copied.output
    options = list(OPTIONS)
    asked = "generate", *options, "--scenes", SCENES, "--seed", 9, "--labels-only"
    other = *asked, "--rank", 1, "--world-size", 2, "--out", tmp_path / "other"
    assert run(*other).exit_code == 0
    mixed = run("merge", zero, tmp_path / "other", "--out", tmp_path / "c")
    assert mixed.exit_code == 1 and "has other settings than" in mixed.output
    again = run(*asked, "--out", tmp_path / "other")
    assert again.exit_code == 1 and "share rank 1 of 2 -> None" in again.output


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--rank", "1"), "give --rank and --world-size together"),
        (("--rank", "2", "--world-size", "2"), "counts from 0 to 1"),
    ],
)
def test_a_share_is_whole(tmp_path: Path, given: tuple[str, ...], told: str) -> None:
    result = run("generate", "--scenes", 1, *given, "--out", tmp_path / "out")
    assert result.exit_code != 0 and told in result.output
