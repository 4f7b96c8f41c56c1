"""scores.json and outcomes: what is written is read, and every wrong type is one sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmark.scoring.compare import read_scored
from benchmark.scoring.ground_truth import read_truth
from benchmark.scoring.schema import ScoresFile
from benchmark.scoring.score import Scores, score, scores_file, write_scores
from datagen.base.typed import read
from datagen.errors import OddgenError
from tests.support.json_files import MISSING, Key, change
from tests.support.scores import make_dataset, noisy, write_answers


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> Scores:
    """Of four scenes, some objects missed."""
    folder = tmp_path_factory.mktemp("scores")
    data = make_dataset(folder / "data", scenes=4)
    file = write_answers(folder / "p.jsonl", read_truth(data), noisy(0), "predicted")
    return score(data, "all", [file], draws=100)


def test_what_is_written_is_read(scores: Scores, tmp_path: Path) -> None:
    path = write_scores(scores, tmp_path)
    found, expected = read(ScoresFile, path, "score again"), scores_file(scores)
    assert found.runs[0].by_kind.keys() == expected.runs[0].by_kind.keys()
    for name, estimate in expected.runs[0].figures.items():
        values = vars(found.runs[0].figures[name]), vars(estimate)
        np.testing.assert_equal(*values)
    outcome, own = read_scored(tmp_path).outcome, scores.runs[0].outcome
    for name, values in vars(own).items():
        np.testing.assert_array_equal(getattr(outcome, name), values)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        (("format",), "odd-one-out boxes", "format should be 'odd-one-out scores'"),
        (("run",), MISSING, "run is missing"),
        (("views",), 5, "views should be"),
        (("views", 0), "0", "views.0 should be a valid integer"),
        (("protocol",), "boxes", "protocol should be 'predicted', 'count' or 'true-boxes'"),
        (("outcome",), [], "outcome should be an object"),
        (("outcome", "score", 0), "high", "outcome.score.0 should be a valid number"),
        (("outcome", "iou", 1), None, "outcome.iou.1 should be a valid number"),
        (("outcome", "anomalous", 0), 2, "outcome.anomalous.0 should be 0 or 1"),
        (("outcome", "kinds"), ["bump"], "outcome: its lists differ in length"),
        (("outcome", "scene", 0), 4, "outcome: scene or box_scene names a scene that is not there"),
        (("outcome", "box_object", 0), 99, "outcome: box_object names an object that is not there"),
    ],
)
def test_a_wrong_type_in_an_outcome_is_one_sentence(
    scores: Scores, tmp_path: Path, key: Key, value: object, words: str
) -> None:
    write_scores(scores, tmp_path)
    (path,) = (tmp_path / "outcomes").iterdir()
    change(path, key, value)
    with pytest.raises(OddgenError) as caught:
        read_scored(tmp_path)
    text = str(caught.value)
    assert text.startswith(f"{path}: not a scored run ({words}") and "\n" not in text
    assert text.endswith("; give the --out folder of oddbench score.")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        (("scenes",), "4", "scenes should be a valid integer"),
        (("runs", 0, "seconds"), "fast", "runs.0.seconds should be a valid number"),
        (("runs", 0, "failed"), ["a"], "runs.0.failed should be an object"),
        (("runs", 0, "figures", "auc"), 0.5, "runs.0.figures.auc should be an object"),
        (("runs", 0, "figures", "auc", "low"), MISSING, "runs.0.figures.auc.low is missing"),
        (("runs", 0, "by_kind", "bend", "objects"), None, "runs.0.by_kind.bend.objects should be"),
        (("runs", 0, "by_count", "3", "scenes"), "1", "runs.0.by_count.3.scenes"),
    ],
)
def test_a_wrong_type_in_scores_is_one_sentence(
    scores: Scores, tmp_path: Path, key: Key, value: object, words: str
) -> None:
    path = change(write_scores(scores, tmp_path), key, value)
    with pytest.raises(OddgenError) as caught:
        read(ScoresFile, path, "score again")
    text = str(caught.value)
    assert text.startswith(f"{path}: {words}") and "\n" not in text and "score again" in text
