"""oddbench score and compare as a user runs them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

from benchmark.detectors.predictions import (
    Answer,
    Header,
    Prediction,
    Predictions,
)
from benchmark.scoring.compare import compare, p_value, read_scored
from benchmark.scoring.ground_truth import Truth, read_truth
from benchmark.scoring.metrics import TITLES
from benchmark.scoring.pictures import GREEN, ORANGE, RED, DrawnBox, draw_view, scene_boxes
from benchmark.scoring.read import read_predictions
from benchmark.scoring.score import score
from benchmark.scoring.write import to_answer, write_predictions
from cli import oddbench
from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError
from datagen.geometry.boxes import box_corners, given_boxes
from datagen.geometry.cameras import project
from tests.support.scores import VIEWS, make_dataset, noisy, write_answers


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return make_dataset(tmp_path_factory.mktemp("score") / "out", scenes=16)


@pytest.fixture(scope="module")
def truth(data) -> Truth:
    return read_truth(data)


def run(*arguments: object) -> str:
    answer = CliRunner().invoke(oddbench, [str(a) for a in arguments], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.output


def sentence(*arguments: object) -> str:
    answer = CliRunner().invoke(oddbench, [str(a) for a in arguments], catch_exceptions=False)
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: ") and answer.output.count("\n") == 1
    return answer.output


@pytest.fixture(scope="module")
def scored(data, truth, tmp_path_factory) -> Path:
    """Two protocols, two numbers of views."""
    folder = tmp_path_factory.mktemp("scored")
    files = [
        write_answers(folder / "a.jsonl", truth, noisy(0, 0.4), "predicted", (0,)),
        write_answers(folder / "b.jsonl", truth, noisy(1, 1.5), "predicted", (0, 2, 4)),
        write_answers(folder / "c.jsonl", truth, noisy(2, 1.0), "true-boxes", (0, 2, 4), "<b>told"),
    ]
    options = [x for file in files for x in ("--predictions", file)]
    text = run("score", "--data", data, *options, "--out", folder / "out", "--draws", 200)
    (folder / "terminal").write_text(text)
    return folder


def test_protocols_are_in_tables_of_their_own(scored):
    text = (scored / "terminal").read_text()
    about, text = text.split("boxes predicted", 1)
    assert "b-told-3-views: <b>told, views 0, 2, 4, " in about
    predicted, true = re.split(r"^ *true boxes *$", text, flags=re.MULTILINE)
    assert "sample" in predicted and "told" not in predicted
    assert "told" in true and "sample" not in true
    for title in TITLES.values():
        if "pixel" not in title:
            assert title.split(",")[0].strip()[:9] in predicted


def test_scores_json_says_all_and_is_the_same_again(scored, data, tmp_path):
    content = json.loads((scored / "out" / "scores.json").read_text())
    assert (content["scenes"], content["split"], content["draws"]) == (16, "all", 200)
    assert [r["name"] for r in content["runs"]] == [
        "sample-1-views", "sample-3-views", "b-told-3-views",
    ]  # fmt: skip
    for entry in content["runs"]:
        for name, found in entry["figures"].items():
            assert found["low"] - 1e-9 <= found["value"] <= found["high"] + 1e-9 or name in (
                "f1_max", "ap", "ece", "detection_ap",
            )  # fmt: skip
        assert set(entry["by_kind"]) == {"bend", "bump", "crack"}
        assert set(entry["by_count"]) == {"3", "4", "5"}
        groups = entry["by_defect_pixels"].values()
        assert sum(group["objects"] for group in groups) == content["anomalous"]
        assert entry["missing"] == [] and entry["failed"] == {}
    names = [scored / f"{letter}.jsonl" for letter in "abc"]
    options = [x for file in names for x in ("--predictions", file)]
    run("score", "--data", data, *options, "--out", tmp_path, "--draws", 200)
    for name in ("scores.json", "report.html"):
        assert (tmp_path / name).read_bytes() == (scored / "out" / name).read_bytes()


def test_the_report_needs_nothing_from_outside_and_names_cannot_break_out(scored):
    text = (scored / "out" / "report.html").read_text()
    assert "<b>told" not in text and "&lt;b&gt;told" in text
    for word in ("http:", "https:", "url(", "@import", "<script"):
        assert word not in text
    assert text.count("data:image/svg+xml") == 5 + 4  # one protocol has two numbers of views
    assert text.count("data:image/jpeg") == (4 + 4) * (1 + 3 + 3)
    for words in ("Protocol: boxes predicted", "Protocol: true boxes", "worst scenes first"):
        assert words in text


def test_splits_are_those_of_the_specification(data, truth, tmp_path):
    file = write_answers(tmp_path / "p.jsonl", truth, noisy(0))
    for split, count in (("all", 16), ("seen", 10), ("unseen", 6)):
        scores = score(data, split, [file], draws=100)
        assert len(scores.scenes) == count
        assert all(split == "all" or s.seen == (split == "seen") for s in scores.scenes)
        assert scores.runs[0].unscored == 16 - count
        assert scores.runs[0].missing == ()


def test_scenes_that_are_neither_seen_nor_unseen_are_in_no_split_but_all(tmp_path):
    data = make_dataset(tmp_path / "out", scenes=6)
    change_specs(data, lambda spec: spec["shape"].update(seen=None))
    assert len(read_truth(data).split("all")) == 6
    for split in ("seen", "unseen"):
        with pytest.raises(OddgenError, match=f"holds no scene of {split} shapes"):
            read_truth(data).split(split)


def test_masks_without_known_defects_are_said_and_give_no_pixel_figures(tmp_path):
    data = make_dataset(tmp_path / "out", scenes=3)
    change_specs(data, lambda spec: spec.update(unknown=["defect"]))
    truth, answers = read_truth(data), {}
    for scene in truth.scenes.values():
        found = [Prediction(box, 0.5, np.zeros((1, 32, 32))) for box in given_boxes(scene.boxes)]
        answers[scene.name] = to_answer(found, tmp_path / "masks", scene.name)
    header = Header("masks", "true-boxes", (0,), protocol_version=2)
    write_predictions(Predictions(tmp_path / "p.jsonl", header, answers))
    text = run("score", "--data", data, "--predictions", tmp_path / "p.jsonl",
               "--out", tmp_path / "scores", "--draws", 100)  # fmt: skip
    assert "masks-1-views: no pixel figures" in text and "pixel AUROC" not in text


def change_specs(data: Path, change) -> None:
    with h5py.File(data / "shards" / "shard-00000.h5", "r+") as file:
        for group in file.values():
            spec = json.loads(group.attrs["spec"])
            change(spec)
            group.attrs["spec"] = json.dumps(spec)


def test_runs_of_one_detector_are_told_apart(data, truth, tmp_path):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
    files = [write_answers(tmp_path / name, truth, noisy(0))
             for name in ("full.jsonl", "x/variant.jsonl", "y/variant.jsonl")]  # fmt: skip
    names = [r.name for r in score(data, "all", files, draws=100).runs]
    assert names == [
        "sample-full-3-views", "sample-variant-3-views", "sample-variant-3-views-2",
    ]  # fmt: skip


def test_a_missing_and_a_failed_scene_are_said_and_count_as_missed(data, truth, tmp_path):
    full = read_predictions(write_answers(tmp_path / "p.jsonl", truth, noisy(0, 3.0)))
    answers = dict(full.answers)
    del answers["scene-000001"]
    answers["scene-000002"] = Answer(np.zeros((0, 2, 3)), np.zeros(0), failed="no luck")
    write_predictions(Predictions(tmp_path / "less.jsonl", full.header, answers))
    text = run("score", "--data", data, "--predictions", tmp_path / "less.jsonl",
               "--out", tmp_path / "out", "--draws", 100)  # fmt: skip
    assert "1 of 16 scenes are missing" in text and "scene-000001." in text
    assert "failed on 1 of 16 scenes" in text and "scene-000002 (no luck)" in text
    whole, less = (
        score(data, "all", [tmp_path / f"{name}.jsonl"], draws=100).runs[0]
        for name in ("p", "less")
    )
    lost = len(truth.scenes["scene-000001"].boxes) + len(truth.scenes["scene-000002"].boxes)
    assert whole.figures["recall"].value == 1
    assert less.figures["recall"].value == pytest.approx(1 - lost / len(less.outcome.scene))
    assert less.figures["auc"].value < whole.figures["auc"].value
    page = (tmp_path / "out" / "report.html").read_text()
    assert "no luck" in page and "no answer" in page


def test_permuted_lines_give_the_same_scores(data, truth, tmp_path):
    file = write_answers(tmp_path / "p.jsonl", truth, noisy(0))
    header, *rest = file.read_text().splitlines()
    (tmp_path / "q.jsonl").write_text("\n".join([header, *reversed(rest)]))
    first, second = (score(data, "all", [tmp_path / n], draws=100) for n in ("p.jsonl", "q.jsonl"))
    assert first.runs[0].figures == second.runs[0].figures


def test_pixel_figures_of_perfect_inverted_and_absent_masks(data, truth, tmp_path):
    dataset, views = Dataset(data), (0, 3)

    def file(name: str, make) -> Path:
        answers = {}
        for scene in truth.scenes.values():
            mask = make(dataset.read(scene.name, views).defect.astype(float))
            found = [Prediction(box, 0.5) for box in given_boxes(scene.boxes)]
            found[0] = Prediction(found[0].box, 0.5, mask)
            answers[scene.name] = to_answer(found, tmp_path / name, scene.name)
        header = Header(name, "true-boxes", views, protocol_version=2)
        write_predictions(Predictions(tmp_path / f"{name}.jsonl", header, answers))
        return tmp_path / f"{name}.jsonl"

    files = [file("perfect", lambda d: d), file("inverted", lambda d: 1 - d)]
    perfect, inverted = score(data, "all", files, draws=100).runs
    assert perfect.figures["pixel_auroc"].value == perfect.figures["pixel_aupro"].value == 1
    assert inverted.figures["pixel_auroc"].value == inverted.figures["pixel_aupro"].value == 0
    for run, value in ((perfect, 1.0), (inverted, 0.0)):
        by_kind = {kind: found["pixel_auroc_objects"].value for kind, found in run.by_kind.items()}
        assert by_kind == {"bend": value, "bump": value, "crack": value}
    whole = read_predictions(files[0])
    answers = {name: a for name, a in whole.answers.items() if name != "scene-000001"}
    write_predictions(Predictions(tmp_path / "less.jsonl", whole.header, answers))
    less = score(data, "all", [tmp_path / "less.jsonl"], draws=100).runs[0]
    assert 0.8 < less.figures["pixel_auroc"].value < 1
    bare = score(data, "all", [write_answers(tmp_path / "b.jsonl", truth, noisy(0))], draws=100)
    assert "pixel_auroc" not in bare.runs[0].figures
    assert all("pixel_auroc_objects" not in found for found in bare.runs[0].by_kind.values())


def test_compare_of_a_run_with_itself_gives_no_difference(scored):
    one = read_scored(scored / "out" / "outcomes" / "sample-1-views.json")
    for name, found in compare(one, one, 100, 0).items():
        assert found.a == found.b, name
        assert (found.difference.value, found.difference.low, found.difference.high) == (0, 0, 0)
        assert found.p == 1


def test_compare_finds_the_better_run_and_mirrors(scored):
    one, other = (read_scored(scored / "out" / "outcomes" / f"sample-{n}-views.json") for n in "13")
    there, back = compare(one, other, 400, 0), compare(other, one, 400, 0)
    assert there["auc"].difference.low > 0 and there["auc"].p < 0.05
    assert there["recall"].p == 1
    for name in there:
        assert there[name].difference.value == pytest.approx(-back[name].difference.value)
        assert there[name].p == pytest.approx(back[name].p)
    text = run("compare", *(scored / "out" / "outcomes" / f"sample-{n}-views.json" for n in "13"))
    assert "B*" in text and "views 0, 2, 4" in text and "boxes predicted" in text


def test_p_values_by_hand():
    assert p_value(np.array([1.0] * 99)) == pytest.approx(2 / 100)
    assert p_value(np.array([1.0] * 50 + [-1.0] * 49)) == 1
    assert p_value(np.array([1.0] * 95 + [-1.0] * 4)) == pytest.approx(2 * 5 / 100)
    assert np.isnan(p_value(np.full(3, np.nan)))


def test_p_values_are_small_as_rarely_as_they_say():
    """Two detectors of the same worth differ with p < .1 in about a tenth of the datasets."""
    rng = np.random.default_rng(0)
    small, tries = 0, 200
    for _ in range(tries):
        a, b = rng.random((2, 50)) < 0.7
        weights = rng.multinomial(50, np.full(50, 0.02), size=200)
        small += p_value(weights @ (b.astype(float) - a) / 50) < 0.1
    assert small / tries < 0.2


def test_what_cannot_be_compared(scored, data, truth, tmp_path):
    out = scored / "out" / "outcomes"
    text = sentence("compare", out / "sample-3-views.json", out / "b-told-3-views.json")
    assert "different protocols (predicted and true-boxes)" in text
    run("score", "--data", data, "--split", "seen", "--predictions", scored / "b.jsonl",
        "--out", tmp_path / "seen", "--draws", 100)  # fmt: skip
    assert "different splits (seen and all)" in sentence(
        "compare", tmp_path / "seen", out / "sample-3-views.json"
    )
    other = make_dataset(tmp_path / "other", scenes=16, seed=1)
    file = write_answers(tmp_path / "o.jsonl", read_truth(other), noisy(0), "predicted")
    run("score", "--data", other, "--predictions", file, "--out", tmp_path / "o", "--draws", 100)
    assert "different datasets" in sentence("compare", tmp_path / "o", out / "sample-3-views.json")
    assert "holds 3 runs; give one of" in sentence("compare", scored / "out", scored / "out")
    assert "holds no scored run" in sentence("compare", tmp_path, tmp_path)
    assert "not a scored run" in sentence("compare", scored / "a.jsonl", scored / "a.jsonl")
    assert "No such file" in sentence("compare", tmp_path / "x.json", tmp_path / "x.json")


def test_bad_input_of_the_command_is_one_sentence(data, scored, tmp_path):
    (tmp_path / "file").write_text("")
    file, out = scored / "a.jsonl", tmp_path / "out"
    for options, words in (
        (["--data", tmp_path / "none", "--predictions", file, "--out", out], "no such folder"),
        (["--data", data, "--predictions", tmp_path / "x", "--out", out], "No such file"),
        (["--data", data, "--predictions", file, "--out", tmp_path / "file"], "another --out"),
        (["--data", data, "--predictions", file, "--out", out, "--split", "sen"], "mean seen?"),
        (["--data", data, "--predictions", file, "--out", out, "--draws", 5], "--draws 5"),
    ):
        assert words in sentence("score", *options)
    only_seen = make_dataset(tmp_path / "seen", scenes=1)
    only = write_answers(tmp_path / "s.jsonl", read_truth(only_seen), noisy(0))
    run("score", "--data", only_seen, "--split", "unseen", "--predictions", only, "--out", out)
    assert "no scene of seen shapes" in sentence(
        "score", "--data", only_seen, "--split", "seen", "--predictions", only, "--out", out
    )


def test_one_scene_has_figures_and_no_intervals(tmp_path):
    data = make_dataset(tmp_path / "one", scenes=1)
    file = write_answers(tmp_path / "s.jsonl", read_truth(data), noisy(0))
    found = score(data, "all", [file], draws=100).runs[0].figures["accuracy"]
    assert 0 <= found.value <= 1 and np.isnan(found.low) and np.isnan(found.high)


def test_boxes_have_the_colours_of_their_decisions(data, truth, tmp_path):
    scene = truth.scenes["scene-000001"]
    boxes = np.concatenate([scene.boxes[1:], [[[1, 1, 0], [1.1, 1.1, 0.1]]]])
    wrong = np.where(scene.anomalous[1:], 0.1, 0.9)
    wrong[0] = 1 - wrong[0]
    answer = Answer(boxes, np.append(wrong, 0.8))
    header = Header("d", "predicted", (0,))
    write_predictions(Predictions(tmp_path / "p.jsonl", header, {scene.name: answer}))
    one = score(data, "all", [tmp_path / "p.jsonl"], draws=100).runs[0]
    drawn = scene_boxes(one, one.outcome.names.index(scene.name), scene.boxes)
    by_place = {box.box.tobytes(): box for box in drawn}
    assert len(drawn) == len(scene.boxes) + 1
    assert by_place[scene.boxes[0].tobytes()].dashed
    assert by_place[scene.boxes[0].tobytes()].color == RED
    assert by_place[scene.boxes[1].tobytes()].color == GREEN
    assert all(by_place[box.tobytes()].color == RED for box in scene.boxes[2:])
    assert by_place[boxes[-1].tobytes()].color == ORANGE


def test_a_box_is_drawn_where_the_camera_sees_it(data):
    scene = Dataset(data).read("scene-000001", range(VIEWS))
    bare = draw_view(scene, 0, [])
    drawn = draw_view(scene, 0, [DrawnBox(scene.box_aabb[0], GREEN, "")])
    changed_at = np.argwhere((bare != drawn).any(axis=2))[:, ::-1]
    scale = len(bare) / scene.rgb.shape[1]
    pixels = (
        scale
        * project(box_corners(scene.box_aabb[0]), scene.world_to_camera[0], scene.intrinsics)[0]
    )
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    assert (changed_at >= low - 10).all() and (changed_at <= high + 10).all()
    assert np.abs(changed_at.max(axis=0) - high).max() < 4
    behind = DrawnBox(np.array([[50, 50, 5], [51, 51, 6]], float), RED, "far")
    camera = -scene.world_to_camera[0][:3, :3].T @ scene.world_to_camera[0][:3, 3]
    around = DrawnBox(np.stack([camera - 1, camera + 1]), RED, "round the camera")
    assert draw_view(scene, 0, [behind, around]).shape == bare.shape
