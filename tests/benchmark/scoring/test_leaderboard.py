"""A leaderboard ranks what was scored on the same scenes, and mixes nothing."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmark.scoring.leaderboard import boards, read_results
from cli import oddbench
from datagen.errors import OddgenError


def run(*words: object) -> Result:
    return CliRunner().invoke(oddbench, [str(word) for word in words])


@pytest.fixture(scope="module")
def scored(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of oddbench score, by detector."""
    folder = tmp_path_factory.mktemp("scored")
    found = {}
    for name in ("all-normal", "size-outlier"):
        file = folder / f"{name}.jsonl"
        asked = "--data", dataset, "--split", "all"
        made = run("predict", *asked, "--views", 3, "--detector", name, "--out", file)
        assert made.exit_code == 0, made.output
        made = run("score", *asked, "--predictions", file, "--draws", 100, "--out", folder / name)
        assert made.exit_code == 0, made.output
        found[name] = folder / name
    return found


def test_a_page_ranks_by_auc(scored: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "board.html"
    made = run("leaderboard", *scored.values(), "--draws", 100, "--out", out)
    assert made.exit_code == 0, made.output
    page = out.read_text()
    assert page.count("<tr") == 3 and "src=" not in page
    (board,) = boards(read_results(list(scored.values())), 50, 0)
    aucs = [float(re.split(r"[ \[]", row.auc)[0]) for row in board.rows]
    assert aucs == sorted(aucs, reverse=True) and [row.rank for row in board.rows] == [1, 2]
    assert board.rows[0].against == "" and "p" in board.rows[1].against
    assert {row.name for row in board.rows} == set(scored)


def test_other_protocols_are_apart(scored: dict[str, Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(scored["all-normal"], copy)
    for file in (copy / "scores.json", *(copy / "outcomes").glob("*.json")):
        content = file.read_text().replace('"true-boxes"', '"count"')
        file.write_text(
            content.replace('"protocol_version":2,', "").replace('"protocol_version": 2,', "")
        )
    entries = read_results([scored["size-outlier"], copy])
    assert len(boards(entries, 20, 0)) == 2


def test_mixtures_are_refused(scored: dict[str, Path], tmp_path: Path) -> None:
    for key, told in (("digest", "other datasets"), ("split", "other splits")):
        copy = tmp_path / key
        shutil.copytree(scored["all-normal"], copy)
        content = json.loads((copy / "scores.json").read_text())
        (copy / "scores.json").write_text(json.dumps(content | {key: "unseen"}))
        with pytest.raises(OddgenError, match=told):
            read_results([scored["size-outlier"], copy])
    result = run("leaderboard", tmp_path / "none")
    assert result.exit_code != 0 and "give the --out folder of oddbench score" in result.output
    (tmp_path / "scores.json").write_text("{}")
    assert "no scores" in run("leaderboard", tmp_path).output
