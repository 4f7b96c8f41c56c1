"""oddbench score --checkpoint: predictions in each protocol, kept, beside those of others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmark.scoring.checkpoints import run_names
from benchmark.scoring.ground_truth import read_truth
from cli import oddbench
from tests.support.random_detector import random_run
from tests.support.scores import make_dataset, noisy, write_answers


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_dataset(tmp_path_factory.mktemp("data") / "out")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_run(tmp_path_factory.mktemp("runs") / "a")


def score(*arguments: object) -> Result:
    return CliRunner().invoke(oddbench, ["score", *map(str, arguments)])


def test_a_checkpoint_is_scored_in_both_protocols_beside_a_file(
    data: Path, run: Path, tmp_path: Path
) -> None:
    other = write_answers(tmp_path / "other.jsonl", read_truth(data), noisy(0))
    options = ["--data", data, "--split", "unseen", "--out", tmp_path / "scores", "--draws", 100]
    result = score(
        *options, "--checkpoint", run, "--predictions", other, "--views", 2, "--views", 3
    )
    assert result.exit_code == 0, result.output
    scores = json.loads((tmp_path / "scores/scores.json").read_text())
    told = sorted(
        (entry["detector"], entry["protocol"], len(entry["views"])) for entry in scores["runs"]
    )
    ours = [
        ("odd-one-out", protocol, m) for protocol in ("predicted", "true-boxes") for m in (2, 3)
    ]
    assert told == sorted([*ours, ("sample", "true-boxes", 3)])
    given = [entry for entry in scores["runs"] if entry["protocol"] == "true-boxes"]
    assert all(entry["figures"]["recall"]["value"] == 1 for entry in given)
    assert not any(entry["missing"] or entry["failed"] for entry in scores["runs"])
    assert len({entry["name"] for entry in scores["runs"]}) == 5


def test_the_same_command_again_predicts_nothing_anew(
    data: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ["--data", data, "--out", tmp_path, "--checkpoint", run, "--views", 2]
    assert score(*options, "--split", "seen", "--draws", 100).exit_code == 0
    files = sorted((tmp_path / "predictions").rglob("*.jsonl"))
    assert [str(path.relative_to(tmp_path)) for path in files] == [
        "predictions/2-views/a-predicted.jsonl",
        "predictions/2-views/a-true-boxes.jsonl",
    ]
    before = [path.read_bytes() for path in files], (tmp_path / "scores.json").read_bytes()
    from benchmark.training.detector import TrainedDetector

    def never(*_: object) -> None:
        raise AssertionError("predicted again")

    monkeypatch.setattr(TrainedDetector, "predict", never)
    assert score(*options, "--split", "seen", "--draws", 100).exit_code == 0
    assert before == (
        [path.read_bytes() for path in files],
        (tmp_path / "scores.json").read_bytes(),
    )


def test_checkpoints_have_names_of_their_own(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("x/a", "y/a", "b")]
    for folder in folders:
        folder.mkdir(parents=True)
    assert run_names([*folders, tmp_path / "b/last.pt"]) == ["a", "a-2", "b", "b-last"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "give --predictions or --checkpoint"),
        (["--checkpoint", "nowhere"], "nowhere: no such file"),
        (["--checkpoint", "{run}", "--views", "7"], "--views 7: the scenes have 6 views"),
    ],
)
def test_a_wrong_request_is_one_sentence(
    data: Path, run: Path, tmp_path: Path, options: list[str], sentence: str
) -> None:
    filled = [option.format(run=run) for option in options]
    result = score("--data", data, "--out", tmp_path / "out", *filled)
    assert result.exit_code == 1
    assert sentence in result.output and "Traceback" not in result.output
