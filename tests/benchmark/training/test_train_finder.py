"""oddbench train-finder: it goes on after a stop with the same result, and its file is used."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from rich.console import Console

from benchmark.detectors.baselines import SizeOutlier
from benchmark.detectors.interface import Loaded, Observation
from benchmark.training.finder import train as module
from benchmark.training.finder.detector import with_finder
from benchmark.training.finder.files import LAST, WEIGHTS, load_checkpoint, load_finder
from benchmark.training.finder.samples import spoilt
from benchmark.training.finder.train import FinderJob, train_finder
from cli import oddbench
from datagen.base.interrupts import Stopped
from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError
from tests.support.box_scenes import make_box_scenes
from tests.support.tiny_training import FEW_STEPS, TINY_FINDER

STEPS = replace(FEW_STEPS, head_steps=4, ground_steps=4, close_steps=4, invented=3)
QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_box_scenes(tmp_path_factory.mktemp("boxes") / "out", scenes=6, views=4, size=64)


def job(data: Path, out: Path, **changes: object) -> FinderJob:
    made = FinderJob(data, (data,), out, TINY_FINDER, STEPS, seed=3, validation=0.2)
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("finder") / "run"
    train_finder(job(data, out), QUIET)
    return out


def weights(path: Path) -> dict[str, torch.Tensor]:
    return dict(load_finder(path)[0].state_dict())


def test_a_run_leaves_weights_and_a_history(run: Path) -> None:
    lines = [json.loads(text) for text in (run / "history.jsonl").read_text().splitlines()]
    assert [(entry["stage"], entry["step"]) for entry in lines] == [
        ("silhouettes", 4), ("birds-eye", 4), ("closer-look", 4),
    ]  # fmt: skip
    assert 0 <= lines[0]["measured"]["silhouette_iou"] <= 1
    assert 0 <= lines[1]["measured"]["found"] <= 1
    finder, told = load_finder(run)
    assert told.config == TINY_FINDER and told.facts.train == 5 and told.facts.held_out == 1
    assert not finder.training


@pytest.mark.parametrize("stop", [2, 6, 10])
def test_a_stopped_run_goes_on_to_the_same_weights(
    data: Path, run: Path, tmp_path: Path, stop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEEP_EVERY", 1)
    kept = module._Training._keep
    count = 0

    def stopping(self: object, *arguments: object) -> None:
        nonlocal count
        kept(self, *arguments)  # type: ignore[arg-type]
        count += 1
        if count == stop:
            raise Stopped

    monkeypatch.setattr(module._Training, "_keep", stopping)
    with pytest.raises(OddgenError, match="stopped; the same command goes on"):
        train_finder(job(data, tmp_path), QUIET)
    monkeypatch.setattr(module._Training, "_keep", kept)
    train_finder(job(data, tmp_path), QUIET)
    again, first = weights(tmp_path), weights(run)
    assert all(torch.equal(again[name], first[name]) for name in first)


def test_what_a_killed_run_had_begun_goes_with_the_next(data: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / f"{LAST}.77.part").write_bytes(b"half")
    train_finder(job(data, tmp_path / "run"), QUIET)
    assert not list((tmp_path / "run").glob("*.part"))


def test_another_run_in_the_folder_is_refused(data: Path, run: Path) -> None:
    with pytest.raises(OddgenError, match="other options or data"):
        train_finder(job(data, run, seed=4), QUIET)


def test_files_that_are_no_finder(run: Path, tmp_path: Path) -> None:
    (tmp_path / "text.safetensors").write_text("no")
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes((run / WEIGHTS).read_bytes()[:-50])
    for path in (tmp_path / "none", tmp_path / "text.safetensors", cut):
        with pytest.raises(OddgenError, match="train-finder"):
            load_finder(path)
    (tmp_path / LAST).write_text("no")
    with pytest.raises(OddgenError, match="damaged or no checkpoint"):
        load_checkpoint(tmp_path / LAST)


def test_a_detector_judges_found_boxes_or_given_ones(dataset: Path, run: Path) -> None:
    loaded = with_finder(Loaded("size-outlier", "1", SizeOutlier()), run)
    assert loaded.protocol(None) == "predicted" and "finder" in (loaded.version or "")
    scene = Dataset(dataset)[0]
    seen = Observation(scene.rgb, scene.intrinsics, scene.world_to_camera)
    given = loaded.detector.predict(replace(seen, boxes=scene.box_aabb))
    assert np.array_equal([one.box for one in given], scene.box_aabb)
    found = loaded.detector.predict(seen)
    assert len(found) == len(loaded.detector.look(seen).found.boxes)  # type: ignore[attr-defined]
    assert all(0 <= one.score <= 1 for one in found)


def test_the_command_says_what_a_wrong_option_is(run: Path, data: Path, tmp_path: Path) -> None:
    common = ["predict", "--data", data, "--views", 2, "--out", tmp_path / "p.jsonl"]
    for options, words in [
        (["--finder", run], "finds boxes for what has none of its own"),
        (["--detector", "size-outlier", "--finder", tmp_path], "no such file"),
    ]:
        result = CliRunner().invoke(oddbench, [str(word) for word in [*common, *options]])
        assert result.exit_code == 1 and words in result.output
        assert result.output.count("\n") == 1


def test_noise_spoils_silhouettes_smoothly() -> None:
    clean = torch.zeros(2, 1, 32, 32)
    clean[:, :, 8:24, 8:24] = 1.0
    found = spoilt(clean, np.random.default_rng(0), 2.0)
    assert found.min() >= 0 and found.max() <= 1
    assert ((found > 0.5) == (clean > 0.5)).float().mean() > 0.8
    assert torch.equal(found, spoilt(clean, np.random.default_rng(0), 2.0))


def test_a_wrong_dataset_leaves_no_folder(data: Path, tmp_path: Path) -> None:
    for changes in ({"data": tmp_path / "none"}, {"labels": (tmp_path / "none",)}):
        with pytest.raises(OddgenError, match="none"):
            train_finder(replace(job(data, tmp_path / "run"), **changes), QUIET)
        assert not (tmp_path / "run").exists()
