"""A sealed dataset tells no label, and scores as the open one does for whoever holds the labels."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from click.testing import CliRunner, Result

from cli import oddbench, oddgen
from datagen.dataset.reader import Dataset


def run(group, *words: object) -> Result:
    return CliRunner().invoke(group, [str(word) for word in words])


@pytest.fixture(scope="module")
def sealed(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sealed copy of `dataset`, and its labels."""
    folder = tmp_path_factory.mktemp("sealed")
    out, labels = folder / "out", folder / "labels.json"
    made = run(oddgen, "seal", dataset, "--to", out, "--labels", labels)
    assert made.exit_code == 0, made.output
    return out, labels


def test_it_holds_images_and_cameras_and_nothing_that_tells(
    dataset: Path, sealed: tuple[Path, Path]
) -> None:
    out, _ = sealed
    assert run(oddgen, "verify", out).exit_code == 0
    shown, original = Dataset(out), Dataset(dataset)
    for here, there in zip(shown, original, strict=True):
        assert np.array_equal(here.rgb, there.rgb)
        assert np.array_equal(here.world_to_camera, there.world_to_camera)
        assert not here.anomalous.any() and not here.instance.any() and not here.depth.any()
        assert all(one.anomaly is None and one.shape_key is None for one in here.spec.objects)
        assert here.spec.shape.seen == there.spec.shape.seen
        assert (here.box_aabb[:, 0] <= there.box_aabb[:, 0] + 1e-9).all()
    told = "".join(json.dumps(scene.spec.to_json()) for scene in shown)
    told += (out / "index.json").read_text() + (out / "seal.json").read_text()
    for scene in original:
        assert scene.spec.shape.id not in told
        assert not any(o.anomaly and f'"{o.anomaly.type}"' in told for o in scene.spec.objects)
    with h5py.File(next((out / "shards").iterdir())) as file:
        assert "defect" not in next(iter(file.values()))


def test_it_scores_as_the_open_one(
    dataset: Path, sealed: tuple[Path, Path], tmp_path: Path
) -> None:
    out, labels = sealed
    found = {}
    for name, data, more in (("open", dataset, ()), ("sealed", out, ("--labels", labels))):
        file = tmp_path / f"{name}.jsonl"
        asked = "--data", data, "--split", "all"
        shown = *asked, "--views", 3, "--detector", "size-outlier"
        made = run(oddbench, "predict", *shown, "--out", file)
        assert made.exit_code == 0, made.output
        scored = *asked, "--predictions", file, "--draws", 100, "--out", tmp_path / name
        made = run(oddbench, "score", *scored, *more)
        assert made.exit_code == 0, made.output
        (one,) = json.loads((tmp_path / name / "scores.json").read_text())["runs"]
        found[name] = {key: one[key] for key in ("figures", "by_kind", "by_defect_pixels")}
        digest = json.loads(file.read_text().splitlines()[0])["data"]
        assert digest == json.loads((tmp_path / name / "scores.json").read_text())["digest"]
    assert found["open"] == found["sealed"]
    closed = run(oddbench, "score", *scored)
    assert closed.exit_code != 0 and "is sealed; give its --labels" in closed.output


def test_changed_labels_are_refused(sealed: tuple[Path, Path], tmp_path: Path) -> None:
    out, labels = sealed
    content = json.loads(labels.read_text())
    scene = content["scenes"]["scene-000001"]
    scene["anomalous"] = [not one for one in scene["anomalous"]]
    (tmp_path / "labels.json").write_text(json.dumps(content))
    file = tmp_path / "p.jsonl"
    asked = "--data", out, "--split", "all"
    run(oddbench, "predict", *asked, "--views", 3, "--detector", "all-normal", "--out", file)
    scored = *asked, "--predictions", file, "--out", tmp_path / "scores"
    made = run(oddbench, "score", *scored, "--labels", tmp_path / "labels.json")
    assert made.exit_code != 0 and "scene-000001 are not those" in made.output


def test_nothing_takes_it_for_a_dataset_without_anomalies(
    dataset: Path, sealed: tuple[Path, Path], tmp_path: Path
) -> None:
    out, labels = sealed
    told = run(oddgen, "info", out)
    assert "its labels are kept elsewhere" in told.output and "anomalous" not in told.output
    asked = "--data", out, "--split", "all", "--views", 3, "--detector", "size-outlier"
    for group, *words in (
        (oddgen, "gallery", out),
        (oddgen, "export", out, "--format", "coco", "--to", tmp_path / "coco"),
        (oddgen, "export", out, "--format", "published", "--to", tmp_path / "published"),
        (oddbench, "study", "objects", *asked, "--out", tmp_path / "study"),
    ):
        refused = run(group, *words)
        assert refused.exit_code != 0 and "is sealed, its labels" in refused.output, words
    file = tmp_path / "p.jsonl"
    hint = run(oddbench, "predict", *asked, "--out", file)
    assert "--labels LABELS --predictions" in hint.output
    scored = "--data", dataset, "--predictions", file, "--out", tmp_path / "s"
    assert "leave --labels out" in run(oddbench, "score", *scored, "--labels", labels).output


def test_a_refused_seal_leaves_no_labels(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for to, told in ((dataset, "is not sealed"), (tmp_path / "file", "choose a folder as --to")):
        refused = run(oddgen, "seal", dataset, "--to", to, "--labels", tmp_path / "l.json")
        assert refused.exit_code != 0 and told in refused.output
        assert not (tmp_path / "l.json").exists()


def test_it_goes_on_and_refuses_what_is_no_seal(
    dataset: Path, sealed: tuple[Path, Path], tmp_path: Path
) -> None:
    out, labels = sealed
    before = labels.read_bytes()
    again = run(oddgen, "seal", dataset, "--to", out, "--labels", labels)
    assert again.exit_code == 0 and "sealed 0, kept 4" in again.output
    assert labels.read_bytes() == before
    inside = run(oddgen, "seal", dataset, "--to", out, "--labels", out / "labels.json")
    assert inside.exit_code != 0 and "keep the labels elsewhere" in inside.output
    twice = run(oddgen, "seal", out, "--to", tmp_path / "x", "--labels", tmp_path / "l.json")
    assert twice.exit_code != 0 and "is sealed" in twice.output
    trained = run(oddbench, "train", "--data", out, "--out", tmp_path / "run")
    assert trained.exit_code != 0 and "is sealed" in trained.output
    checked = run(oddgen, "validate", out, "--to", tmp_path / "report")
    assert checked.exit_code != 0 and "is sealed" in checked.output
