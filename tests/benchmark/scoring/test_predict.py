"""Running a detector: it sees no labels, failures cost one scene, a cut-off run goes on."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import threading
from dataclasses import fields, replace
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw
from rich.console import Console

from benchmark.detectors import interface as detectors
from benchmark.detectors.baselines import AllNormal, AppearanceOutlier, SizeOutlier
from benchmark.detectors.interface import BUILTIN, Loaded, Observation, load_detector
from benchmark.detectors.patch_outlier import PatchOutlier
from benchmark.detectors.predictions import PROTOCOLS, Prediction
from benchmark.detectors.views import fixed_views
from benchmark.scoring.ground_truth import read_truth
from benchmark.scoring.predict import observe, predict
from benchmark.scoring.read import read_predictions
from benchmark.scoring.score import score
from cli import oddbench
from datagen.base.interrupts import SIGNALS
from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError
from datagen.geometry import cameras
from datagen.geometry.boxes import box_corners
from tests.support.scores import make_dataset
from tests.support.specs import some_spec


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return make_dataset(tmp_path_factory.mktemp("predict") / "out", scenes=6)


@pytest.fixture
def signals_restored():
    """A stopped run leaves signals ignored, which the tests after it would inherit."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def run(detector, data: Path, path: Path, protocol: str | None = None, views: int = 2, **changes):
    """predict() with a detector that is not installed, and what it printed."""
    loaded = Loaded("sample", "1", detector)
    console = Console(file=io.StringIO(), width=200)
    options = {"split": "all", "views": views, "path": path, "protocol": protocol} | changes
    return predict(loaded, data, console=console, **options), console.file.getvalue()


class Counting:
    """Finds the true boxes; calls the n-th call's exception, if it has one."""

    protocols = tuple(PROTOCOLS)

    def __init__(self, **faults: object) -> None:
        self.faults = {int(key[1:]): fault for key, fault in faults.items()}
        self.seen: list[Observation] = []

    def predict(self, scene: Observation):
        self.seen.append(scene)
        fault = self.faults.get(len(self.seen) - 1)
        if isinstance(fault, BaseException):
            raise fault
        if fault is not None:
            return fault
        boxes = scene.boxes if scene.boxes is not None else [[[0, 0, 0], [1, 1, 1]]]
        return [Prediction(np.array(box, float), 0.25) for box in boxes]


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_a_detector_sees_images_cameras_and_what_its_protocol_tells(data, tmp_path, protocol):
    detector = Counting()
    run(detector, data, tmp_path / "p.jsonl", protocol, views=3)
    assert {f.name for f in fields(Observation)} == {
        "rgb", "intrinsics", "world_to_camera", "boxes", "count", "silhouettes",
        "depth",
    }  # fmt: skip
    dataset = Dataset(data)
    for name, seen in zip(dataset.names, detector.seen, strict=True):
        scene = dataset.read(name, [0, 2, 4])
        assert np.array_equal(seen.rgb, scene.rgb)
        assert np.array_equal(seen.world_to_camera, scene.world_to_camera)
        assert np.array_equal(seen.intrinsics, scene.intrinsics)
        assert (seen.boxes is None) == (protocol != "true-boxes")
        assert seen.silhouettes is None and seen.depth is None
        assert seen.count == (None if protocol == "predicted" else len(scene.box_aabb))


def test_an_oracle_is_told_the_depth_and_marked(data, tmp_path):
    detector = Counting()
    detector.needs_depth = True
    made, _ = run(detector, data, tmp_path / "p.jsonl", "true-boxes", views=3)
    assert made.header.detector.endswith(" (oracle)")
    scene = Dataset(data).read(Dataset(data).names[0], [0, 2, 4])
    assert np.array_equal(detector.seen[0].depth, scene.depth)


def test_the_observation_is_the_same_whatever_the_labels(data):
    scene = Dataset(data).read("scene-000001")
    spec = some_spec(1, "another", [None])
    other = replace(scene, anomalous=1 - scene.anomalous, defect=1 - scene.defect, spec=spec)
    for protocol in PROTOCOLS:
        one, same = observe(scene, protocol), observe(other, protocol)
        for f in fields(Observation):
            assert np.array_equal(getattr(one, f.name), getattr(same, f.name))


