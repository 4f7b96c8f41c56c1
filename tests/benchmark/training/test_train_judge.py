"""oddbench train-judge: it goes on after a stop with the same result, and its file is used."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from rich.console import Console
from sklearn.metrics import roc_auc_score

from benchmark.detectors.interface import Observation
from benchmark.training.finder.train import FinderJob, train_finder
from benchmark.training.judge import train as module
from benchmark.training.judge.detector import load_judging
from benchmark.training.judge.files import LAST, WEIGHTS, load_judge_checkpoint, load_whole_detector
from benchmark.training.judge.measure import calibrate, measure_judged
from benchmark.training.judge.samples import JudgeScene, judge_scene
from benchmark.training.judge.schema import JudgeSteps
from benchmark.training.judge.synthetic_defects import WAYS, Way, with_defect
from benchmark.training.judge.train import JudgeJob, train_judge
from benchmark.training.runs import load_run
from cli import oddbench
from datagen.base.interrupts import Stopped
from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError
from datagen.geometry.boxes import given_boxes
from model.efficientnet import FrozenTrunk
from model.judge.judge import Judge
from tests.support.box_scenes import make_box_scenes
from tests.support.tiny_training import FEW_STEPS, TINY_FINDER, TINY_JUDGE

pytestmark = pytest.mark.usefixtures("one_thread")

STEPS = JudgeSteps(epochs=2, batch=2, cells=100, copies=1)
QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def finder(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("finder") / "run"
    train_finder(FinderJob(dataset, (), out, TINY_FINDER, FEW_STEPS, validation=0), QUIET)
    return out


def job(dataset: Path, finder: Path, out: Path, **changes: object) -> JudgeJob:
    made = JudgeJob(dataset, finder, out, TINY_JUDGE, STEPS, seed=3, validation=0.3)
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def run(dataset: Path, finder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("judge") / "run"
    train_judge(job(dataset, finder, out), QUIET)
    return out


def weights(path: Path) -> dict[str, torch.Tensor]:
    return dict(load_whole_detector(path).judge.state_dict())


def test_a_run_leaves_one_file_and_a_history(run: Path, finder: Path) -> None:
    lines = [json.loads(text) for text in (run / "history.jsonl").read_text().splitlines()]
    assert [entry["epoch"] for entry in lines] == [1, 2]
    whole = load_whole_detector(run)
    assert whole.told.config == TINY_JUDGE and whole.told.finder.config.image == 64
    assert whole.told.facts.train >= 1
    assert not whole.judge.training and (run / WEIGHTS).stat().st_size < 2e6


def test_a_stopped_run_goes_on_to_the_same_weights(
    dataset: Path, finder: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = module._Training._keep

    def stopping(self: object, *arguments: object) -> None:
        kept(self, *arguments)  # type: ignore[arg-type]
        raise Stopped

    monkeypatch.setattr(module._Training, "_keep", stopping)
    with pytest.raises(OddgenError, match="stopped; the same command goes on"):
        train_judge(job(dataset, finder, tmp_path), QUIET)
    monkeypatch.setattr(module._Training, "_keep", kept)
    train_judge(job(dataset, finder, tmp_path), QUIET)
    again, first = weights(tmp_path), weights(run)
    assert all(torch.equal(again[name], first[name]) for name in first)


def test_what_the_encoder_sees_is_kept_and_shared(
    dataset: Path, finder: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*arguments: object, **more: object) -> None:
        raise AssertionError("looked again")

    monkeypatch.setattr(module, "judge_scene", never)
    train_judge(job(dataset, finder, tmp_path, cells=run / "cells"), QUIET)
    first = weights(run)
    assert all(torch.equal(value, first[name]) for name, value in weights(tmp_path).items())


def test_cells_of_another_finder_are_refused(
    dataset: Path, finder: Path, run: Path, tmp_path: Path
) -> None:
    other = FinderJob(
        dataset, (), tmp_path / "finder", TINY_FINDER, FEW_STEPS, seed=9, validation=0
    )
    train_finder(other, QUIET)
    mixed = job(dataset, tmp_path / "finder", tmp_path / "run", cells=run / "cells")
    with pytest.raises(OddgenError, match="cells of other data, another finder"):
        train_judge(mixed, QUIET)


def test_another_run_in_the_folder_is_refused(dataset: Path, finder: Path, run: Path) -> None:
    with pytest.raises(OddgenError, match="other options or data"):
        train_judge(job(dataset, finder, run, seed=4), QUIET)


def test_the_folder_of_a_finder_is_left_as_it_is(dataset: Path, finder: Path) -> None:
    before = sorted(finder.rglob("*"))
    with pytest.raises(OddgenError, match="another kind of run"):
        train_judge(job(dataset, finder, finder), QUIET)
    assert sorted(finder.rglob("*")) == before


def test_what_is_no_trained_detector_is_told_by_what_it_is(finder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path, words in (
        (
            tmp_path / "none",
            "no such file or folder; give the --out folder of oddbench train or train-judge",
        ),
        (tmp_path / "empty", "holds no trained detector"),
        (finder, "holds a finder, which judges nothing"),
        (finder / "finder.safetensors", "cannot be read"),
    ):
        with pytest.raises(OddgenError, match=words):
            load_run(path)


def test_scenes_without_depth_are_refused_by_name(finder: Path, tmp_path: Path) -> None:
    data = make_box_scenes(tmp_path / "boxes", scenes=2, views=3, size=64)
    with pytest.raises(OddgenError, match=r"lacks what the judge learns from.*oddgen generate"):
        train_judge(job(data, finder, tmp_path / "run", validation=0.0), QUIET)


def test_what_is_true_of_cells(dataset: Path) -> None:
    """Defects lie only on odd objects' cells; views and objects can be left out."""
    data, trunk = Dataset(dataset), FrozenTrunk()
    for name in data.names:
        scene = data.read(name)
        masks = torch.from_numpy(scene.instance > 0).float()[:, None]
        made = judge_scene(data, name, trunk, lambda images, masks=masks: masks, TINY_JUDGE)
        assert np.array_equal(made.targets.odd.numpy() > 0, scene.anomalous > 0)
        if not scene.anomalous.any():
            assert made.targets.defect.max() == 0
        seen = made.drawn([2, 0], None, np.random.default_rng(0))
        assert set(seen.cells.view.tolist()) <= {0, 1} and seen.cells.views == 2
        fewer = made.of_objects([0, 2])
        assert fewer.cells.objects == 2 and set(fewer.cells.owner.tolist()) <= {0, 1}
        assert torch.equal(fewer.targets.odd, made.targets.odd[[0, 2]])
        assert torch.equal(
            fewer.cells.features[fewer.cells.owner == 1],
            made.cells.features[made.cells.owner == 2],
        )
        few = made.drawn([0, 1, 2], 40, np.random.default_rng(0))
        assert len(few.cells.owner) < 70


