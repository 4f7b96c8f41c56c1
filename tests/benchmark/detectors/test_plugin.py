"""The detector of docs/your-detector.md, installed as a package of its own, in the benchmark."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from benchmark.scoring.read import read_predictions
from datagen.dataset.reader import Dataset
from datagen.geometry.boxes import given_boxes
from tests.support.paths import DOCS
from tests.support.plugins import install, run_with
from tests.support.scores import make_dataset


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A folder that pip has installed the package into."""
    return install(DOCS / "your-detector.md", tmp_path_factory.mktemp("plugin"))


def oddbench(site: Path | None, *arguments: object) -> subprocess.CompletedProcess[str]:
    return run_with(site, "oddbench", *arguments)


def test_an_installed_detector_predicts_and_is_scored(site, tmp_path):
    data, out = make_dataset(tmp_path / "out", scenes=6), tmp_path / "height.jsonl"
    done = oddbench(site, "predict", "--detector", "height", "--data", data, "--out", out,
                    "--split", "unseen", "--views", 3)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "scenes 2/2" in done.stderr and "ETA" in done.stderr
    read = read_predictions(out)
    assert (read.header.detector, read.header.version) == ("height", "1.0")
    assert read.header.views == (0, 2, 4) and read.header.protocol == "true-boxes"
    assert list(read.answers) == ["scene-000000", "scene-000003"]
    for name, answer in read.answers.items():
        boxes = given_boxes(Dataset(data).read(name, [0]).box_aabb)
        height = boxes[:, 1, 2] - boxes[:, 0, 2]
        expected = np.minimum(np.abs(height / np.median(height) - 1), 1)
        assert sorted(answer.scores) == pytest.approx(sorted(expected))
    scored = oddbench(site, "score", "--data", data, "--split", "unseen", "--predictions", out,
                      "--out", tmp_path / "scores", "--draws", 100)  # fmt: skip
    assert scored.returncode == 0, scored.stderr
    assert "height-3-views" in scored.stdout


def test_a_detector_that_is_not_installed(tmp_path):
    data = make_dataset(tmp_path / "out", scenes=1)
    done = oddbench(None, "predict", "--detector", "height", "--data", data, "--out", "x.jsonl")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: height: no detector of this name is installed")
    assert done.stderr.count("\n") == 1
