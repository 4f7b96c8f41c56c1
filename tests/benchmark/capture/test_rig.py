"""A rig: what a capture tells of its cameras, and photographs that have only their order."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmark.capture.capture import place_capture, read_capture
from benchmark.capture.observation import Item, ObservationRequest, observe_item
from benchmark.capture.rig import capture_of_rig, placed_for_rig, rig_of, ring_of
from cli import oddbench
from datagen.dataset.rig_file import read_rig, write_rig
from datagen.errors import OddgenError
from datagen.geometry.rig import Rig, rig_fault
from tests.support.captures import KnownScene, known_scene, some_similarity, write_transforms
from tests.support.random_detector import random_run

SIMILARITY = some_similarity(1)


@pytest.fixture(scope="module")
def scene() -> KnownScene:
    return known_scene(views=5)


@pytest.fixture(scope="module")
def shelf(scene: KnownScene, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_transforms(tmp_path_factory.mktemp("rig") / "shelf", scene, SIMILARITY)


def plane(shelf: Path) -> tuple[float, ...]:
    """The floor of the scene in the capture's coordinates."""
    normal = SIMILARITY.rotation[:, 2]
    return (*normal.tolist(), float(-normal @ SIMILARITY.shift))


@pytest.fixture(scope="module")
def rig(shelf: Path) -> Rig:
    boxes = np.array([[[0, 0, 0], [0.3, 0.2, 0.1]], [[1, 0, 0], [1.2, 0.3, 0.1]]], float)
    return rig_of(placed_for_rig(shelf, 64, plane(shelf), None), boxes)


def test_a_rig_has_the_cameras_of_its_capture(scene: KnownScene, rig: Rig) -> None:
    assert rig_fault(rig) is None and rig.poses is not None
    own = -np.einsum("vji,vj->vi", rig.poses[:, :3, :3], rig.poses[:, :3, 3])
    true = -np.einsum("vji,vj->vi", scene.poses[:, :3, :3], scene.poses[:, :3, 3])

    def distances(points: np.ndarray) -> np.ndarray:
        return np.linalg.norm(points[:, None] - points, axis=2)

    ratio = distances(own)[0, 1:] / distances(true)[0, 1:]
    assert np.allclose(ratio, ratio[0], rtol=1e-4)
    assert rig.matrix is not None and np.allclose(
        rig.matrix[:2], scene.matrix[0, 0] / 64, rtol=1e-3
    )
    assert rig.size is not None and 0.2 < rig.size[0] < rig.size[1] < 0.35


def test_photographs_in_order_are_seen_as_the_capture_is(
    scene: KnownScene, shelf: Path, rig: Rig, tmp_path: Path
) -> None:
    write_rig(rig, tmp_path / "rig.yaml")
    placed = place_capture(read_capture(shelf), 64, 5, plane(shelf))
    plain = tmp_path / "plain"
    plain.mkdir()
    for path in (shelf / "images").iterdir():
        (plain / path.name).write_bytes(path.read_bytes())
    request = ObservationRequest(5, "predicted", rig=read_rig(tmp_path / "rig.yaml"))
    seen = observe_item(Item("plain", plain, None), request, 64).observation
    assert sorted(image.tobytes() for image in seen.rgb) == sorted(
        image.tobytes() for image in placed.rgb
    )
    own, true = (
        np.linalg.norm(poses[:, None, :3, 3] - poses[:, :3, 3], axis=2)
        for poses in (seen.world_to_camera, placed.world_to_camera)
    )
    assert np.allclose(np.sort(own.ravel()), np.sort(true.ravel()), atol=1e-4)


def test_the_command_takes_folders_of_photographs_with_a_rig(
    shelf: Path, rig: Rig, tmp_path: Path
) -> None:
    write_rig(rig, tmp_path / "rig.yaml")
    plain = tmp_path / "plain"
    plain.mkdir()
    for path in (shelf / "images").iterdir():
        (plain / path.name).write_bytes(path.read_bytes())
    run = random_run(tmp_path / "random")
    arguments = ["predict", str(plain), "--checkpoint", str(run), "--out", str(tmp_path / "out")]
    without = CliRunner().invoke(oddbench, arguments)
    assert without.exit_code == 1 and "holds no transforms.json" in without.output
    with_rig = CliRunner().invoke(oddbench, [*arguments, "--rig", str(tmp_path / "rig.yaml")])
    assert with_rig.exit_code == 0, with_rig.output
    boxes = json.loads((tmp_path / "out/plain/boxes.json").read_text())
    assert len(boxes["views"]) == 5 and np.allclose(boxes["floor"], [0, 0, 1, 0])


def test_too_few_photographs_are_told(shelf: Path, rig: Rig, tmp_path: Path) -> None:
    first = next((shelf / "images").iterdir())
    (tmp_path / first.name).write_bytes(first.read_bytes())
    with pytest.raises(OddgenError, match="holds 1 photographs, the rig has 5 cameras"):
        capture_of_rig(tmp_path, rig)


def test_a_photograph_whose_name_is_no_utf8_is_named(shelf: Path, rig: Rig, tmp_path: Path) -> None:
    for path in (shelf / "images").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    try:
        (tmp_path / path.name).rename(tmp_path / "f\udcfcnf.png")
    except (OSError, UnicodeError):
        pytest.skip("this file system takes UTF-8 alone")
    with pytest.raises(OddgenError, match=r"f\\xfcnf\.png: this name is no UTF-8; rename"):
        capture_of_rig(tmp_path, rig)


def test_hands_hold_cameras_all_round(rig: Rig) -> None:
    ring = ring_of(rig)
    assert ring.cameras is None and ring.matrix == rig.matrix and rig_fault(ring) is None
    assert ring.distance is not None and ring.distance[0] <= ring.distance[1]
    assert ring_of(Rig(lens=30.0)) == Rig(lens=30.0)