def test_copies_with_defects_have_more_odd_objects_and_say_where(dataset: Path) -> None:
    data, trunk = Dataset(dataset), FrozenTrunk()
    for name in data.names:
        scene = data.read(name)
        masks = torch.from_numpy(scene.instance > 0).float()[:, None]

        def made(seed: int | None, name: str = name, masks: torch.Tensor = masks) -> JudgeScene:
            rng = None if seed is None else np.random.default_rng(seed)
            return judge_scene(data, name, trunk, lambda images: masks, TINY_JUDGE, rng)

        plain, changed, again = made(None), made(4), made(4)
        assert torch.equal(changed.cells.features, again.cells.features)
        new = changed.targets.odd - plain.targets.odd
        room = (len(new) - 1) // 2 - plain.targets.odd.sum()  # fewer than half are ever odd
        assert new.min() == 0 and min(1, room) <= new.sum() <= room
        assert torch.equal(changed.cells.owner.unique(), plain.cells.owner.unique())
        for number in new.nonzero()[:, 0].tolist():
            mine = changed.cells.owner == number
            assert changed.targets.defect[mine].max() > 0
        assert changed.targets.odd.sum() < len(new) / 2


@pytest.mark.parametrize("way", WAYS)
def test_every_synthetic_defect_changes_a_spot_and_no_more(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmark.training.judge.synthetic_defects.WAYS", (way,))
    rng = np.random.default_rng(0)
    crops = torch.from_numpy(rng.random((3, 3, 48, 48))).float()
    outline = torch.zeros(3, 48, 48)
    outline[:, 8:40, 8:40] = 1.0
    made = with_defect(crops, outline, torch.zeros(3, 2), rng)
    assert made.crops.min() >= 0 and made.crops.max() <= 1
    assert 0.005 < made.changed.mean() < 0.7
    same = made.changed[:, None].expand_as(crops) == 0
    assert (made.crops - crops)[same].abs().max() <= 0.04 + 1e-6


def test_calibration_brings_logits_to_shares() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=4000) * 3
    odd = rng.random(4000) < 1 / (1 + np.exp(-(0.5 * logits - 1)))
    judge = Judge(TINY_JUDGE)
    calibrate(judge, logits, odd)
    assert judge.calibration.tolist() == pytest.approx([0.5, -1.0], abs=0.1)
    found = judge.probability(torch.from_numpy(logits).float()).detach().numpy()
    assert abs(found.mean() - odd.mean()) < 0.01
    before = judge.calibration.clone()
    calibrate(judge, logits[:5], odd[:5])
    assert torch.equal(judge.calibration, before)
    assert measure_judged(logits, odd)["auc"] == pytest.approx(roc_auc_score(odd, logits))
    assert measure_judged(logits, np.zeros_like(odd)) == {}


