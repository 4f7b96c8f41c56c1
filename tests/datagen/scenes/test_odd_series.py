"""Scenes in series: one shape, one odd version, floor and light, and ever more odd ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from cli import oddgen
from datagen.dataset.reader import Dataset
from datagen.scenes.catalog import open_catalog
from datagen.scenes.plan import plan_scene
from tests.support.runs import tiny_settings


def test_a_series_has_all_but_the_odd_ones_in_common(tmp_path: Path) -> None:
    settings = tiny_settings(objects=(6, 6), odd_series=True, anomalies=("look_alike",))
    catalog = open_catalog(settings, tmp_path)
    plans = [plan_scene(settings, catalog, index, 0) for index in range(10)]
    assert [plan.odd for plan in plans] == [1, 2, 3, 4, 5] * 2
    assert all(plan.shared_defect and len(plan.order) == 6 for plan in plans)
    for series in (plans[:5], plans[5:]):
        first = series[0]
        for plan in series[1:]:
            assert plan.ref == first.ref and plan.scale == first.scale
            assert plan.surroundings.hdri == first.surroundings.hdri
            assert plan.surroundings.hdri_rotation == first.surroundings.hdri_rotation
            assert np.array_equal(plan.ring, first.ring)
    ends = {plans[k].drop_rng.bit_generator.state["state"]["state"] for k in range(10)}
    assert len(ends) == 10
    assert plans[0].surroundings.hdri_rotation != plans[5].surroundings.hdri_rotation


@pytest.mark.slow
def test_a_made_series_holds_copies_of_two_shapes(tmp_path: Path) -> None:
    asked = "generate --objects 4 --odd-series --anomalies look_alike --scenes 3 --labels-only"
    out = tmp_path / "out"
    result = CliRunner().invoke(oddgen, [*asked.split(), "--out", str(out)])
    assert result.exit_code == 0, result.output
    keys = set()
    for number, scene in enumerate(Dataset(out)):
        assert scene.anomalous.sum() == number + 1
        keys |= {entry.shape_key for entry in scene.spec.objects}
    assert len(keys) == 2
    checked = CliRunner().invoke(oddgen, ["validate", str(out), "--to", str(tmp_path / "report")])
    assert checked.exit_code == 0, checked.output


@pytest.mark.parametrize("given", ["--shared-defect", "--normal-share 0.5"])
def test_a_series_shares_all_and_has_no_normal_scenes(tmp_path: Path, given: str) -> None:
    asked = ["generate", "--scenes", "1", "--odd-series", "--objects", "6", *given.split()]
    result = CliRunner().invoke(oddgen, [*asked, "--out", str(tmp_path / "out")])
    assert result.exit_code != 0 and "leave --shared-defect and" in result.output


@pytest.mark.parametrize("objects", ["3-6", "2"])
def test_a_series_needs_one_number_of_objects(tmp_path: Path, objects: str) -> None:
    asked = ["generate", "--scenes", "1", "--odd-series", "--objects", objects]
    result = CliRunner().invoke(oddgen, [*asked, "--out", str(tmp_path / "out")])
    assert result.exit_code != 0
    assert "--odd-series: needs one number of objects" in result.output


def test_other_scenes_are_as_they_were(tmp_path: Path) -> None:
    settings = tiny_settings()
    plan = plan_scene(settings, open_catalog(settings, tmp_path), 3, 0)
    rng = np.random.default_rng([settings.seed, 3, 0])
    choice = rng.spawn(6)[0]
    catalog = open_catalog(settings, tmp_path)
    assert plan.ref == catalog.groups[None].draw(choice)
