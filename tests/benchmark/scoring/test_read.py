"""The file of predictions: what is written is read, and every fault is one sentence."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.detectors.predictions import (
    Answer,
    Header,
    Prediction,
    Predictions,
    no_boxes,
)
from benchmark.scoring.ground_truth import read_truth
from benchmark.scoring.pixels import read_mask
from benchmark.scoring.read import check_against, read_predictions
from benchmark.scoring.write import to_answer, write_mask, write_predictions
from datagen.errors import OddgenError
from datagen.geometry.boxes import given_boxes
from tests.support.paths import DOCS
from tests.support.scores import make_dataset, noisy, write_answers

PAGE = DOCS / "scoring.md"
HEADER = {"format": "odd-one-out predictions", "version": 1, "detector": "d",
          "protocol": "predicted", "views": [0, 2]}  # fmt: skip
BOX = {"scene": "scene-000000", "box": [[0, 0, 0], [1, 1, 1]], "score": 0.5}


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    return read_truth(make_dataset(tmp_path_factory.mktemp("read") / "out"))


def written(path: Path, *lines: object) -> Path:
    path.write_text("".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines))
    return path


def sentence_about(path: Path, truth=None) -> str:
    """The one sentence that reading and checking ends with."""
    with pytest.raises(OddgenError) as caught:
        predictions = read_predictions(path)
        if truth is not None:
            check_against(predictions, truth)
    text = str(caught.value)
    assert "\n" not in text and text.endswith(".") and str(path) in text
    return text


def test_what_is_written_is_read(tmp_path):
    rng = np.random.default_rng(0)
    low = rng.normal(size=(5, 3))
    boxes = np.stack([low, low + rng.uniform(0.1, 1, (5, 3))], axis=1)
    masks = rng.random((2, 3, 8, 8))
    found = [Prediction(b, float(s)) for b, s in zip(boxes, rng.random(5), strict=True)]
    found[1] = replace(found[1], mask=masks[0])
    found[3] = replace(found[3], mask=masks[1])
    answers = {
        "scene-000001": to_answer(found, tmp_path / "m", "scene-000001", seconds=1.5, peak_bytes=7),
        "scene-000000": Answer(no_boxes(), np.zeros(0)),
        "scene-000002": Answer(no_boxes(), np.zeros(0), failed="ValueError: no"),
    }
    header = Header("mine", "count", (4, 0, 1), "2.1", "abc")
    path = tmp_path / "p.jsonl"
    write_predictions(Predictions(path, header, answers))
    again = read_predictions(path)
    assert again.header == header
    assert list(again.answers) == sorted(answers)
    order = sorted(range(5), key=lambda k: boxes[k].ravel().tolist())
    full = again.answers["scene-000001"]
    assert np.array_equal(full.boxes, boxes[order])
    assert full.scores.tolist() == [found[k].score for k in order]
    assert (full.seconds, full.peak_bytes, full.failed) == (1.5, 7, None)
    kept = full.masks[order.index(3)]
    assert kept is not None and full.masks[order.index(0)] is None
    assert np.abs(read_mask(kept, (3, 8, 8)) / 255 - masks[1]).max() <= 0.5 / 255
    assert again.answers["scene-000002"].failed == "ValueError: no"
    assert len(again.answers["scene-000000"].boxes) == 0
    assert not list(tmp_path.glob("**/*.part"))


def test_the_order_of_the_lines_means_nothing(tmp_path, truth):
    path = write_answers(tmp_path / "a.jsonl", truth, noisy(0), "predicted")
    header, *rest = path.read_text().splitlines()
    random.Random(1).shuffle(rest)
    mixed = written(tmp_path / "b.jsonl", header, *rest, "", "  ")
    first, second = read_predictions(path), read_predictions(mixed)
    for name, answer in first.answers.items():
        assert np.array_equal(answer.boxes, second.answers[name].boxes)
        assert np.array_equal(answer.scores, second.answers[name].scores)


def test_a_failed_write_leaves_the_earlier_file(tmp_path, truth):
    path = write_answers(tmp_path / "a.jsonl", truth, noisy(0))
    before = path.read_bytes()
    broken = read_predictions(path)
    broken.answers["scene-000000"] = replace(
        broken.answers["scene-000000"], seconds=object()  # type: ignore[arg-type]
    )  # fmt: skip
    with pytest.raises(ValueError, match="serialize"):
        write_predictions(broken)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.jsonl"]


def changed(base: dict, **entries: object) -> dict:
    return base | entries


def without(base: dict, key: str) -> dict:
    return {name: value for name, value in base.items() if name != key}


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([HEADER, BOX, '{"scene": "scene-000000"'], "line 3: is no JSON"),
        ([HEADER, "[1, 2]"], "line 2: is no JSON object"),
        ([HEADER, "[" * 100_000], "line 2: is no JSON"),
        ([HEADER, '{"scene": "a", "scene": "b"}'], "line 2: says a key twice"),
        ([HEADER, '{"scene": "a", "score": ' + "1" * 5000 + "}"], "line 2: a number cannot"),
        ([BOX], "line 1: is no header"),
        ([HEADER, HEADER], "line 2: scene is missing; add it"),
        ([changed(HEADER, version=2)], "version is 2"),
        ([changed(HEADER, version=True)], "version is true"),
        ([without(HEADER, "views")], "views is missing"),
        ([changed(HEADER, protocol="boxes")], 'protocol is "boxes"; choose one of predicted'),
        ([changed(HEADER, protocol=["count"])], "protocol is"),
        ([changed(HEADER, views=[])], "views is []"),
        ([changed(HEADER, views=[0, 0])], "names a view twice"),
        ([changed(HEADER, views=[0.5])], "views is [0.5]"),
        ([changed(HEADER, views=[-1])], "views is [-1]"),
        ([changed(HEADER, detector=" ")], "detector is"),
        ([changed(HEADER, wiews=[1])], '"wiews" is not known here'),
        ([HEADER, changed(BOX, score="0.5")], 'score is "0.5"; give a number'),
        ([HEADER, changed(BOX, score=True)], "score is true"),
        ([HEADER, changed(BOX, score=None)], "score is null"),
        ([HEADER, changed(BOX, score=float("nan"))], "score is NaN"),
        ([HEADER, changed(BOX, score=float("inf"))], "score is inf"),
        ([HEADER, changed(BOX, score=1.0001)], "score is 1.0001; give a number from 0 to 1"),
        ([HEADER, changed(BOX, score=-1e-9)], "score is -1e-09"),
        ([HEADER, changed(BOX, score=10**400)], "score is inf"),
        ([HEADER, without(BOX, "score")], "score is missing"),
        ([HEADER, without(BOX, "box")], "box is missing"),
        ([HEADER, without(BOX, "scene")], "scene is missing; add it"),
        ([HEADER, changed(BOX, scene=7)], "scene is 7"),
        ([HEADER, changed(BOX, box=[[0, 0, 0], [1, 0.5, -1]])], "inside out or flat along z"),
        ([HEADER, changed(BOX, box=[[0, 0, 0], [0, 1, 1]])], "inside out or flat along x"),
        ([HEADER, changed(BOX, box=[[0, 0, 0], [1, 1, float("nan")]])], "box holds NaN"),
        ([HEADER, changed(BOX, box=[[0, 0, 0], [1, 1, 1e9]])], "1,000 km away"),
        ([HEADER, changed(BOX, box=[0, 0, 0, 1, 1, 1])], "give [[x0, y0, z0], [x1, y1, z1]]"),
        ([HEADER, changed(BOX, box=[[0, 0], [1, 1]])], "give [[x0, y0, z0]"),
        ([HEADER, changed(BOX, box=[[0, 0, 0], [1, 1, "1"]])], "give [[x0, y0, z0]"),
        ([HEADER, changed(BOX, box=None)], "box is null"),
        ([HEADER, BOX, changed(BOX, score=0.1)], "line 3: scene-000000 has this box already"),
        ([HEADER, changed(BOX, masks="a")], '"masks" is not known here'),
        ([HEADER, changed(BOX, mask="none.npz")], 'mask is "none.npz", no file there'),
        ([HEADER, changed(BOX, mask=3)], "mask is 3"),
        ([HEADER, {"scene": "a"}, {"scene": "a"}], "line 3: a has a line without a box already"),
        ([HEADER, {"scene": "a", "seconds": -1}], "seconds is -1"),
        ([HEADER, {"scene": "a", "peak_bytes": "1 GB"}], 'peak_bytes is "1 GB"'),
        ([HEADER, {"scene": "a", "failed": ""}], "failed is"),
        ([HEADER, BOX, {"scene": "scene-000000", "failed": "x"}], "both boxes and a failure"),
        ([HEADER, {"scene": "scene-000000", "failed": "x"}, BOX], "both boxes and a failure"),
    ],
)
def test_a_fault_of_a_line(tmp_path, lines, words):
    assert words in sentence_about(written(tmp_path / "p.jsonl", *lines))


def test_files_that_are_none(tmp_path):
    assert "No such file" in sentence_about(tmp_path / "none.jsonl")
    assert "directory" in sentence_about(tmp_path)
    assert "is empty" in sentence_about(written(tmp_path / "p.jsonl", "", " "))
    (tmp_path / "b.jsonl").write_bytes(b"\xff\xfe\x00")
    assert "is not UTF-8" in sentence_about(tmp_path / "b.jsonl")


def test_faults_that_only_the_dataset_tells(tmp_path, truth):
    path = tmp_path / "p.jsonl"
    scene = truth.scenes["scene-000000"]
    boxes = [changed(BOX, box=(scene.boxes[0] + d).tolist()) for d in (0, 0.001, 0.002, 0.003)]
    stranger = changed(BOX, scene="scene-000099")
    for lines, words in [
        ([HEADER, BOX, stranger], "line 3: scene-000099 is no scene of"),
        ([changed(HEADER, views=[0, 6])], "view 6 is not in"),
        ([changed(HEADER, data="0123")], "made for the dataset 0123"),
        ([changed(HEADER, protocol="count"), *boxes], "4 boxes for 3 objects"),
        ([changed(HEADER, protocol="true-boxes"), BOX], "line 1: protocol_version is None"),
        ([changed(HEADER, protocol_version=2), BOX], "protocol_version is 2"),
        (
            [changed(HEADER, protocol="true-boxes", protocol_version=2), BOX],
            "none of the given ones",
        ),
    ]:
        assert words in sentence_about(written(path, *lines), truth)
    close = [changed(BOX, box=(given_boxes(scene.boxes)[0] + d).tolist()) for d in (0, 1e-9)]
    twice = written(path, changed(HEADER, protocol="true-boxes", protocol_version=2), *close)
    assert "two boxes are the same given box" in sentence_about(twice, truth)


def test_masks_that_cannot_be_used(tmp_path):
    good = tmp_path / "good.npz"
    write_mask(good, np.zeros((2, 4, 4)))
    assert read_mask(good, (2, 4, 4)).dtype == np.uint8
    floats, lonely, text = (tmp_path / name for name in ("f.npz", "l.npz", "t.npz"))
    np.savez(floats, mask=np.zeros((2, 4, 4)))
    np.savez(lonely, other=np.zeros((2, 4, 4), np.uint8))
    text.write_text("mask")
    for path, words in (
        (good, "mask is uint8 (2, 4, 4); give uint8 (2, 4, 5)"),
        (floats, "mask is float64"),
        (lonely, "cannot be read"),
        (text, "cannot be read"),
    ):
        with pytest.raises(OddgenError, match=re.escape(words)):
            read_mask(path, (2, 4, 5))


def test_the_documented_file_is_read(tmp_path):
    text = re.findall(r"```json\n(.+?)```", PAGE.read_text(), re.DOTALL)[0]
    (tmp_path / "masks").mkdir()
    write_mask(tmp_path / "masks" / "a.npz", np.zeros((5, 4, 4)))
    (tmp_path / "p.jsonl").write_text(text)
    read = read_predictions(tmp_path / "p.jsonl")
    assert [len(answer.boxes) for answer in read.answers.values()] == [2, 0, 0]
    assert read.answers["scene-000002"].failed == "no object found"
