"""The detector that comes along: small, plain, and of use without any option."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmark.training.judge.detector import load_judging, shipped_file
from benchmark.training.judge.files import load_whole_detector
from cli import oddbench
from tests.support.captures import known_scene, some_similarity, write_transforms
from tests.support.data import PUBLISHED_SCENE, needs

pytestmark = pytest.mark.usefixtures("one_thread")

LARGEST = 10e6  # bytes


def predict(*arguments: object) -> str:
    result = CliRunner().invoke(oddbench, ["predict", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


def floor_of(seed: int) -> str:
    similarity = some_similarity(seed)
    normal = similarity.rotation[:, 2]
    return ",".join(map(str, [*normal, -float(normal @ similarity.shift)]))


def test_it_is_small_and_tells_what_it_was_made_of() -> None:
    assert shipped_file().stat().st_size < LARGEST
    told = load_whole_detector(shipped_file()).told
    assert told.finder.facts.train > 100 and told.facts.train > 100


def test_photographs_need_no_other_option(tmp_path: Path) -> None:
    """Three boxes of two colours on a patterned floor, which no training scene looks like."""
    folder = write_transforms(tmp_path / "shelf", known_scene(5, 128), some_similarity(0))
    out = tmp_path / "answers"
    told = predict(folder, "--floor", floor_of(0), "--out", out, "--pictures", 0)
    answer = json.loads((out / "shelf/boxes.json").read_text())
    assert answer["detector"] == load_judging(shipped_file()).name
    assert "next: open" in told or "no objects" in told
    for box in answer["boxes"]:
        assert 0 <= box["score"] <= 1


def test_detectors_that_need_boxes_get_those_it_finds(tmp_path: Path) -> None:
    folder = write_transforms(tmp_path / "shelf", known_scene(5, 128), some_similarity(0))
    out = tmp_path / "answers"
    predict(
        folder, "--detector", "size-outlier", "--floor", floor_of(0), "--out", out, "--pictures", 0
    )
    answer = json.loads((out / "shelf/boxes.json").read_text())
    assert answer["detector"] == "size-outlier" and answer["protocol"] == "predicted"
    assert "boxes by finder of" in answer["detector_version"]


@needs("published_scene")
def test_it_finds_the_objects_of_a_published_scene(tmp_path: Path) -> None:
    predict(PUBLISHED_SCENE, "--out", tmp_path / "answers", "--pictures", 0)
    (file,) = (tmp_path / "answers").glob("*/boxes.json")
    assert 2 <= len(json.loads(file.read_text())["boxes"]) <= 5
