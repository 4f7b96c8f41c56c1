"""Golden samples: good pieces beside which even one object is judged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmark.detectors.interface import Observation
from benchmark.inspection.reference import GoldenSample, beside_good, beside_rendered
from benchmark.scoring.read import read_predictions
from benchmark.training.judge.detector import FindAndJudge
from benchmark.training.runs import load_run
from cli import oddbench
from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError
from datagen.geometry.boxes import given_boxes
from tests.support.random_detector import random_run, random_whole

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_whole(tmp_path_factory.mktemp("whole") / "run")


def sample(path: Path, cache: Path) -> GoldenSample:
    return GoldenSample(path, "keep", cache, 3)


def alone(dataset: Path) -> Observation:
    """A scene of which one object is given."""
    scene = Dataset(dataset)[1]
    boxes = given_boxes(scene.box_aabb[:1])
    silhouettes = np.where(scene.instance == 1, 255, 0).astype(np.uint8)
    return Observation(
        scene.rgb, scene.intrinsics, scene.world_to_camera, boxes=boxes, silhouettes=silhouettes
    )


def test_one_object_is_judged_by_the_good_pieces_beside_it(
    dataset: Path, whole: Path, tmp_path: Path
) -> None:
    """They are the normal objects of the first scenes; what the object is told changes by them."""
    loaded = load_run(whole)
    used = beside_rendered(loaded, sample(dataset, tmp_path), tmp_path)
    assert isinstance(used.detector, FindAndJudge) and used.detector.good is not None
    normal = sum(int((scene.anomalous == 0).sum()) for scene in Dataset(dataset))
    assert used.detector.good.objects == normal
    assert f"beside {normal} good pieces" in str(used.version)
    seen = alone(dataset)
    (without,), (beside,) = loaded.detector.predict(seen), used.detector.predict(seen)
    assert without.score != beside.score
    assert beside.apart is not None and beside.apart.shape == (1,)
    assert loaded.detector.predict(seen)[0].score == without.score  # the first is as it was


def test_the_command_scores_a_dataset_beside_good_pieces(
    dataset: Path, whole: Path, tmp_path: Path
) -> None:
    out = tmp_path / "answers.jsonl"
    arguments = f"predict --data {dataset} --checkpoint {whole} --views 3 --protocol true-boxes "
    arguments += f"--reference {dataset} --heat-maps --out {out}"
    result = CliRunner().invoke(oddbench, arguments.split())
    assert result.exit_code == 0, result.output
    made = read_predictions(out)
    assert "good pieces" in str(made.header.version)
    assert all(mask is not None for answer in made.answers.values() for mask in answer.masks)
    scored = CliRunner().invoke(
        oddbench, f"score --data {dataset} --predictions {out} --out {tmp_path / 's'}".split()
    )
    assert scored.exit_code == 0 and "pixel AUROC on objects" in scored.output


def test_what_is_no_good_piece_is_told(dataset: Path, whole: Path, tmp_path: Path) -> None:
    loaded = load_run(whole)
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "none.step", tmp_path / "empty"):
        with pytest.raises(OddgenError, match="no good piece to compare with"):
            beside_good(loaded, sample(path, tmp_path))
    voxels = load_run(random_run(tmp_path / "voxels"))
    with pytest.raises(OddgenError, match="does not compare with good pieces"):
        beside_good(voxels, sample(dataset, tmp_path))