def test_files_that_are_no_detector(run: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes((run / WEIGHTS).read_bytes()[:-50])
    for path in (tmp_path / "none.safetensors", cut):
        with pytest.raises(OddgenError, match="train-judge"):
            load_whole_detector(path)
    (tmp_path / LAST).write_text("no")
    with pytest.raises(OddgenError, match="damaged or no checkpoint"):
        load_judge_checkpoint(tmp_path / LAST)


def test_given_boxes_are_judged_and_none_are_found_in_an_empty_picture(
    dataset: Path, run: Path
) -> None:
    loaded = load_judging(run)
    assert loaded.protocol(None) == "predicted"
    scene = Dataset(dataset)[0]
    seen = Observation(scene.rgb, scene.intrinsics, scene.world_to_camera)
    boxes = given_boxes(scene.box_aabb)
    given = loaded.detector.predict(replace(seen, boxes=boxes))
    assert np.array_equal([one.box for one in given], boxes)
    assert all(0 < one.score < 1 for one in given)
    nothing = np.zeros(scene.rgb.shape[:3], np.uint8)
    assert loaded.detector.predict(replace(seen, silhouettes=nothing)) == []
    why = loaded.detector.explain(replace(seen, silhouettes=nothing))  # type: ignore[attr-defined]
    assert "no view shows anything" in why


def test_the_commands(dataset: Path, finder: Path, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    options = ["--data", dataset, "--finder", finder, "--epochs", 1, "--copies", 0]
    words = ["train-judge", *options, "--validation", 0, "--out", out]
    made = CliRunner().invoke(oddbench, [str(word) for word in words])
    assert made.exit_code == 0, made.output
    assert "next: oddbench predict --checkpoint" in made.output
    answers = tmp_path / "answers.jsonl"
    words = ["predict", "--checkpoint", run, "--data", dataset, "--views", 2, "--out", answers]
    told = CliRunner().invoke(
        oddbench, [str(word) for word in [*words, "--protocol", "true-boxes"]]
    )
    assert told.exit_code == 0, told.output
    assert len(answers.read_text().splitlines()) > 4
