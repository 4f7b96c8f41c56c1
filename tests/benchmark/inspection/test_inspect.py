"""oddbench inspect: a CAD file and photographs in, verdicts out; each step goes on where it was."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from benchmark.inspection.part import InspectionJob, planned_seconds
from benchmark.training.judge.files import load_whole_detector
from benchmark.training.presets import PRESETS
from cli import oddbench, oddgen
from datagen.dataset.reader import Dataset
from datagen.dataset.rig_file import read_rig
from datagen.run.request import Request
from tests.support.captures import KnownScene, Similarity, write_transforms
from tests.support.parts import bracket

FLOOR = "0,0,1,0"


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bracket(tmp_path_factory.mktemp("part"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(oddbench, [str(argument) for argument in arguments])


def photographed(part: Path, folder: Path) -> Path:
    """A scene of the part as a capture: five photographs with their cameras."""
    arguments = (
        f"generate --source folder --assets {part} --scenes 1 --seed 5 --objects 3-3 --views 5 "
        f"--preset draft --material brass --anomalies missing --anomalies bend --severity gross "
        f"--normal-share 0 --out {folder / 'scene'} --cache {folder / 'cache'}"
    )
    assert CliRunner().invoke(oddgen, arguments.split()).exit_code == 0
    scene = Dataset(folder / "scene")[0]
    known = KnownScene(scene.rgb, scene.intrinsics, scene.world_to_camera)
    return write_transforms(folder / "shelf", known, Similarity(1.0, np.eye(3), np.zeros(3)))


@pytest.mark.slow
def test_the_way_from_a_cad_file_to_a_verdict(part: Path, tmp_path: Path) -> None:
    """As docs/own-part.md tells it, with small numbers; the shipped weights find all pieces."""
    shelf, out = photographed(part, tmp_path), tmp_path / "inspection"
    options = (
        f"--photos {shelf} --out {out} --floor {FLOOR} --scale 1 --material brass --scenes 12 "
        f"--objects 3-4 --preset nano --workers 2 --cache {tmp_path / 'cache'}"
    ).split()
    result = run("inspect", part, *options)
    assert result.exit_code == 0, result.output
    assert "all in all about" in result.output and "one shape" in result.output
    rig = read_rig(out / "rig.yaml")
    assert rig.cameras is None and rig.distance is not None and rig.size is not None
    assert 0.3 < rig.size[0] < 0.5  # scenes have pieces of .40 m
    boxes = json.loads((out / "answers/shelf/boxes.json").read_text())
    found = len(boxes["boxes"])
    assert 2 <= found <= 4 and ("good pieces" in boxes["detector_version"]) is (found < 3)
    page = (out / "answers/shelf/verdict.html").read_text()
    assert "objects" in page and "most like it" in page
    told = load_whole_detector(out / "detector").told
    assert told.facts.start is not None and told.facts.held_out >= 1

    before = (out / "answers/shelf/boxes.json").stat().st_mtime_ns
    again = run("inspect", part, *options)
    assert again.exit_code == 0, again.output
    assert (out / "answers/shelf/boxes.json").stat().st_mtime_ns == before


def test_what_it_cannot_start_with_is_one_sentence(part: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    cases = (
        ((part, "--photos", tmp_path / "plain"), "photographs without cameras; give --rig"),
        ((part, "--photos", tmp_path / "none"), "none: no such file or folder"),
        ((tmp_path / "no.step", "--photos", tmp_path), "no.step: no such file or folder"),
        ((part,), "--photos"),
    )
    for arguments, words in cases:
        result = run("inspect", *arguments, "--out", tmp_path / "out")
        assert result.exit_code in (1, 2) and words in result.output
        assert "Traceback" not in result.output


def test_it_tells_beforehand_how_long_it_takes(part: Path, tmp_path: Path) -> None:
    """More scenes and epochs take longer, more workers less."""
    request = Request(scenes=150)
    job = InspectionJob(part, (tmp_path,), tmp_path, request, PRESETS["small"], tmp_path, workers=1)
    making, learning = planned_seconds(job)
    more = planned_seconds(replace(job, request=replace(request, scenes=300)))
    assert more[0] == pytest.approx(2 * making) and more[1] > learning
    assert planned_seconds(replace(job, preset=PRESETS["nano"]))[1] < learning
