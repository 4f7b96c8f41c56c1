"""Datasets without images, and scenes whose odd objects share a defect."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from cli import oddbench, oddgen
from datagen.dataset.reader import ARRAYS, Dataset
from datagen.dataset.verify import verify
from datagen.run.generate import generate
from datagen.run.pool import run_local
from datagen.scenes.catalog import open_catalog
from datagen.scenes.journal import Journal
from datagen.scenes.plan import plan_scene
from datagen.scenes.scene import prepare_scene
from tests.support.runs import tiny_settings


@pytest.fixture(scope="module")
def labels(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the session's dataset is, without images."""
    out = tmp_path_factory.mktemp("labels") / "out"
    settings = tiny_settings(labels_only=True)
    assert not generate(settings, 4, out, dataset.parent / "cache", run_local).failed
    return out


def test_labels_are_those_of_the_scenes_with_images(labels: Path, dataset: Path) -> None:
    for bare, whole in zip(Dataset(labels), Dataset(dataset), strict=True):
        assert bare.unknown == {"rgb"}
        assert bare.rgb.shape == whole.rgb.shape and not bare.rgb.any()
        for key in set(ARRAYS) - {"rgb"}:
            assert np.array_equal(getattr(bare, key), getattr(whole, key)), key


def test_a_dataset_without_images_verifies_and_says_that_it_has_none(labels: Path) -> None:
    assert not verify(labels)
    told = CliRunner().invoke(oddgen, ["info", str(labels)])
    assert "without images" in told.output


def test_what_needs_images_says_so(labels: Path, tmp_path: Path) -> None:
    runs = [
        (oddgen, ["gallery", labels]),
        (oddgen, ["export", labels, "--format", "coco", "--to", tmp_path / "coco"]),
        (oddgen, ["export", labels, "--format", "mvtec", "--to", tmp_path / "mvtec"]),
        (oddgen, ["export", labels, "--format", "published", "--to", tmp_path / "published"]),
        (oddbench, ["predict", labels, "--detector", "size-outlier", "--out", tmp_path / "p"]),
        (oddbench, ["predict", "--data", labels, "--detector", "size-outlier", "--views", 2,
                    "--out", tmp_path / "p.jsonl"]),
        (oddbench, ["train", "--data", labels, "--no-distillation", "--out", tmp_path / "run"]),
    ]  # fmt: skip
    for command, arguments in runs:
        result = CliRunner().invoke(command, [str(argument) for argument in arguments])
        assert result.exit_code == 1, arguments
        assert "made with --labels-only" in result.output and result.output.count("\n") == 1


def test_odd_objects_share_a_defect_where_they_are_asked_to(tmp_path: Path) -> None:
    settings = tiny_settings(objects=(7, 7), normal_share=0.0, shared_defect=0.5)
    catalog = open_catalog(settings, tmp_path)
    plans = [plan_scene(settings, catalog, index, 0) for index in range(40)]
    assert 10 <= sum(plan.shared_defect for plan in plans) <= 30
    assert {plan.odd for plan in plans if plan.shared_defect} == {1, 2, 3}
    index = next(plan.index for plan in plans if plan.shared_defect and plan.odd > 1)
    scene = prepare_scene(settings, catalog, index, Journal())
    odd = [item.shape for item in scene.objects if item.normal_shape is not None]
    assert len(odd) > 1 and all(shape is odd[0] for shape in odd)


def test_no_scene_shares_where_nothing_is_said(tmp_path: Path) -> None:
    settings = tiny_settings(objects=(7, 7))
    catalog = open_catalog(settings, tmp_path)
    assert not any(plan_scene(settings, catalog, index, 0).shared_defect for index in range(20))
