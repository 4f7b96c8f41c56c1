"""oddbench train: the same result however often it is cut off, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from rich.console import Console

import benchmark.training.train as training
from benchmark.detectors.interface import Observation
from benchmark.training.checkpoint import load, load_detector, save
from benchmark.training.detector import load_trained
from benchmark.training.features import precompute, read_features
from benchmark.training.scenes import SceneSet, collate, read_model_scene
from benchmark.training.schema import HistoryEntry
from benchmark.training.split import data_checksum, split
from benchmark.training.train import TrainingJob, train
from cli import oddbench
from datagen.base.typed import WrongData, parse, parsed
from datagen.dataset.reader import Dataset
from datagen.dataset.schema import SceneSpec
from datagen.errors import OddgenError
from model.config import NANO, DistillationConfig
from model.teacher import Teacher, fit_reduction, load_teacher
from tests.support.box_scenes import make_box_scenes
from tests.support.data import DINOV2, needs
from tests.support.detectors import TINY
from tests.support.json_files import MISSING, Key, change_content
from tests.support.runs import tiny_settings
from tests.support.specs import some_spec

pytestmark = pytest.mark.usefixtures("one_thread")

PLAIN = replace(TINY, distillation=None)
QUIET = Console(quiet=True)


@pytest.fixture(scope="session")
def boxes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six scenes of three boxes, four views of 32 x 32."""
    return make_box_scenes(tmp_path_factory.mktemp("boxes") / "out", 6, 4, 32)


@pytest.fixture(scope="session")
def run(boxes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run on them. Copy it to change it."""
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("run") / "run"
    assert train(job(boxes, out), QUIET) == out / "best.pt"
    return out


def small_dinov2(seed: int = 0) -> Any:
    from transformers import Dinov2Config, Dinov2Model

    torch.manual_seed(seed)
    config: Any = Dinov2Config
    model = Dinov2Model(config(hidden_size=64, num_hidden_layers=2, num_attention_heads=1))
    return model.eval()


@pytest.fixture(scope="session")
def teacher_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random DINOv2 weights under the names of the hub."""
    state = small_dinov2().state_dict()
    for layer in range(2):
        for kind in ("weight", "bias"):
            parts = [
                state.pop(f"encoder.layer.{layer}.attention.{name}_proj.{kind}") for name in "qkv"
            ]
            state[f"blocks.{layer}.attn.qkv.{kind}"] = torch.cat(parts)
    names = {
        "encoder.layer.": "blocks.",
        "attention.o_proj": "attn.proj",
        "embeddings.position_embeddings": "pos_embed",
        "embeddings.patch_embeddings.projection": "patch_embed.proj",
        "embeddings.": "",
        "layer_scale1.lambda1": "ls1.gamma",
        "layer_scale2.lambda1": "ls2.gamma",
        "layernorm": "norm",
    }
    for old, new in names.items():
        state = {key.replace(old, new): value for key, value in state.items()}
    path = tmp_path_factory.mktemp("weights") / "hub.pth"
    torch.save(state, path)
    return path


def job(data: Path, out: Path, **changes: Any) -> TrainingJob:
    options = {"config": PLAIN, "validation": 0.3, "cpu": True}
    return TrainingJob(data, out, **(options | changes))


def equal(first: Any, second: Any) -> bool:
    if isinstance(first, torch.Tensor):
        return torch.equal(first, second)
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(equal(first[k], second[k]) for k in first)
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(equal, first, second))
    return first == second


