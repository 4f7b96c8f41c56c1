"""The page of a verdict: numbers, heat where an object is odd, and the good piece beside it."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmark.capture.heat import heated, moved
from benchmark.capture.observation import ObservationRequest
from benchmark.capture.predict import PredictionSummary, predict_inputs
from benchmark.capture.verdict import nearest_good
from benchmark.detectors.decision import Decision
from benchmark.detectors.interface import Loaded, Observation
from benchmark.detectors.predictions import Prediction
from datagen.geometry.cameras import project
from tests.support.captures import BOXES, Similarity, known_scene, write_transforms

STILL = Similarity(1.0, np.eye(3), np.zeros(3))
APART = np.array([[0.0, 0.4, 0.5], [0.4, 0.0, 0.1], [0.5, 0.1, 0.0]])
SCORES = (0.9, 0.2, 0.4)


class Knows:
    """Three boxes; the first is odd, and hot in its own lower half of each view."""

    protocols = ("predicted",)
    image_size = 64

    def predict(self, seen: Observation) -> list[Prediction]:
        mask = np.zeros(seen.rgb.shape[:3])
        mask[:, 40:, :] = 0.9
        masks = (mask, np.zeros_like(mask), np.zeros_like(mask))
        return [Prediction(*row) for row in zip(BOXES, SCORES, masks, APART, strict=True)]


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dark = known_scene(views=3)
    dark = replace(dark, rgb=np.full_like(dark.rgb, 40))
    return write_transforms(tmp_path_factory.mktemp("verdict") / "shelf", dark, STILL)


def answer(capture: Path, out: Path, threshold: float = 0.5) -> PredictionSummary:
    request = ObservationRequest(3, "predicted", floor=(0, 0, 1, 0), scale=1.0)
    decision = Decision(threshold, "as asked", 0.04, 0.2, 50, 20)
    loaded = Loaded("knows", "1", Knows())
    return predict_inputs(loaded, [capture], "all", request, 1, out, decision=decision)


def test_the_page_tells_what_is_odd_how_surely_and_what_it_should_look_like(
    capture: Path, tmp_path: Path
) -> None:
    answer(capture, tmp_path)
    page = (tmp_path / "shelf/verdict.html").read_text()
    assert "1 of 3 objects" in page and "is odd: 1</span>" in page
    assert "of 100 objects called as odd as this, about 90 are" in page
    assert page.count("where it is odd") == 1
    assert "most like it: object 2" in page  # of the good ones the first is most like the second
    assert "4% of 50 normal objects were called odd and 20% of 20 odd ones were missed" in page
    assert page.index("1: odd") < page.index("3: good") < page.index("2: good")
    assert page.count("data:image/jpeg") >= 3 + 3 and 'src="http' not in page
    rows = list(csv.DictReader((tmp_path / "shelf/verdict.csv").open()))
    assert [row["odd"] for row in rows] == ["1", "0", "0"]
    assert [float(row["score"]) for row in rows] == list(SCORES)
    assert float(rows[2]["high_z"]) > 0


def test_a_score_that_nobody_calibrated_means_nothing(capture: Path, tmp_path: Path) -> None:
    request = ObservationRequest(3, "predicted", floor=(0, 0, 1, 0), scale=1.0)
    predict_inputs(Loaded("knows", "1", Knows()), [capture], "all", request, 1, tmp_path)
    page = (tmp_path / "shelf/verdict.html").read_text()
    assert "score 0.90" in page and "of 100 objects" not in page and "held-out" not in page


def test_pictures_are_bright_where_an_object_is_odd_and_not_elsewhere(
    capture: Path, tmp_path: Path
) -> None:
    answer(capture, tmp_path)
    for path in (tmp_path / "shelf").glob("*.jpg"):
        light = np.asarray(Image.open(path)).astype(int).sum(axis=2)
        assert np.median(light[500:, :]) > 2 * np.median(light[:400, :])


def test_another_threshold_is_another_verdict_of_the_same_scores(
    capture: Path, tmp_path: Path
) -> None:
    assert answer(capture, tmp_path).odd == 1
    before = (tmp_path / "shelf/boxes.json").stat().st_mtime_ns
    assert answer(capture, tmp_path).odd == 1
    assert (tmp_path / "shelf/boxes.json").stat().st_mtime_ns == before
    assert answer(capture, tmp_path, 0.3).odd == 2
    assert "2 of 3 objects" in (tmp_path / "shelf/verdict.html").read_text()


def test_heat_seen_by_one_camera_lies_there_in_the_photograph_of_another() -> None:
    """A cut-out of a photograph, made smaller."""
    photo = np.array([[400.0, 0, 320], [0, 420.0, 240], [0, 0, 1]])
    window, scale = np.array([100.0, 30.0]), 64 / 400
    own = np.diag([scale, scale, 1.0]) @ (photo - [[0, 0, window[0]], [0, 0, window[1]], [0, 0, 0]])
    point = np.array([[0.05, -0.02, 1.0]])
    (x, y), _ = (values[0] for values in project(point, np.eye(4), own))
    heat = np.zeros((64, 64))
    heat[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2] = 1.0
    found = moved(heat, own, photo, (640, 480))
    wanted, _ = project(point, np.eye(4), photo)
    middle = np.argwhere(found > 0.9).mean(axis=0)[::-1]
    assert found.shape == (480, 640) and np.abs(middle - wanted[0]).max() < 1 / scale


def test_without_heat_a_picture_is_as_it_was() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    assert np.array_equal(heated(pixels, np.zeros((8, 8))), pixels)


def test_the_good_piece_beside_it_is_the_one_most_like_it() -> None:
    told = [Prediction(*row) for row in zip(BOXES, SCORES, [None] * 3, APART, strict=True)]
    assert nearest_good(0, told, 0.5) == 1
    assert nearest_good(0, told, 0.3) == 1 and nearest_good(0, told, 0.1) is None
    assert nearest_good(1, told, 0.5) == 2
    plain = [Prediction(box, 0.1) for box in BOXES]
    assert nearest_good(0, plain, 0.5) is None
