"""colmap-dgcnn from shards to answers: resumption, what is kept, and its commands."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from rich.console import Console

from benchmark.detectors.interface import Observation
from benchmark.training.dgcnn import train as training
from benchmark.training.dgcnn.files import load_checkpoint, load_dgcnn
from benchmark.training.dgcnn.schema import DgcnnEntry
from benchmark.training.dgcnn.train import DgcnnJob, train_dgcnn
from benchmark.training.dgcnn.validate import _boundary
from benchmark.training.runs import load_run, weights_file
from cli import oddbench
from datagen.base.typed import parse
from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError
from datagen.geometry.boxes import given_boxes
from model.dgcnn.config import NANO, DgcnnConfig
from tests.support.textured_scenes import make_textured_scenes

pytestmark = pytest.mark.usefixtures("one_thread")

QUIET = Console(quiet=True)
TINY = replace(
    NANO,
    name="tiny",
    reconstruction=replace(NANO.reconstruction, back_end="depth", voxel=0.015),
    network=replace(NANO.network, points=48, channels=(16, 16), width=32, embedding=16),
    training=replace(NANO.training, pretraining_epochs=1, epochs=3, batch=2),
)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six scenes of four textured boxes, six views of 32 x 32."""
    return make_textured_scenes(tmp_path_factory.mktemp("textured") / "out", 6, 6, 32)


@pytest.fixture(scope="module")
def run(scenes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run on them."""
    out = tmp_path_factory.mktemp("run") / "run"
    train_dgcnn(job(scenes, out), QUIET)
    return out


def job(data: Path, out: Path, config: DgcnnConfig = TINY, **changes: Any) -> DgcnnJob:
    return DgcnnJob(data, out, config, **({"validation": 0.3, "device": "cpu"} | changes))


def observed(scenes: Path, number: int = 0, **changes: Any) -> Observation:
    scene = Dataset(scenes)[number]
    boxes = given_boxes(scene.box_aabb)
    seen = Observation(
        scene.rgb, scene.intrinsics, scene.world_to_camera, boxes, len(boxes), depth=scene.depth
    )
    return replace(seen, **changes)


def test_a_run_killed_within_an_epoch_ends_as_if_it_had_not_been(
    scenes: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights, optimiser and history are equal; so are those of a run killed among its clouds."""
    learned, calls = training._Trainer._step, iter(range(100))

    def dies(self: Any, loss: torch.Tensor) -> None:
        if next(calls) == 5:
            raise RuntimeError("killed")
        learned(self, loss)

    pieces = job(scenes, tmp_path / "pieces")
    with monkeypatch.context() as patched:
        patched.setattr(training._Trainer, "_step", dies)
        with pytest.raises(RuntimeError, match="killed"):
            train_dgcnn(pieces, QUIET)
    assert 0 < len(load_checkpoint(tmp_path / "pieces/last.pt").state.history) < 4
    gone = sorted((tmp_path / "pieces/clouds").glob("scene-*"))[2]
    gone.unlink()
    train_dgcnn(pieces, QUIET)
    first, second = load_checkpoint(run / "last.pt"), load_checkpoint(tmp_path / "pieces/last.pt")
    assert gone.exists() and first.state.history == second.state.history
    assert all(torch.equal(first.model[key], second.model[key]) for key in first.model)
    states = (checkpoint.optimiser["state"] for checkpoint in (first, second))
    for one, other in zip(*(state.values() for state in states), strict=True):
        assert torch.equal(one["exp_avg"], other["exp_avg"])
    assert not list(tmp_path.rglob("*.part"))


def test_what_is_kept_is_the_best_epoch_of_triplets(scenes: Path, run: Path) -> None:
    network, told = load_dgcnn(run)
    lines = (run / "history.jsonl").read_text().splitlines()
    history = [parse(DgcnnEntry, text) for text in lines]
    assert [(entry.stage, entry.epoch) for entry in history] == [(1, 1), (2, 1), (2, 2), (2, 3)]
    ranks = [(e.validation["auc"], -e.validation["loss"]) for e in history[1:]]  # type: ignore[index, operator]
    assert told.entry == history[1:][ranks.index(max(ranks))]
    assert told.facts.categories == ("box", "crate") and told.views == 6
    assert 0 < float(network.prior) < 1 and float(network.steep) > 0
    told_quality = json.loads((run / "reconstruction.json").read_text())
    assert told_quality["oracle"] is True and told_quality["mean"]["complete"] > 0.9
    assert told.quality is not None and told.quality.without == 0
    before = (run / "last.pt").read_bytes()
    assert train_dgcnn(job(scenes, run), QUIET) == run / "clouds.safetensors"
    assert (run / "last.pt").read_bytes() == before


@pytest.mark.parametrize(
    ("config", "changes", "words"),
    [
        (TINY, {"seed": 1}, "another seed"),
        (replace(TINY, training=replace(TINY.training, epochs=9)), {}, "another epochs"),
        (
            replace(TINY, reconstruction=NANO.reconstruction),
            {},
            "another back end, voxel",
        ),
    ],
)
def test_other_options_do_not_go_on_with_a_run(
    scenes: Path, run: Path, config: DgcnnConfig, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(OddgenError, match=words) as caught:
        train_dgcnn(job(scenes, run, config, **changes), QUIET)
    assert str(run) in str(caught.value) and "\n" not in str(caught.value)


def test_without_held_out_scenes_votes_go_by_the_training_scenes(
    scenes: Path, tmp_path: Path
) -> None:
    train_dgcnn(job(scenes, tmp_path, validation=0.0), QUIET)
    network, told = load_dgcnn(tmp_path)
    assert told.entry.epoch == 3 and told.quality is None and float(network.prior) == 0.25
    assert not (tmp_path / "reconstruction.json").exists()


def test_an_oracle_is_marked_and_says_what_it_lacks(scenes: Path, run: Path) -> None:
    loaded = load_run(run)
    assert loaded.shown_name == "colmap-dgcnn (oracle)"
    assert "depth" in str(loaded.version) and loaded.detector.needs_depth  # type: ignore[attr-defined]
    seen = observed(scenes)
    far = seen.boxes + 5.0  # type: ignore[operator]
    both = np.concatenate([seen.boxes, far[:1]])  # type: ignore[list-item]
    found = loaded.detector.predict(replace(seen, boxes=both))
    assert np.array_equal([one.box for one in found], both)
    assert all(0 <= one.score <= 1 for one in found)
    notes = loaded.detector.notes()  # type: ignore[attr-defined]
    assert "sees 6 views and is meant for 20" in notes[0] and "no cloud of object 4" in notes[1]
    loaded.detector.predict(seen)
    assert loaded.detector.notes() == [], "few views are told once"  # type: ignore[attr-defined]
    with pytest.raises(OddgenError, match="is an oracle"):
        loaded.detector.predict(observed(scenes, depth=None))
    with pytest.raises(OddgenError, match="holds a baseline, which nothing goes on from"):
        weights_file(run)


def test_pairs_that_differ_are_told_from_those_that_do_not() -> None:
    distances = np.array([0.1, 0.2, 0.15, 0.9, 1.0, 1.1])
    at, steep = _boundary(distances, distances > 0.5)
    assert 0.2 < at < 0.9 and steep > 0
    assert _boundary(distances, distances < 0.5)[0] == pytest.approx(0.55)
    assert _boundary(np.zeros(0), np.zeros(0, bool)) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--model", "colmap-dgcnn", "--preset", "voxel-small"], "has paper, small, nano"),
        (["--model", "colmap-dgcnn", "--encoder", "resnet50-fpn"], "--encoder: means nothing to"),
        (["--model", "colmap-dgcnn", "--epochs", "0"], "teaches a baseline nothing"),
        (["--model", "detr3d", "--reconstruction", "depth"], "--reconstruction: means nothing to"),
        (["--reconstruction", "depth"], "--reconstruction: is for baselines"),
    ],
)
def test_a_wrong_request_is_one_sentence(
    scenes: Path, tmp_path: Path, options: list[str], sentence: str
) -> None:
    answer = CliRunner().invoke(
        oddbench, ["train", "--data", str(scenes), "--out", str(tmp_path / "run"), *options]
    )
    assert answer.exit_code == 1
    assert sentence in answer.output and "Traceback" not in answer.output