def test_test_views_are_a_fixed_list():
    assert fixed_views(5, 20) == (0, 4, 8, 12, 16)
    assert fixed_views(3, 20) == (0, 6, 13)
    for available in (1, 6, 20, 31):
        for count in range(1, available + 1):
            views = fixed_views(count, available)
            assert len(set(views)) == count and max(views) < available and views[0] == 0
    for count in (0, 7):
        with pytest.raises(OddgenError, match="give 1 to 6"):
            fixed_views(count, 6)


def test_a_failing_scene_is_reported_kept_and_counted_as_wrong(data, tmp_path):
    path = tmp_path / "p.jsonl"
    _, text = run(Counting(n2=ValueError("two\nlines")), data, path, "true-boxes")
    assert "scene-000002: ValueError: two lines" in text
    read = read_predictions(path)
    assert len(read.answers) == 6
    assert read.answers["scene-000002"].failed == "ValueError: two lines"
    scored = score(data, "all", [path], draws=100).runs[0]
    assert scored.failed == {"scene-000002": "ValueError: two lines"} and not scored.missing
    inside = scored.outcome.scene == 2
    assert not scored.outcome.right[inside].any() and scored.outcome.matched[~inside].all()


def test_the_same_command_tries_failed_scenes_again_and_no_others(data, tmp_path):
    path = tmp_path / "p.jsonl"
    run(Counting(n2=ValueError("x"), n4=MemoryError()), data, path, "true-boxes")
    second = Counting()
    made, _ = run(second, data, path, "true-boxes")
    assert len(second.seen) == 2
    assert not any(answer.failed for answer in made.answers.values())
    third = Counting()
    before = path.read_bytes()
    run(third, data, path, "true-boxes")
    assert not third.seen and path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["p.jsonl"]


def test_a_stopped_run_ends_as_if_it_had_not_stopped(data, tmp_path, signals_restored):
    class Stopping(Counting):
        def predict(self, scene):
            if len(self.seen) == 3:
                os.kill(os.getpid(), signal.SIGTERM)
            return super().predict(scene)

    path = tmp_path / "p.jsonl"
    with pytest.raises(OddgenError, match="stopped with 3 of 6 scenes done; run the same command"):
        run(Stopping(), data, path, "true-boxes")
    assert not path.exists()
    rest = Counting()
    run(rest, data, path, "true-boxes")
    assert len(rest.seen) == 3
    run(Counting(), data, tmp_path / "whole.jsonl", "true-boxes")
    first, second = (read_predictions(tmp_path / n) for n in ("p.jsonl", "whole.jsonl"))
    assert list(first.answers) == list(second.answers)
    for name, answer in first.answers.items():
        assert np.array_equal(answer.boxes, second.answers[name].boxes)
        assert np.array_equal(answer.scores, second.answers[name].scores)


@pytest.mark.parametrize("cut", [1, 30, 150])
def test_a_run_killed_in_the_middle_of_a_line_loses_that_scene_at_most(data, tmp_path, cut):
    path = tmp_path / "p.jsonl"
    run(Counting(), data, path, "true-boxes")
    whole = path.read_bytes()
    path.rename(tmp_path / "p.jsonl.unfinished")
    (tmp_path / "p.jsonl.unfinished").write_bytes(whole[:-cut])
    again = Counting()
    run(again, data, path, "true-boxes")
    assert len(again.seen) == 1
    assert len(read_predictions(path).answers) == 6


def test_predictions_of_another_run_are_not_mixed_in(data, tmp_path):
    path = tmp_path / "p.jsonl"
    run(Counting(), data, path, "true-boxes")
    before = path.read_bytes()
    other = make_dataset(tmp_path / "other", scenes=6, seed=3)
    for place, changes in ((data, {"views": 3}), (data, {"protocol": "count"}), (other, {})):
        with pytest.raises(OddgenError, match="holds predictions of another"):
            run(Counting(), place, path, **{"protocol": "true-boxes"} | changes)
    assert path.read_bytes() == before


def test_a_second_run_is_kept_out_of_the_file(data, tmp_path):
    class Greedy(Counting):
        def predict(self, scene):
            with pytest.raises(OddgenError, match="another oddbench predict writes this file"):
                run(Counting(), data, tmp_path / "p.jsonl", "true-boxes")
            return super().predict(scene)

    made, _ = run(Greedy(), data, tmp_path / "p.jsonl", "true-boxes")
    assert len(made.answers) == 6 and not any(a.failed for a in made.answers.values())


