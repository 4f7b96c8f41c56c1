"""oddbench train --model: the same result however often it is cut off, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from rich.console import Console

from benchmark.detectors.interface import Observation
from benchmark.training.baselines.files import load_baseline, load_checkpoint
from benchmark.training.baselines.networks import AnyConfig, chosen
from benchmark.training.baselines.schema import BaselineEntry
from benchmark.training.baselines.train import BaselineJob, train_baseline
from benchmark.training.baselines.validate import Looked, best_least, judged
from benchmark.training.run_files import told_format
from benchmark.training.runs import load_run, weights_file
from cli import oddbench
from datagen.base.typed import parse
from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError
from model.baseline import Baseline, Candidates
from model.detr3d.network import Detr3d
from model.imvoxelnet.network import ImVoxelNet
from tests.support.baselines import TINY_DETR3D, TINY_IMVOXELNET
from tests.support.box_scenes import make_box_scenes
from tests.support.detectors import BOXES, some_views

pytestmark = pytest.mark.usefixtures("one_thread")

QUIET = Console(quiet=True)
each = pytest.mark.parametrize("config", [TINY_IMVOXELNET, TINY_DETR3D], ids=lambda c: c.kind)


@pytest.fixture(scope="module")
def boxes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six scenes of three boxes, four views of 32 x 32."""
    return make_box_scenes(tmp_path_factory.mktemp("boxes") / "out", 6, 4, 32)


@pytest.fixture(scope="module")
def run(boxes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run on them. Copy it to change it."""
    out = tmp_path_factory.mktemp("run") / "run"
    train_baseline(job(boxes, out, TINY_DETR3D), QUIET)
    return out


def job(data: Path, out: Path, config: AnyConfig, **changes: Any) -> BaselineJob:
    return BaselineJob(data, out, config, **({"validation": 0.3, "device": "cpu"} | changes))


def same(first: Any, second: Any) -> bool:
    if isinstance(first, torch.Tensor):
        return torch.equal(first, second)
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[k], second[k]) for k in first)
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    return first == second


@each
def test_a_run_killed_within_an_epoch_ends_as_if_it_had_not_been(
    config: AnyConfig, boxes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights, optimiser and history are equal, and so are the weights that are kept."""
    train_baseline(job(boxes, tmp_path / "whole", config), QUIET)
    kind: type[Baseline] = ImVoxelNet if config.kind == "imvoxelnet" else Detr3d
    learned, calls = kind.loss, iter(range(100))

    def dies(self: Any, *arguments: Any) -> Any:
        if self.training and next(calls) == 3:
            raise RuntimeError("killed")
        return learned(self, *arguments)

    pieces = job(boxes, tmp_path / "pieces", config)
    with monkeypatch.context() as patched:
        patched.setattr(kind, "loss", dies)
        with pytest.raises(RuntimeError, match="killed"):
            train_baseline(pieces, QUIET)
    assert load_checkpoint(tmp_path / "pieces/last.pt").state.epoch == 1
    train_baseline(pieces, QUIET)
    first, second = (load_checkpoint(tmp_path / name / "last.pt") for name in ("whole", "pieces"))
    assert same(first.model, second.model) and same(first.optimiser, second.optimiser)
    assert first.state.history == second.state.history and first.state.epoch == 3
    lines = (tmp_path / "pieces/history.jsonl").read_text().splitlines()
    assert tuple(parse(BaselineEntry, text) for text in lines) == first.state.history
    one, other = (load_baseline(tmp_path / name)[0] for name in ("whole", "pieces"))
    assert same(one.state_dict(), other.state_dict())
    assert not list(tmp_path.glob("*/*.part"))


def test_what_is_kept_is_the_epoch_of_the_highest_auc(boxes: Path, run: Path) -> None:
    network, told = load_baseline(run)
    history = load_checkpoint(run / "last.pt").state.history
    ranks = [(entry.validation["auc"], -entry.validation["loss"]) for entry in history]  # type: ignore[index, operator]
    assert told.entry == history[ranks.index(max(ranks))]
    assert told.config == TINY_DETR3D and told.facts.data
    assert sorted(told.facts.train + told.facts.validation) == Dataset(boxes).names
    assert told.entry.validation is not None
    assert float(network.least) == pytest.approx(told.entry.validation["least"], abs=1e-3)
    before = (run / "last.pt").read_bytes()
    assert train_baseline(job(boxes, run, TINY_DETR3D), QUIET) == run / "baseline.safetensors"
    assert (run / "last.pt").read_bytes() == before


@pytest.mark.parametrize(
    ("config", "changes", "words"),
    [
        (TINY_DETR3D, {"seed": 1}, "another seed"),
        (TINY_IMVOXELNET, {}, "another model"),
        (replace(TINY_DETR3D, name="nano"), {}, "another preset"),
        (
            replace(TINY_DETR3D, training=replace(TINY_DETR3D.training, epochs=9)),
            {},
            "another epochs",
        ),
        (TINY_DETR3D, {"validation": 0.5}, "another train, validation"),
    ],
)
def test_other_options_do_not_go_on_with_a_run(
    boxes: Path, run: Path, config: AnyConfig, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(OddgenError, match=words) as caught:
        train_baseline(job(boxes, run, config, **changes), QUIET)
    assert str(run) in str(caught.value) and "\n" not in str(caught.value)


def test_a_loss_that_is_no_number_stops_the_run(boxes: Path, tmp_path: Path) -> None:
    wild = replace(TINY_DETR3D.training, learning_rate=float("inf"))
    with pytest.raises(OddgenError, match="the loss is nan in epoch"):
        train_baseline(job(boxes, tmp_path, replace(TINY_DETR3D, training=wild)), QUIET)


def test_without_held_out_scenes_the_last_epoch_is_kept(boxes: Path, tmp_path: Path) -> None:
    train_baseline(job(boxes, tmp_path, TINY_DETR3D, validation=0.0), QUIET)
    network, told = load_baseline(tmp_path)
    assert told.entry.epoch == 3 and told.entry.validation is None
    assert float(network.least) == pytest.approx(TINY_DETR3D.least, abs=1e-3)


def test_how_sure_a_box_must_be_is_chosen_by_what_is_found() -> None:
    candidates = Candidates(
        torch.cat([BOXES, BOXES[:2] + 1.0]),
        torch.tensor([0.9, 0.5, 0.33, 0.3, 0.22]),
        torch.tensor([0.9, 0.1, 0.2, 0.5, 0.5]),
    )
    scene = Looked(candidates, BOXES.double().numpy(), np.array([1, 0, 0], np.float32))
    assert best_least([scene]) == pytest.approx(0.3)
    sure = judged(scene, 0.31)
    assert (sure.found, sure.extra) == (3, 0)
    assert np.allclose(sure.scores, [0.9, 0.1, 0.2])
    strict = judged(scene, 0.6)
    assert (strict.found, strict.extra) == (1, 0) and (strict.scores[1:] > 1).all()


def test_a_baseline_answers_as_a_detector(run: Path, tmp_path: Path) -> None:
    for path in (run, run / "baseline.safetensors"):
        loaded = load_run(path)
        assert loaded.name == "detr3d" and "weights" in str(loaded.version)
    assert told_format(run / "baseline.safetensors") == "odd-one-out baseline"
    assert told_format(run / "last.pt") is None
    views = some_views(1, 3, 32)
    scene = Observation(
        (views.images[0].permute(0, 2, 3, 1) * 255).byte().numpy(),
        views.intrinsics[0, 0].double().numpy(),
        views.world_to_camera[0].double().numpy(),
    )
    for prediction in loaded.detector.predict(scene):
        assert (prediction.box[0] < prediction.box[1]).all() and 0 <= prediction.score <= 1
    given = BOXES.double().numpy()
    found = loaded.detector.predict(replace(scene, boxes=given, count=3))
    assert np.array_equal([prediction.box for prediction in found], given)
    with pytest.raises(OddgenError, match="holds a baseline, which nothing goes on from"):
        weights_file(run)


def test_a_file_of_a_baseline_that_is_damaged_is_one_sentence(run: Path, tmp_path: Path) -> None:
    (tmp_path / "baseline.safetensors").write_bytes(b"nothing")
    with pytest.raises(OddgenError, match="no baseline that can be read"):
        load_run(tmp_path)
    assert told_format(tmp_path / "baseline.safetensors") is None


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--model", "detr3d", "--preset", "voxel-small"], "has paper, small, nano"),
        (["--model", "detr3d", "--teacher", "a.pth"], "--teacher: means nothing to"),
        (["--model", "imvoxelnet", "--from", "shipped"], "--from: means nothing to"),
        (["--model", "imvoxelnet", "--preset", "paper"], "has 4 views, and 5 are needed"),
        (["--model", "detr3d", "--epochs", "0"], "teaches a baseline nothing"),
        (["--encoder", "resnet50-fpn"], "--encoder: is for baselines"),
        (["--model", "dgcnn"], "dgcnn: not known"),
    ],
)
def test_a_wrong_request_is_one_sentence(
    boxes: Path, tmp_path: Path, options: list[str], sentence: str
) -> None:
    answer = CliRunner().invoke(
        oddbench, ["train", "--data", str(boxes), "--out", str(tmp_path / "run"), *options]
    )
    assert answer.exit_code == 1
    assert sentence in answer.output and "Traceback" not in answer.output