@pytest.mark.parametrize("back_end", [pytest.param("plane-sweep", marks=pytest.mark.slow), "depth"])
def test_train_predict_and_score_by_their_commands(
    back_end: str, scenes: Path, tmp_path: Path
) -> None:
    def command(*words: str) -> str:
        answer = CliRunner().invoke(oddbench, list(words))
        assert answer.exit_code == 0, answer.output
        return answer.output

    run, answers, data = tmp_path / "run", tmp_path / "answers.jsonl", str(scenes)
    train = ["train", "--model", "colmap-dgcnn", "--preset", "nano", "--data", data]
    train += ["--reconstruction", back_end, "--pretraining-epochs", "1", "--epochs", "1"]
    output = command(*train, "--validation", "0.3", "--device", "cpu", "--out", str(run))
    assert "6 views and 20 are wanted" in output and f"clouds by {back_end}" in output
    asked = ["--split", "all", "--views", "6", "--out", str(answers)]
    output = command("predict", "--checkpoint", str(run), "--data", data, *asked)
    assert "sees 6 views and is meant for 20" in output
    marked = "colmap-dgcnn (oracle)" if back_end == "depth" else "colmap-dgcnn"
    assert json.loads(answers.read_text().splitlines()[0])["detector"] == marked
    scores = ["--predictions", str(answers), "--split", "all", "--out", str(tmp_path / "scores")]
    assert "oracle" in command("score", "--data", data, *scores) or back_end == "plane-sweep"