def test_a_split_is_added_to_what_is_there(data, tmp_path):
    path = tmp_path / "p.jsonl"
    first, second = Counting(), Counting()
    run(first, data, path, "true-boxes", split="seen")
    run(second, data, path, "true-boxes", split="all")
    assert len(first.seen) == 4 and len(second.seen) == 2
    assert len(read_predictions(path).answers) == 6


GOOD = Prediction(np.array([[0, 0, 0], [1, 1, 1]], float), 0.5)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([(1, 2)], "entry 0 is a tuple"),
        ([Prediction(np.zeros(6), 0.5)], "box 0 has the shape (6,)"),
        ([Prediction(GOOD.box[::-1], 0.5)], "box 0: box is inside out"),
        ([Prediction(GOOD.box * np.nan, 0.5)], "box 0: box holds NaN"),
        ([Prediction(GOOD.box, 1.5)], "box 0: score is 1.5"),
        ([Prediction(GOOD.box, float("nan"))], "box 0: score is NaN"),
        ([GOOD, GOOD], "two boxes are equal"),
        ([Prediction(GOOD.box, 0.5, np.zeros((1, 2, 3)))], "mask 0 has the shape (1, 2, 3)"),
        ([Prediction(GOOD.box, 0.5, np.full((2, 32, 32), 7.0))], "outside 0 to 1"),
        (7, "TypeError"),
    ],
)
def test_an_answer_that_is_none_fails_its_scene_only(data, tmp_path, answer, words):
    made, _ = run(Counting(n1=answer), data, tmp_path / "p.jsonl", "predicted")
    failed = {name: a.failed for name, a in made.answers.items() if a.failed}
    assert list(failed) == ["scene-000001"] and words in failed["scene-000001"]


def test_a_detector_that_breaks_its_protocol_fails(data, tmp_path):
    many = [Prediction(GOOD.box + k, 0.5) for k in range(9)]
    made, _ = run(Counting(n0=many), data, tmp_path / "p.jsonl", "count")
    assert "although the object count is known" in made.answers["scene-000000"].failed
    made, _ = run(Counting(n0=[GOOD]), data, tmp_path / "q.jsonl", "true-boxes")
    assert "none of the given ones" in made.answers["scene-000000"].failed


def test_masks_seconds_and_memory_come_through(data, tmp_path):
    class Masking(Counting):
        def predict(self, scene):
            return [
                Prediction(p.box, p.score, np.full(scene.rgb.shape[:3], 0.5))
                for p in super().predict(scene)
            ]

    path = tmp_path / "p.jsonl"
    run(Masking(), data, path, "true-boxes")
    read = read_predictions(path)
    for answer in read.answers.values():
        assert all(mask is not None and mask.is_file() for mask in answer.masks)
        assert answer.seconds > 0 and answer.peak_bytes > 1e6
    scored = score(data, "all", [path], draws=100).runs[0]
    assert scored.figures["pixel_auroc"].value == 0.5
    assert scored.seconds > 0 and scored.peak_bytes > 1e6


def test_all_normal_scores_the_floor(data, tmp_path):
    run(AllNormal(), data, tmp_path / "p.jsonl")
    figures = score(data, "all", [tmp_path / "p.jsonl"], draws=100).runs[0].figures
    assert figures["accuracy"] == figures["floor"]
    assert figures["auc"].value == figures["balanced_accuracy"].value == 0.5


@pytest.mark.parametrize("detector", [AppearanceOutlier, PatchOutlier])
def test_an_outlier_of_another_colour_is_found(detector):
    """Grey boxes in a row, one of them red; the cameras see all of them."""
    rng = np.random.default_rng(0)
    low = np.stack([np.arange(5) * 0.12 - 0.3, np.zeros(5), np.zeros(5)], axis=1)
    boxes = np.stack([low, low + 0.07], axis=1)
    poses = cameras.place(cameras.draw_ring(rng, 4), boxes.reshape(-1, 3), 96)
    matrix, images = cameras.intrinsics(96), []
    for pose in poses:
        image = Image.new("RGB", (96, 96), (90, 120, 90))
        for k, box in enumerate(boxes):
            pixels, _ = cameras.project(box_corners(box), pose, matrix)
            corners = [*pixels.min(axis=0).tolist(), *pixels.max(axis=0).tolist()]
            ImageDraw.Draw(image).rectangle(corners, (200, 40, 40) if k == 3 else (150, 150, 150))
        images.append(np.asarray(image))
    scene = Observation(np.stack(images), matrix, poses, boxes, 5)
    scores = [p.score for p in detector().predict(scene)]
    assert int(np.argmax(scores)) == 3
    again = [p.score for p in detector().predict(scene)]
    assert scores == again and 0 <= min(scores) <= max(scores) <= 1