def test_a_preset_takes_another_encoder_and_other_numbers() -> None:
    config = chosen("detr3d", "nano", "resnet50-fpn", epochs=2, batch=None)
    assert config.encoder == chosen("detr3d", "paper").encoder
    assert config.training.epochs == 2 and config.training.batch == 4


@pytest.mark.slow
@pytest.mark.parametrize("model", ["imvoxelnet", "detr3d"])
def test_train_predict_and_score_by_their_commands(
    model: str, dataset: Path, tmp_path: Path
) -> None:
    """On rendered scenes, with the real encoder. Half a minute each."""

    def command(*words: str) -> str:
        answer = CliRunner().invoke(oddbench, list(words))
        assert answer.exit_code == 0, answer.output
        return answer.output

    run, answers, data = tmp_path / "run", tmp_path / "answers.jsonl", str(dataset)
    train = ["train", "--model", model, "--preset", "nano", "--data", data, "--out", str(run)]
    output = command(*train, "--epochs", "1", "--validation", "0.3", "--device", "cpu")
    assert str(run / "baseline.safetensors") in output
    for protocol in ("predicted", "true-boxes"):
        asked = ["--protocol", protocol, "--views", "3", "--out", str(answers)]
        command("predict", "--checkpoint", str(run), "--data", data, *asked)
        scores = ["--predictions", str(answers), "--out", str(tmp_path / protocol)]
        command("score", "--data", data, *scores)
        assert (tmp_path / protocol / "scores.json").exists()
        answers.unlink()