def test_a_run_killed_in_each_stage_ends_as_if_it_had_not_been(
    boxes: Path, teacher_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed within the second epoch of both stages; weights, optimiser and history are equal."""
    whole = job(boxes, tmp_path / "whole", config=TINY, teacher=teacher_file)
    train(whole, QUIET)
    pieces = replace(whole, out=tmp_path / "pieces")
    learned = training.TrainingStep.forward
    for steps in (3, 5):
        calls = iter(range(100))

        def dies(*arguments: Any, steps: int = steps, calls: Any = calls) -> Any:
            if arguments[0].training and next(calls) == steps:
                raise RuntimeError("killed")
            return learned(*arguments)

        monkeypatch.setattr(training.TrainingStep, "forward", dies)
        with pytest.raises(RuntimeError, match="killed"):
            train(pieces, QUIET)
    monkeypatch.setattr(training.TrainingStep, "forward", learned)
    train(pieces, QUIET)
    for name in ("last.pt", "best.pt"):
        first, second = load(tmp_path / "whole" / name), load(tmp_path / "pieces" / name)
        # a commit may come in between
        same_code = replace(second, state=replace(second.state, code=first.state.code))
        assert equal(vars(first), vars(same_code))
    stages = [(entry.stage, entry.epoch) for entry in first.state.history]
    assert stages[:3] == [(1, 1), (1, 2), (2, 1)]
    lines = (tmp_path / "pieces/history.jsonl").read_text().splitlines()
    history = load(tmp_path / "whole/last.pt").state.history
    assert tuple(parse(HistoryEntry, line) for line in lines) == history


def test_what_a_run_leaves_behind(boxes: Path, run: Path) -> None:
    detector, checkpoint = load_detector(run)
    state = checkpoint.state
    assert detector.config == state.config == PLAIN
    assert state.run.data == data_checksum(Dataset(boxes))
    names = state.run.train + state.run.validation
    assert sorted(names) == Dataset(boxes).names and len(state.run.validation) == 2
    stored = torch.load(run / "last.pt", weights_only=True)
    assert set(stored["code"]) == {"odd-one-out", "torch", "commit", "changed"}
    measured = state.history[-1].validation
    assert measured is not None and set(measured) == {
        "image",
        "mask",
        "classification",
        "loss",
        "recall",
        "auc",
    }
    assert (run / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert list((run / "tensorboard").iterdir())
    assert not list(run.glob("*.part"))


def test_a_finished_run_is_left_as_it_is(boxes: Path, run: Path) -> None:
    before = (run / "last.pt").read_bytes()
    assert train(job(boxes, run), QUIET) == run / "best.pt"
    assert (run / "last.pt").read_bytes() == before


def test_each_epoch_lowers_the_loss_at_first(boxes: Path, tmp_path: Path) -> None:
    few = replace(PLAIN, training=replace(PLAIN.training, pretraining_epochs=6, epochs=0))
    train(job(boxes, tmp_path, config=few, validation=0.0), QUIET)
    losses = [entry.train["loss"] for entry in load(tmp_path / "last.pt").state.history]
    assert losses[-1] < 0.8 * losses[0]
    assert not (tmp_path / "best.pt").exists()


def test_other_options_do_not_go_on_with_a_run(boxes: Path, run: Path) -> None:
    with pytest.raises(OddgenError, match="another seed") as caught:
        train(job(boxes, run, seed=1), QUIET)
    assert str(run) in str(caught.value) and "\n" not in str(caught.value)
    other = replace(PLAIN, training=replace(PLAIN.training, learning_rate=1.0))
    with pytest.raises(OddgenError, match="another configuration"):
        train(job(boxes, run, config=other), QUIET)


def test_a_damaged_checkpoint_is_one_sentence(tmp_path: Path) -> None:
    for content in (b"", b"no checkpoint"):
        (tmp_path / "last.pt").write_bytes(content)
        with pytest.raises(OddgenError, match="damaged or no checkpoint"):
            load(tmp_path / "last.pt")
    torch.save({"weights": torch.zeros(1)}, tmp_path / "last.pt")
    with pytest.raises(OddgenError, match="not a checkpoint of oddbench train"):
        load(tmp_path / "last.pt")
    with pytest.raises(OddgenError, match="no such file"):
        load_detector(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        (("model",), MISSING, "model is missing"),
        (("config", "image"), "256", "config.image should be a valid integer"),
        (("config", "encoder", "kind"), "vit", "config.encoder.kind should be"),
        (("config", "volume", "grid", "shape"), [16, 16], "config.volume.grid.shape.2 is missing"),
        (("config", "matching", "later"), 1, "config.matching.later is not known here"),
        (("run", "seed"), None, "run.seed should be a valid integer"),
        (("run", "train"), "all", "run.train should be"),
        (("run", "data"), torch.zeros(2), "no JSON"),
        (("code", "odd-one-out"), MISSING, "code.odd-one-out is missing"),
        (("stage",), 3, "stage should be 1 or 2"),
        (("history",), {}, "history should be"),
        (("history", 0, "train", "loss"), "low", "history.0.train.loss should be a valid number"),
        (("history", 1, "validation"), [], "history.1.validation should be"),
    ],
)
def test_a_wrong_type_in_a_checkpoint_is_one_sentence(
    run: Path, tmp_path: Path, key: Key, value: object, words: str
) -> None:
    content = torch.load(run / "last.pt", weights_only=True)
    change_content(content, key, value)
    torch.save(content, tmp_path / "last.pt")
    with pytest.raises(OddgenError) as caught:
        load(tmp_path / "last.pt")
    text = str(caught.value)
    assert text.startswith(f"{tmp_path / 'last.pt'}: {words}") and "\n" not in text
    assert "use another one" in text


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("epoch", "1", "epoch should be a valid integer"),
        ("stage", 0, "stage should be 1 or 2"),
        ("train", {"loss": None}, "train.loss should be a valid number"),
        ("train", None, "train should be"),
        ("validation", {"auc": "high"}, "validation.auc should be a valid number"),
    ],
)
def test_a_wrong_type_in_a_history_is_told(run: Path, key: str, value: object, words: str) -> None:
    content = json.loads((run / "history.jsonl").read_text().splitlines()[-1])
    parsed(HistoryEntry, content)
    with pytest.raises(WrongData, match=words):
        parsed(HistoryEntry, content | {key: value})


def test_a_checkpoint_of_another_versions_detector_is_one_sentence(
    run: Path, tmp_path: Path
) -> None:
    checkpoint = load(run / "last.pt")
    fewer = {key: value for key, value in checkpoint.model.items() if "perceptron" not in key}
    state = replace(checkpoint.state, code=replace(checkpoint.state.code, version="0.4.0"))
    save(replace(checkpoint, state=state, model=fewer), tmp_path / "last.pt")
    with pytest.raises(OddgenError, match="weights are of odd-one-out 0.4.0") as caught:
        load_detector(tmp_path)
    assert str(tmp_path / "last.pt") in str(caught.value) and "\n" not in str(caught.value)


def test_a_checkpoint_is_written_whole_or_not_at_all(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint, path = load(run / "last.pt"), tmp_path / "last.pt"
    save(checkpoint, path)
    before = path.read_bytes()

    def half(content: Any, file: Path) -> None:
        file.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(OSError, match="disk full"):
        save(checkpoint, path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_a_loss_that_is_no_number_stops_the_run(boxes: Path, tmp_path: Path) -> None:
    wild = replace(PLAIN, training=replace(PLAIN.training, mask_weight=float("nan")))
    with pytest.raises(OddgenError, match="the loss is nan in epoch 1 of stage 1"):
        train(job(boxes, tmp_path, config=wild), QUIET)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--preset", "voxel-nano"], "needs a teacher"),
        (["--preset", "voxel-nano", "--teacher", "nowhere.pth"], "nowhere.pth: no such file"),
        (["--preset", "voxel-nano", "--variant", "A"], "has 4 views, and 6 are needed"),
        (["--preset", "paper", "--variant", "A"], "has 4 views, and 10 are needed"),
        (["--data", "nowhere", "--variant", "A"], "nowhere: no such folder"),
        (["--variant", "D"], "D: not known"),
    ],
)
def test_a_wrong_request_is_one_sentence(
    boxes: Path, tmp_path: Path, options: list[str], sentence: str
) -> None:
    result = CliRunner().invoke(
        oddbench,
        ["train", "--data", str(boxes), "--out", str(tmp_path / "run"), *options],
    )
    assert result.exit_code == 1
    assert sentence in result.output and "Traceback" not in result.output


def test_weights_for_an_encoder_that_takes_none_are_refused(boxes: Path, tmp_path: Path) -> None:
    with pytest.raises(OddgenError, match="takes no weights"):
        train(job(boxes, tmp_path, encoder_weights=tmp_path), QUIET)


class Specs:
    """Scenes of which only the specification is known."""

    out = Path("specs")

    def __init__(self, shapes: list[tuple[str, bool | None]], asked: str = "all") -> None:
        self.index = SimpleNamespace(config=replace(tiny_settings(), split=asked))
        self.shapes = dict(zip((f"scene-{k:06d}" for k in range(len(shapes))), shapes, strict=True))

    @property
    def names(self) -> list[str]:
        return list(self.shapes)

    def spec(self, name: str) -> SceneSpec:
        key, seen = self.shapes[name]
        return some_spec(0, key, [None], seen=seen)


def test_validation_scenes_show_other_shapes_and_test_scenes_stay_out() -> None:
    specs: Any = Specs([(f"shape-{k % 20}", k % 20 < 15) for k in range(200)])
    made = split(specs, 0.2, seed=0)
    kept = {specs.shapes[name][0] for name in made.train}
    held = {specs.shapes[name][0] for name in made.validation}
    assert not kept & held and len(made.train) + len(made.validation) == 150
    assert all(specs.shapes[name][1] for name in made.train + made.validation)
    assert len(made.validation) == 30
    assert split(specs, 0.2, seed=0) == made != split(specs, 0.2, seed=1)
    assert split(specs, 0.0, seed=0).validation == ()


def test_a_dataset_that_cannot_be_split_is_one_sentence() -> None:
    unseen: Any = Specs([("a", False)], asked="unseen")
    with pytest.raises(OddgenError, match="no scene of the seen split"):
        split(unseen, 0.1, 0)
    many: Any = Specs([(f"shape-{k}", False) for k in range(20)])
    with pytest.raises(OddgenError, match="no scene of the seen split"):
        split(many, 0.1, 0)


@pytest.mark.parametrize("seen", [True, False, None])
def test_of_one_part_scenes_are_held_out(seen: bool | None) -> None:
    single: Any = Specs([("bracket", seen)] * 50)
    made = split(single, 0.1, 0)
    assert len(made.train) == 45 and len(made.validation) == 5
    assert not set(made.train) & set(made.validation)
    assert "one shape, so 5 scenes are held out, not shapes" in made.notes[-1]
    assert (len(made.notes) == 2) is (seen is False)
    assert split(single, 0.0, 0).validation == ()


def test_scenes_come_as_they_are_stored(dataset: Path) -> None:
    data = Dataset(dataset)
    name = data.names[0]
    scene, whole = read_model_scene(data, name, 64, [2, 0]), data.read(name, [2, 0])
    assert np.array_equal(scene.images.permute(0, 2, 3, 1), whole.rgb)
    assert np.array_equal(scene.masks, whole.instance > 0)
    assert np.allclose(scene.intrinsics, whole.intrinsics)
    assert np.allclose(scene.world_to_camera, whole.world_to_camera)
    small = read_model_scene(data, name, 32, [2])
    mean = whole.rgb[0].reshape(32, 2, 32, 2, 3).mean((1, 3))
    assert np.abs(small.images[0].permute(1, 2, 0).numpy() - mean).mean() < 4
    assert torch.allclose(small.intrinsics[:2], scene.intrinsics[:2] / 2)


def test_views_are_a_function_of_the_epoch_and_of_nothing_else(boxes: Path) -> None:
    data = Dataset(boxes)
    kept = SceneSet(data, data.names, 32, 2, None, seed=0, memory=1 << 30)
    read = SceneSet(data, data.names, 32, 2, None, seed=0, memory=0)
    drawn = set()
    for epoch in range(4):
        kept.epoch = read.epoch = (2, epoch)
        for index in range(len(kept)):
            first, second = kept[index], read[index]
            assert all(torch.equal(first[key], second[key]) for key in first)
        drawn.add(tuple(kept.drawn_views(0).tolist()))
    assert len(drawn) > 1


def test_scenes_of_different_counts_make_one_batch(boxes: Path) -> None:
    data = Dataset(boxes)
    items = [SceneSet(data, data.names, 32, 2, None, 0, 0)[k] for k in range(2)]
    items[1] = items[1] | {"boxes": items[1]["boxes"][:1], "labels": items[1]["labels"][:1]}
    batch = collate(items)
    assert batch["present"].tolist() == [[True] * 3, [True, False, False]]
    assert torch.equal(batch["boxes"][1, 0], items[1]["boxes"][0])


def test_a_teacher_in_the_hubs_names_is_the_same_model(teacher_file: Path) -> None:
    loaded, original = load_teacher(teacher_file), small_dinov2()
    images = torch.rand((2, 3, 56, 56), generator=torch.Generator().manual_seed(0))
    assert loaded.features(images, 4).shape == (2, 4, 4, 64)
    again = Teacher(original, "original").features(images, 4)
    assert torch.allclose(loaded.features(images, 4), again, atol=1e-6)
    assert "not an official checkpoint" in loaded.source


def test_other_weights_are_no_teacher(tmp_path: Path) -> None:
    torch.save({"weight": torch.zeros(3)}, tmp_path / "a.pth")
    (tmp_path / "b.safetensors").write_bytes(b"nothing")
    for name, sentence in (("a.pth", "not a DINOv2 checkpoint"), ("b.safetensors", "cannot be")):
        with pytest.raises(OddgenError, match=sentence):
            load_teacher(tmp_path / name)


@needs("weights")
def test_real_dinov2_weights_tell_objects_from_the_floor(dataset: Path) -> None:
    """The first principal component of its features parts objects from all else."""
    from sklearn.metrics import roc_auc_score

    scene = Dataset(dataset).read("scene-000000")
    images = torch.from_numpy(scene.rgb).permute(0, 3, 1, 2).float() / 255
    features = load_teacher(DINOV2).features(images, 16).numpy()
    reduction = fit_reduction(features.reshape(-1, 384), 8)
    first = reduction(features)[..., 0].ravel()
    objects = (scene.instance > 0).reshape(-1, 16, 4, 16, 4).mean((2, 4)).ravel() > 0.5
    area = roc_auc_score(objects, first)
    assert max(area, 1 - area) > 0.9


def test_features_are_made_once_and_go_on_after_a_kill(
    boxes: Path, teacher_file: Path, tmp_path: Path
) -> None:
    data, config = Dataset(boxes), DistillationConfig(channels=8, size=4, width=8)

    def make(path: Path, dies_after: int = 99) -> None:
        made = iter(range(100))

        def advance() -> None:
            if next(made) == dies_after:
                raise RuntimeError("killed")

        precompute(
            data, data.names, config, lambda: load_teacher(teacher_file), "sum", path, 0,
            torch.device("cpu"), advance,
        )  # fmt: skip

    make(tmp_path / "whole.h5")
    with pytest.raises(RuntimeError, match="killed"):
        make(tmp_path / "pieces.h5", dies_after=1)
    assert not (tmp_path / "pieces.h5").exists()
    make(tmp_path / "pieces.h5")
    views = np.array([2, 0])
    for name in data.names:
        first = read_features(tmp_path / "whole.h5", name, views)
        assert first.shape == (2, 8, 4, 4) and first.dtype == np.float16
        assert np.array_equal(first, read_features(tmp_path / "pieces.h5", name, views))
    with h5py.File(tmp_path / "whole.h5") as file:
        components = file["components"][()]
        assert "not an official checkpoint" in file.attrs["teacher"]
    assert np.allclose(components @ components.T, np.eye(8), atol=1e-4)
    config = replace(config, channels=4)
    with pytest.raises(OddgenError, match="features of another channels"):
        make(tmp_path / "whole.h5")


def test_a_checkpoint_answers_as_a_detector(boxes: Path, run: Path) -> None:
    loaded = load_trained(run, "cpu")
    with h5py.File(Dataset(boxes).shard("scene-000000")) as file:
        scene = {key: array[()] for key, array in file["scene-000000"].items()}
    seen = Observation(scene["rgb"], scene["intrinsics"], scene["world_to_camera"])
    for prediction in loaded.detector.predict(seen):
        assert (prediction.box[0] < prediction.box[1]).all() and 0 <= prediction.score <= 1
    true = scene["box_aabb"]
    given = loaded.detector.predict(replace(seen, boxes=true, count=3))
    assert np.array_equal([prediction.box for prediction in given], true)
    assert loaded.version is not None and "weights" in loaded.version
    wide = np.repeat(scene["rgb"], 2, axis=2)
    matrix = scene["intrinsics"] * np.array([[2.0], [1.0], [1.0]])
    stretched = replace(seen, rgb=wide, intrinsics=matrix, boxes=true, count=3)
    for one, other in zip(given, loaded.detector.predict(stretched), strict=True):
        assert abs(one.score - other.score) < 0.02


@pytest.mark.slow
def test_nano_overfits_four_scenes(tmp_path: Path) -> None:
    """AUC 1 on the scenes trained on, from views of them that vary. About four CPU-minutes."""
    from functools import partial

    from sklearn.metrics import roc_auc_score

    from datagen.dataset.settings import RenderSettings
    from datagen.run.generate import generate
    from datagen.run.pool import run_local
    from tests.support.runs import tiny_settings

    render = RenderSettings(samples=4, resolution=NANO.image, views=8)
    settings = tiny_settings(render=render, split="seen", normal_share=0.0, severity=(0.8, 1.0))
    generate(settings, 4, tmp_path / "data", tmp_path / "cache", partial(run_local, workers=1))
    nano = replace(NANO, distillation=None)
    config = replace(
        nano,
        training=replace(
            nano.training,
            pretraining_epochs=30,
            epochs=80,
            learning_rate=2e-3,
            augment=False,
            foreign=0.0,
        ),
    )
    train(job(tmp_path / "data", tmp_path / "run", config=config, validation=0.0), QUIET)
    loaded = load_trained(tmp_path / "run", "cpu")
    labels, scores = [], []
    for name in Dataset(tmp_path / "data").names:
        scene = Dataset(tmp_path / "data").read(name, [0, 3, 6])
        seen = Observation(scene.rgb, scene.intrinsics, scene.world_to_camera, scene.box_aabb, 3)
        scores += [prediction.score for prediction in loaded.detector.predict(seen)]
        labels += scene.anomalous.tolist()
    assert 0 < sum(labels) < len(labels)
    assert roc_auc_score(labels, scores) == 1.0
