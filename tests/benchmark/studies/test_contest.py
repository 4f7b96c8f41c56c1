"""Studies: cells that are done once, answers that are known, failures that are named."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from benchmark.detectors.interface import BUILTIN
from benchmark.detectors.predictions import Header, Predictions
from benchmark.scoring.ground_truth import SceneTruth
from benchmark.scoring.outcome import Outcome
from benchmark.studies.contest.asked import Answered, Asked, cells_of
from benchmark.studies.contest.by_object import by_shared_defect
from benchmark.studies.contest.by_training import ask_variants
from benchmark.studies.contest.minority import minority
from benchmark.studies.contest.request import Contestant, StudyRequest, contestants
from benchmark.studies.contest.threshold import by_threshold
from cli import oddbench
from datagen.errors import OddgenError

MINE = Contestant("mine", "mine", ("--detector", "mine"))


def study(*words: str) -> Result:
    return CliRunner().invoke(oddbench, ["study", *words])


def answered(
    anomalous: np.ndarray, score: np.ndarray, pixels: np.ndarray | None = None, alike: bool = False
) -> Answered:
    """Scenes (S, N) of objects that were all found, at the very boxes."""
    count, size = anomalous.shape
    objects = count * size
    scenes = tuple(
        SceneTruth(
            f"scene-{k}",
            np.zeros((size, 2, 3)),
            odd,
            tuple("bump" if one else "" for one in odd),
            False,
            defect_pixels=None if pixels is None else pixels[k][:, None],
            alike=tuple(int(odd.sum()) if one and alike else int(one) for one in odd),
        )
        for k, odd in enumerate(anomalous)
    )
    outcome = Outcome(
        names=tuple(scene.name for scene in scenes),
        scene=np.repeat(np.arange(count), size),
        anomalous=anomalous.ravel(),
        kinds=np.where(anomalous.ravel(), "bump", ""),
        score=score.ravel().astype(float),
        iou=np.ones(objects),
        box_scene=np.repeat(np.arange(count), size),
        box_score=score.ravel().astype(float),
        box_object=np.arange(objects),
    )
    header = Header("mine", "true-boxes", (0,))
    return Answered(Predictions(Path("mine.jsonl"), header, {}), scenes, outcome)


def request(out: Path, *given: Contestant, **more: object) -> StudyRequest:
    data = (Path("data"),)
    return StudyRequest(data, (Path("train"),), out, given or (MINE,), draws=50, **more)  # type: ignore[arg-type]


def asked_of(one: Contestant = MINE) -> Asked:
    return Asked(one, Path("data"), "unseen", 5, "true-boxes")


def test_cells_are_done_once_and_pages_are_written(dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "study"
    words = ["objects", "--data", str(dataset), "--split", "all", "--views", "3"]
    words += ["--protocol", "true-boxes", "--out", str(out)]
    words += ["--detector", "all-normal", "--detector", "size-outlier"]
    plan = study(*words, "--dry-run")
    assert plan.output.count("2 s  oddbench predict") == 2 and not out.exists()
    assert "all in all about 5 s of one core" in plan.output
    first = study(*words)
    assert first.exit_code == 0, first.output
    assert {path.name for path in out.glob("objects.*")} == {
        f"objects.{kind}" for kind in ("csv", "md", "png", "svg", "html")
    }
    with (out / "objects.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["detector"] for row in rows] == ["all-normal", "size-outlier"]
    assert rows[0]["auc"] == "0.5000" and rows[0]["objects"] == "12"
    marks = {path: path.stat().st_mtime_ns for path in (out / "cells").iterdir()}
    again = study(*words)
    assert again.exit_code == 0 and "all-normal" in again.output
    assert marks == {path: path.stat().st_mtime_ns for path in (out / "cells").iterdir()}
    assert study(*words, "--dry-run").output.count("done  oddbench predict") == 2


def test_a_cell_that_fails_is_named_and_the_others_count(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A detector that was there when the study began and cannot be loaded by its cell."""
    monkeypatch.setitem(BUILTIN, "no-such-one", "nowhere:Nobody")
    out = tmp_path / "study"
    words = ["table1", "--data", str(dataset), "--views", "3", "--protocol", "true-boxes"]
    words += ["--detector", "all-normal", "--detector", "no-such-one", "--out", str(out)]
    result = study(*words)
    assert result.exit_code == 1
    text = (out / "table1.md").read_text()
    assert "no detector of this name is installed" in text
    assert "| all-normal |" in text and "failed: predict-no-such-one" in text


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("--detector nope", "nope: no detector of this name is installed; choose one of"),
        ("--checkpoint nope", "nope: no such file or folder; give the --out folder"),
        ("--train nope:nano --train-data DATA", "--train nope: no such model; choose one of"),
        ("--train detr3d:nope --train-data DATA", "--train detr3d:nope: no such preset"),
        ("--train detr3d:nano --train-data nope", "Error: nope"),
        ("--detector all-normal --views 9", "the scenes have 3 views; give 1 to 3"),
        ("--detector all-normal --reference nope", "nope: no such file or folder"),
    ],
)
def test_what_cannot_be_is_one_sentence_before_any_cell(
    dataset: Path, tmp_path: Path, given: str, told: str
) -> None:
    out = tmp_path / "study"
    words = given.replace("DATA", str(dataset)).split()
    asked = ["objects", "--data", str(dataset), "--split", "all", "--views", "3"]
    result = study(*asked, *words, "--out", str(out))
    assert result.exit_code == 1 and len(result.output.splitlines()) == 1, result.output
    assert told in result.output and not out.exists(), result.output