def test_size_outlier_finds_the_larger_box_and_nothing_among_equal_ones():
    low = np.stack([np.arange(4) * 0.3, np.zeros(4), np.zeros(4)], axis=1)
    equal = np.stack([low, low + 0.1], axis=1)
    larger = equal.copy()
    larger[2, 1, 2] *= 1.15
    nothing = np.zeros((0, 8, 8, 3), np.uint8)
    for boxes, expected in ((equal, [0, 0, 0, 0]), (larger, [0, 0, np.log(1.15) / 0.29, 0])):
        scene = Observation(nothing, np.eye(3), np.zeros((0, 4, 4)), boxes, 4)
        scores = [p.score for p in SizeOutlier().predict(scene)]
        assert scores == pytest.approx(expected, abs=0.003)


HEAVY = ("mutual-graph",)


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow) if n in HEAVY else n for n in BUILTIN],
)
def test_every_built_in_detector_runs_from_the_command_line(data, tmp_path, name):
    answer = CliRunner().invoke(
        oddbench,
        ["predict", "--detector", name, "--data", str(data), "--views", "2",
         "--out", str(tmp_path / "new" / "p.jsonl")],
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    read = read_predictions(tmp_path / "new" / "p.jsonl")
    truth = read_truth(data)
    assert {n: len(a.boxes) for n, a in read.answers.items()} == {
        n: len(s.boxes) for n, s in truth.scenes.items()
    }


class Unloadable:
    def __init__(self) -> None:
        raise RuntimeError("no weights here")


class Incomplete:
    protocols = ("count",)


def test_detectors_that_cannot_be_had(data, tmp_path, monkeypatch):
    def offered(group):
        here = __name__
        return [
            EntryPoint("broken", "no_such_module:X", group),
            EntryPoint("unloadable", f"{here}:Unloadable", group),
            EntryPoint("incomplete", f"{here}:Incomplete", group),
            EntryPoint("all-normal", f"{here}:Counting", group),
        ]

    monkeypatch.setattr(detectors, "entry_points", offered)
    for name, words in (
        ("apearance-outlier", "did you mean appearance-outlier?"),
        ("zzz", "choose one of all-normal, appearance-outlier, broken"),
        ("broken", "cannot be loaded (ModuleNotFoundError"),
        ("unloadable", "RuntimeError: no weights here"),
        ("incomplete", "lacks predict or protocols"),
        ("all-normal", "two detectors have this name"),
    ):
        answer = CliRunner().invoke(
            oddbench,
            ["predict", "--detector", name, "--data", str(data), "--out", str(tmp_path / "p")],
        )
        assert answer.exit_code == 1
        assert words in answer.output and answer.output.count("\n") == 1
    with pytest.raises(OddgenError, match="works with true-boxes of the protocols"):
        load_detector("appearance-outlier").protocol("count")


def test_a_detector_of_ours_says_which_package_it_lacks(monkeypatch):
    monkeypatch.delitem(sys.modules, "benchmark.detectors.patch_outlier", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(OddgenError, match=r"needs torch: pip install 'odd-one-out\[model\]'"):
        load_detector("patch-outlier")


def test_paths_that_cannot_be_written(data, tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "p.jsonl", tmp_path):
        with pytest.raises(OddgenError, match="give another --out|not a|Is a directory"):
            run(Counting(), data, path, "true-boxes")


def test_a_run_in_another_thread_works_too(data, tmp_path):
    worker = threading.Thread(
        target=run, args=(Counting(), data, tmp_path / "p.jsonl", "true-boxes")
    )
    worker.start()
    worker.join()
    lines = (tmp_path / "p.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["detector"] == "sample"


def test_a_dataset_made_by_the_tool_is_predicted_and_scored(dataset, tmp_path):
    run(AppearanceOutlier(), dataset, tmp_path / "p.jsonl")
    found = score(dataset, "all", [tmp_path / "p.jsonl"], draws=100).runs[0]
    assert found.figures["recall"].value == found.figures["iou"].value == 1
    assert not found.missing and not found.failed
