"""The odd versions of a shape: the same from a cold cache, a warm one and a damaged one."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from anomalies.make import Anomaly
from datagen.dataset.settings import Settings
from datagen.scenes import build
from datagen.scenes.catalog import open_catalog
from datagen.scenes.journal import Journal
from datagen.scenes.scene import PreparedScene, prepare_scene
from tests.support.runs import tiny_settings
from tests.support.shapes import same

SETTINGS = tiny_settings(
    versions=3.0, shapes=8, objects=(5, 5), normal_share=0.0,
    anomalies=("material", "bump", "fracture"),
)  # fmt: skip


def scene_of(cache: Path, settings: Settings = SETTINGS) -> tuple[PreparedScene, Journal]:
    journal = Journal()
    return prepare_scene(settings, open_catalog(settings, cache), 0, journal), journal


def odd_ones(scene: PreparedScene) -> list[Anomaly]:
    return [item for item in scene.built.anomalies if item is not None]


def assert_same(one: PreparedScene, other: PreparedScene) -> None:
    assert len(one.objects) == len(other.objects) == 5
    for first, second in zip(one.objects, other.objects, strict=True):
        assert same(first.shape, second.shape)
        assert np.array_equal(first.object_to_world, second.object_to_world)
    for first, second in zip(odd_ones(one), odd_ones(other), strict=True):
        assert first.parameters == second.parameters and first.strength == second.strength
        assert np.array_equal(first.affected_faces, second.affected_faces)
    for field in fields(one.labels):
        ours, theirs = (getattr(scene.labels, field.name) for scene in (one, other))
        assert np.array_equal(ours, theirs), field.name


@pytest.fixture(scope="module")
def cold(tmp_path_factory) -> tuple[Path, PreparedScene, Journal]:
    folder = tmp_path_factory.mktemp("cold")
    return folder, *scene_of(folder)


def test_a_warm_cache_makes_none_and_the_scene_is_the_same(cold, monkeypatch) -> None:
    folder, scene, journal = cold
    assert odd_ones(scene)
    monkeypatch.setattr(build, "make_anomaly", lambda *_: pytest.fail("made again"))
    again, journal_again = scene_of(folder)
    assert_same(scene, again)
    assert journal_again.rejections == journal.rejections


def test_a_damaged_file_is_made_again(cold) -> None:
    folder, scene, _ = cold
    (listed,) = folder.glob("shapes/*/*.versions-*")
    content = listed.read_bytes()
    listed.write_bytes(content[:-9] + b"x" * 9)
    assert_same(scene, scene_of(folder)[0])
    assert listed.read_bytes() == content
    for path in folder.glob("shapes/*/*.glb"):
        path.write_bytes(path.read_bytes()[:-50])
    assert_same(scene, scene_of(folder)[0])


def test_another_severity_has_other_versions(cold) -> None:
    folder, scene, _ = cold
    strong = scene_of(folder, replace(SETTINGS, severity=(0.9, 1.0)))[0]
    assert min(item.severity for item in odd_ones(strong)) >= 0.9
    assert max(item.severity for item in odd_ones(scene)) <= 2 / 3
