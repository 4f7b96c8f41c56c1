"""Mutual scoring of a scene's objects, from images to predictions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmark.commands.predict import load
from benchmark.detectors.interface import Observation
from benchmark.detectors.mutual import MutualGraph, MutualScoring
from benchmark.scoring.read import read_predictions
from cli import oddbench
from tests.support.captures import BOXES, COLOURS, known_scene
from tests.support.scores import VIEWS, make_dataset

pytestmark = pytest.mark.usefixtures("one_thread")
ODD = 1  # of three boxes the green one


@pytest.fixture(scope="module", params=[MutualScoring, MutualGraph])
def detector(request: pytest.FixtureRequest) -> MutualScoring:
    made: MutualScoring = request.param(heat=True)
    return made


@pytest.fixture(scope="module")
def scene() -> Observation:
    """Three boxes, one of another colour, with their silhouettes."""
    known = known_scene(3, 64)
    coloured = (known.rgb[..., None, :] == COLOURS).all(axis=-1).any(axis=-1)
    outlines = np.where(coloured, 255, 0).astype(np.uint8)
    return Observation(known.rgb, known.matrix, known.poses, BOXES, 3, outlines)


def test_the_object_of_another_colour_is_the_odd_one(
    detector: MutualScoring, scene: Observation
) -> None:
    found = detector.predict(scene)
    scores = [one.score for one in found]
    assert int(np.argmax(scores)) == ODD
    assert scores == [one.score for one in detector.predict(scene)]
    heat = [one.mask.max() for one in found if one.mask is not None]
    assert len(heat) == 3 and int(np.argmax(heat)) == ODD
    for number, one in enumerate(found):
        assert one.apart is not None and one.apart[number] == 0
        assert one.mask is not None and one.mask.shape == scene.rgb.shape[:3]
        assert number == ODD or int(np.argmax(one.apart)) == ODD
    by_boxes = detector.predict(replace(scene, silhouettes=None))
    assert int(np.argmax([one.score for one in by_boxes])) == ODD


def test_order_is_nothing_and_few_objects_are_no_trouble(
    detector: MutualScoring, scene: Observation
) -> None:
    assert scene.silhouettes is not None
    order = np.array([2, 0, 1])
    scores = np.array([one.score for one in detector.predict(scene)])
    mixed = replace(
        scene,
        boxes=BOXES[order],
        rgb=scene.rgb[order],
        world_to_camera=scene.world_to_camera[order],
        silhouettes=scene.silhouettes[order],
    )
    assert np.allclose([one.score for one in detector.predict(mixed)], scores[order], atol=1e-4)
    for count in (1, 2):
        few = detector.predict(replace(scene, boxes=BOXES[:count]))
        assert len(few) == count and all(0 <= one.score <= 1 for one in few)
    assert detector.predict(replace(scene, boxes=BOXES[:1]))[0].score < 0.5
    nothing = detector.predict(replace(scene, silhouettes=np.zeros_like(scene.silhouettes)))
    assert len({one.score for one in nothing}) == 1


def test_the_finder_that_comes_along_shows_silhouettes(scene: Observation) -> None:
    given = load("mutual-scoring", None, None)
    assert given.protocol(None) == "true-boxes" and "silhouettes by finder" in given.version
    found = load("mutual-scoring", None, None, wants_boxes=True, heat=True)
    assert found.protocol(None) == "predicted" and "boxes by finder" in found.version
    assert found.detector.detector.heat and not given.detector.detector.heat
    bare = replace(scene, silhouettes=None)
    assert [one.score for one in given.detector.predict(bare)] == [
        one.score for one in found.detector.predict(bare)
    ]


def test_boxes_that_are_found_from_the_command_line(tmp_path: Path) -> None:
    data, out = make_dataset(tmp_path / "data", scenes=2), tmp_path / "found.jsonl"
    options = ["--views", str(VIEWS), "--protocol", "predicted", "--heat-maps", "--out", str(out)]
    answer = CliRunner().invoke(
        oddbench, ["predict", "--detector", "mutual-graph", "--data", str(data), *options]
    )
    assert answer.exit_code == 0, answer.output
    read = read_predictions(out)
    assert read.header.protocol == "predicted" and len(read.answers) == 2
    for one in read.answers.values():
        assert one.failed is None and all(mask is not None for mask in one.masks)
