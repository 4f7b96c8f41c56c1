"""The page shows what the scene holds, in a real browser too."""

from __future__ import annotations

import io
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from cli import oddgen
from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError
from datagen.pictures.viewer.content import (
    EDGES,
    NORMAL_COLOR,
    ODD_COLOR,
    camera_poses,
    description,
    panel_image,
    predicted_boxes,
    scene_points,
    truth_boxes,
)
from datagen.pictures.viewer.server import open_dataset, serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    *("--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
    *("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
]
PORT = 8137


def odd_scene(dataset: Path):
    data = Dataset(dataset)
    return next(scene for scene in map(data.read, data.names) if scene.anomalous.any())


def test_points_lie_where_the_objects_are(dataset):
    scene = odd_scene(dataset)
    points = scene_points(scene)
    above = points.xyz[points.xyz[:, 2] > 0.003]
    low, high = scene.box_aabb[:, 0] - 0.002, scene.box_aabb[:, 1] + 0.002
    inside = ((above[:, None] >= low) & (above[:, None] <= high)).all(axis=2).any(axis=1)
    assert len(above) > 100 and inside.all()
    odd = np.flatnonzero(scene.anomalous)
    marked = points.xyz[points.odd]
    in_odd = ((marked[:, None] >= low[odd]) & (marked[:, None] <= high[odd])).all(axis=2)
    assert in_odd.any(axis=1).mean() > 0.9
    assert (points.marked[points.odd, 0] >= points.rgb[points.odd, 0]).mean() > 0.9
    assert np.array_equal(points.marked[~points.odd], points.rgb[~points.odd])


def test_boxes_have_the_colour_of_their_label(dataset):
    scene = odd_scene(dataset)
    for k, box in enumerate(truth_boxes(scene)):
        assert box.color == (ODD_COLOR if scene.anomalous[k] else NORMAL_COLOR)
        corners = box.edges.reshape(-1, 3)
        assert np.allclose([corners.min(axis=0), corners.max(axis=0)], scene.box_aabb[k], atol=1e-6)
        lengths = np.ptp(box.edges, axis=1)
        assert ((lengths > 1e-6).sum(axis=1) == 1).all()  # along the axes, never a diagonal
    assert len(EDGES) == 12


def test_scores_run_from_blue_to_magenta():
    boxes = np.tile([[0.0, 0, 0], [1, 1, 1]], (3, 1, 1))
    low, middle, high = predicted_boxes(boxes, np.array([0.0, 0.5, 1.0]))
    assert low.color[0] < middle.color[0] < high.color[0]
    assert low.color[2] == 255 and high.text == "score 1.00"


def test_cameras_stand_where_the_scene_says(dataset):
    from scipy.spatial.transform import Rotation

    scene = odd_scene(dataset)
    for pose, matrix in zip(camera_poses(scene), scene.world_to_camera, strict=True):
        turn = Rotation.from_quat(pose.wxyz[[1, 2, 3, 0]]).as_matrix()
        assert np.allclose(turn.T, matrix[:3, :3])
        assert np.allclose(matrix[:3, :3] @ pose.position + matrix[:3, 3], 0, atol=1e-9)
    assert np.degrees(camera_poses(scene)[0].fov) == pytest.approx(61.93, abs=0.01)


def test_the_panel_marks_defects_and_boxes_when_asked(dataset):
    scene = odd_scene(dataset)
    view = int(scene.defect.sum(axis=(1, 2)).argmax())
    plain = panel_image(scene, view, defects=False, boxes=False)
    assert np.array_equal(plain, scene.rgb[view])
    marked = panel_image(scene, view, defects=True, boxes=False)
    assert np.array_equal((marked != plain).any(axis=2) | (scene.defect[view] == 0),
                          np.ones_like(plain[..., 0], bool))  # fmt: skip
    boxed = panel_image(scene, view, defects=False, boxes=True)
    assert (boxed == NORMAL_COLOR).all(axis=2).any()
    assert "normal" in description(scene, None)


def test_wrong_input_is_one_sentence(dataset, tmp_path):
    with pytest.raises(OddgenError, match="has no scene-000099"):
        open_dataset(dataset, {"scene-000099": (np.zeros((0, 2, 3)), np.zeros(0))})
    lines = tmp_path / "p.jsonl"
    lines.write_text("{\n")
    for arguments in ([str(tmp_path / "no")], [str(dataset), "--predictions", str(lines)]):
        result = CliRunner().invoke(oddgen, ["view", *arguments])
        assert result.exit_code == 1 and len(result.output.splitlines()) == 1


@pytest.fixture
def page(dataset: Path) -> Iterator:
    """The page of `dataset` in Chromium, with predictions for its first scene."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here; Debian's package chromium has it")
    playwright = pytest.importorskip("playwright.sync_api")
    data = Dataset(dataset)
    boxes = data.read(data.names[0]).box_aabb
    predicted = {data.names[0]: (boxes, np.linspace(0, 1, len(boxes)))}
    with (
        serving(open_dataset(dataset, predicted), predicted, port=PORT) as address,
        playwright.sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        tab = browser.new_page(viewport={"width": 800, "height": 480})
        tab.set_default_timeout(60_000)
        tab.errors = []
        tab.on("pageerror", lambda error: tab.errors.append(str(error)))
        tab.goto(address)
        tab.wait_for_selector("canvas")
        yield tab
        browser.close()


def colors(tab) -> np.ndarray:
    """(P, 3) of what the 3D part shows; the controls are at the right."""
    shot = Image.open(io.BytesIO(tab.locator("canvas").first.screenshot())).convert("RGB")
    return np.asarray(shot)[:, :380].reshape(-1, 3).astype(int)


def drawn(tab) -> int:
    """Pixels that are not the empty background."""
    return int((colors(tab) < 240).any(axis=1).sum())


def wait_until(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the page never showed it"
        time.sleep(0.3)


def steady(tab) -> int:
    """What is drawn once nothing more comes."""
    counts = [-1, drawn(tab)]
    wait_until(lambda: counts.append(drawn(tab)) or counts[-1] == counts[-2] == counts[-3])
    return counts[-1]


@pytest.mark.slow
def test_a_browser_shows_the_scene_and_obeys(page, dataset):
    data = Dataset(dataset)
    first, second = (data.spec(name).shape.id for name in data.names[:2])
    page.get_by_text(first).wait_for()
    page.get_by_text("Predictions: 3 boxes").wait_for()
    page.locator("button.mantine-CloseButton-root").first.click()  # "software rendering"
    wait_until(lambda: drawn(page) > 3000)
    left = steady(page)
    for switch in (1, 2, 4, 0):  # cameras, boxes, predictions, points
        page.get_by_role("checkbox").nth(switch).uncheck()
        wait_until(lambda left=left: drawn(page) < left)
        left = steady(page)
    assert left < 50
    page.get_by_role("checkbox").nth(0).check()
    wait_until(lambda: drawn(page) > 1000)
    page.get_by_text("next", exact=True).click()
    page.get_by_text(second).wait_for()
    assert page.errors == []


def test_the_command_serves_until_it_is_stopped(dataset, tmp_path):
    import signal
    import subprocess
    import sys
    import urllib.request

    names = Dataset(dataset).names
    header = {
        **{"format": "odd-one-out predictions", "version": 1, "detector": "d"},
        **{"protocol": "predicted", "views": [0]},
    }
    box = {"scene": names[0], "box": [[0, 0, 0], [0.1, 0.1, 0.1]], "score": 0.5}
    lines = tmp_path / "p.jsonl"
    lines.write_text("".join(json.dumps(line) + "\n" for line in (header, box)))
    command = ["view", str(dataset), "--port", str(PORT + 1), "--predictions", str(lines)]
    process = subprocess.Popen(
        [sys.executable, "-c", "from cli import oddgen; oddgen()", *command],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    address = process.stdout.readline().split()[0]
    assert b"<html" in urllib.request.urlopen(address, timeout=30).read().lower()
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert process.stdout.read() == ""
