"""Disturbances do what they say, keep cameras and images together, and are the same every time."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmark.commands.robustness import NAMES
from benchmark.detectors.interface import Observation
from benchmark.studies.robustness import DISTURBANCES, Disturbance
from cli import oddbench
from datagen.geometry.cameras import project
from tests.support.captures import BOXES, known_scene
from tests.support.random_detector import random_whole

BY_NAME = {one.name: one for one in DISTURBANCES}


@pytest.fixture(scope="module")
def seen() -> Observation:
    scene = known_scene(views=4)
    return Observation(scene.rgb, scene.matrix, scene.poses)


def changed(name: str, seen: Observation, level: float, seed: int = 0) -> Observation:
    return BY_NAME[name].change(seen, level, np.random.default_rng(seed))


def test_cameras_turn_and_move_by_as_much_as_asked(seen: Observation) -> None:
    turned = changed("camera rotation", seen, 1.5)
    for before, after in zip(seen.world_to_camera, turned.world_to_camera, strict=True):
        cosine = (np.trace(after[:3, :3] @ before[:3, :3].T) - 1) / 2
        assert np.degrees(np.arccos(cosine)) == pytest.approx(1.5, abs=1e-3)
    moved = changed("camera place", seen, 2.0)
    away = np.linalg.norm((moved.world_to_camera - seen.world_to_camera)[:, :3, 3], axis=1)
    assert np.allclose(away, 0.02 * np.linalg.norm(seen.world_to_camera[:, :3, 3], axis=1))


@pytest.mark.parametrize(("name", "level"), [("longer lens", 1.25), ("cropped views", 25.0)])
def test_a_window_shows_what_its_camera_says(seen: Observation, name: str, level: float) -> None:
    """The coloured boxes lie where the new intrinsics put them."""
    found = changed(name, seen, level)
    height, width = found.rgb.shape[1:3]
    for view, pose in enumerate(found.world_to_camera):
        for box in BOXES:
            top = box.mean(axis=0) * [1, 1, 0] + [0, 0, box[1, 2]]
            (old,), (new,) = (
                project(top[None], pose, matrix)[0]
                for matrix in (seen.intrinsics, found.intrinsics[view])
            )
            inside = (new > 2).all() and new[0] < width - 2 and new[1] < height - 2
            if inside and (old > 2).all() and (old < 62).all():
                was = seen.rgb[view, int(old[1]), int(old[0])].astype(int)
                now = found.rgb[view, int(new[1]), int(new[0])].astype(int)
                assert np.abs(was - now).max() < 60


def test_light_is_changed_in_linear_light(seen: Observation) -> None:
    brighter = changed("exposure", seen, 1.0).rgb.astype(int)
    assert (brighter >= seen.rgb).all() and brighter.mean() > seen.rgb.mean() + 5
    assert np.array_equal(changed("exposure", seen, 0.0).rgb, seen.rgb)
    warm = changed("white balance", seen, 0.4).rgb.astype(int) - seen.rgb
    assert warm[..., 0].min() >= 0 >= warm[..., 2].max() and (warm[..., 1] == 0).all()


@pytest.mark.parametrize("one", DISTURBANCES, ids=NAMES)
def test_each_is_the_same_every_time_and_changes_something(
    one: Disturbance, seen: Observation
) -> None:
    level = one.levels[-1]
    first, second = (changed(one.name, seen, level, seed=3) for _ in range(2))
    assert np.array_equal(first.rgb, second.rgb)
    assert np.array_equal(first.world_to_camera, second.world_to_camera)
    same = first.rgb.shape == seen.rgb.shape and np.array_equal(first.rgb, seen.rgb)
    assert not same or not np.allclose(first.world_to_camera, seen.world_to_camera)


@pytest.mark.slow
def test_the_command_makes_a_table(dataset: Path, tmp_path: Path) -> None:
    run = random_whole(tmp_path / "run")
    arguments = f"robustness --data {dataset} --checkpoint {run} --views 3 --only blur "
    result = CliRunner().invoke(oddbench, [*arguments.split(), "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader((tmp_path / "out/robustness.csv").open()))
    assert [row["disturbance"] for row in rows] == ["as it is", "blur", "blur"]
    assert [row["level"] for row in rows] == ["", "1 pixels", "2 pixels"]
    assert all("[" in row["AUC, given boxes"] for row in rows)


def test_the_commands_names_are_the_disturbances() -> None:
    assert tuple(BY_NAME) == NAMES