def test_the_size_from_which_on_defects_are_found_is_known(tmp_path: Path) -> None:
    """Of 100 pixels and more all are found, of fewer none: half of the normals rank below."""
    rng = np.random.default_rng(0)
    anomalous = np.zeros((60, 4), bool)
    anomalous[:, 0] = True
    pixels = np.where(anomalous, np.exp(rng.uniform(np.log(5), np.log(2000), (60, 4))), 0)
    score = np.where(anomalous, np.where(pixels >= 100, 0.9, 0.5), 0.5)
    answers = {asked_of(): answered(anomalous, score, pixels.astype(int))}
    table = by_threshold(request(tmp_path), answers)
    by_group = {row.group: row.figures["auc"].value for row in table.rows}
    assert by_group["30-99"] == 0.5 and by_group["300-999"] == 1.0
    told = next(note for note in table.notes if "all types" in note)
    size = float(told.split("from ")[1].split(" pixels")[0])
    assert 100 <= size < 130, told
    nothing = {asked_of(): answered(anomalous, np.full((60, 4), 0.5), pixels.astype(int))}
    assert "not reached at any size" in by_threshold(request(tmp_path), nothing).notes[0]


def test_the_fewer_are_called_odd_whoever_they_are(tmp_path: Path) -> None:
    anomalous = np.array([[k < few for k in range(6)] for few in (1, 2, 3, 4, 5)] * 3)
    fewer = np.where(anomalous.sum(axis=1, keepdims=True) <= 3, anomalous, ~anomalous)
    score = np.where(fewer, 0.8, 0.1)
    table = minority(request(tmp_path), {asked_of(): answered(anomalous, score)})
    called = {(row.of, row.x): row.figures["called"].value for row in table.rows}
    assert [called["mine: the first shape", few] for few in range(1, 6)] == [1, 1, 1, 0, 0]
    assert [called["mine: the other", few] for few in range(1, 6)] == [0, 0, 0, 1, 1]
    assert all(row.figures["auc"].value == 1 for row in table.rows)


def test_those_who_share_a_defect_are_apart(tmp_path: Path) -> None:
    anomalous = np.array([[True, False, False, False], [True, True, False, False]] * 4)
    score = np.where(anomalous, np.where(anomalous.sum(1, keepdims=True) > 1, 0.2, 0.9), 0.5)
    table = by_shared_defect(
        request(tmp_path), {asked_of(): answered(anomalous, score, alike=True)}
    )
    assert [(row.group, row.figures["auc"].value) for row in table.rows] == [("1", 1.0), ("2", 0.0)]


@pytest.mark.slow
def test_few_pieces_are_shown_at_a_time(dataset: Path, tmp_path: Path) -> None:
    """One piece has nobody to differ from; all at once are as without the option."""
    asked = ["--data", str(dataset), "--split", "all", "--views", "3", "--detector", "size-outlier"]
    out = tmp_path / "study"
    result = study("siblings", *asked, "--protocol", "true-boxes", "--out", str(out))
    assert result.exit_code == 0, result.output
    with (out / "siblings.csv").open() as file:
        auc = {row["at once"]: row["auc"] for row in csv.DictReader(file)}
    assert auc["1"] == "0.5000" and auc["3"] == auc["6"] == auc["all"]
    assert study("siblings", *asked, "--out", str(out)).exit_code != 0


def test_seeds_are_averaged_and_trained_apart(tmp_path: Path) -> None:
    more = ["epochs=3"]
    given = contestants([], [], ["odd-one-out:voxel-nano"], [Path("train")], 2, tmp_path, more)
    assert len({one.key for one in given}) == 2 and len({one.name for one in given}) == 1
    cells = cells_of(ask_variants(request(tmp_path, *given)), tmp_path)
    trainings = [cell for cell in cells if cell.words[0] == "train"]
    assert len(trainings) == 8 and len(cells) == 16
    assert all(cell.words[-2:] == ("--epochs", "3") for cell in trainings)
    assert sum("--variant" in cell.words for cell in trainings) == 6
    for cell in cells:
        if cell.words[0] == "predict":
            assert cell.after and cell.words[cell.words.index("--checkpoint") + 1] in {
                str(one.makes) for one in trainings if one.name in cell.after
            }
    anomalous = np.array([[True, False]] * 4)
    good, bad = np.where(anomalous, 0.9, 0.1), np.where(anomalous, 0.1, 0.9)
    answers = {asked_of(given[0]): answered(anomalous, good, alike=True)}
    answers[asked_of(given[1])] = answered(anomalous, bad, alike=True)
    (row,) = by_shared_defect(request(tmp_path), answers).rows
    assert row.figures["auc"].value == 0.5


def test_two_runs_of_one_name_are_two_contestants(tmp_path: Path) -> None:
    """What has one name is averaged as seeds of one detector."""
    runs = [Path("a/det"), Path("b/det"), Path("a/other")]
    given = contestants(["mine", "mine"], [*runs, runs[0]], [], [], 1, tmp_path)
    assert [one.name for one in given] == ["mine", "a/det", "b/det", "other"]
    assert len({one.key for one in given}) == 4


def test_an_option_needs_a_value(tmp_path: Path) -> None:
    with pytest.raises(OddgenError, match="--train-option epochs: give NAME=VALUE"):
        contestants([], [], ["odd-one-out:nano"], [Path("train")], 1, tmp_path, ["epochs"])


@pytest.mark.parametrize("text", ["nano", "odd-one-out:nano:D", ":nano"])
def test_what_is_no_model_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(OddgenError, match="--train"):
        contestants([], [], [text], [Path("train")], 1, tmp_path)


def test_a_study_of_the_minority_needs_its_own_scenes(dataset: Path, tmp_path: Path) -> None:
    result = study("minority", "--data", str(dataset), "--out", str(tmp_path / "out"))
    assert result.exit_code != 0 and "--odd-series" in result.output
