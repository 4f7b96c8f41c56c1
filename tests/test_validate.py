"""`oddgen validate`: exit status, files, and one sentence where nothing can be checked."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import h5py
import pytest
from click.testing import CliRunner
from test_gallery import Page
from tiny import copy_of

from cli import oddgen
from datagen.reader import Dataset
from datagen.validate.checks import CHECKS
from datagen.validate.run import validate


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(oddgen, ["validate", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, result.output


def cannot(*arguments: object) -> str:
    """The one sentence of a run that cannot check anything."""
    status, output = run(*arguments)
    lines = [line for line in output.splitlines() if line.strip()]
    assert status == 2 and len(lines) == 1, output
    return lines[0]


@pytest.fixture(scope="module")
def checked(dataset: Path, dataset_cache: Path, tmp_path_factory) -> tuple[str, Path]:
    to = tmp_path_factory.mktemp("validation")
    status, output = run(dataset, "--cache", dataset_cache, "--to", to)
    assert status == 0, output
    return output, to


def test_a_sound_dataset_passes_with_every_check_made(checked):
    output, to = checked
    assert str(to / "report.html") in output and "too few objects" in output
    content = json.loads((to / "validation.json").read_text())
    assert content["passed"] and content["findings"] == []
    assert set(content["checks"]) == set(CHECKS)
    idle = {name for name, check in content["checks"].items() if check["checked"] == 0}
    assert idle == {"shape.volume", "shortcut"}
    assert sum(entry["shapes"] for entry in content["types"].values()) == len(content["shapes"])
    for entry in content["types"].values():
        spread = entry["measured"]["visible_share"]
        assert 0 < spread["least"] <= spread["median"] <= spread["most"] <= 1


def test_the_page_needs_no_other_file_and_shows_every_type(checked):
    _, to = checked
    text = (to / "report.html").read_text()
    page = Page(text)
    assert page.open == [] and all(link.startswith("data:") for link in page.references)
    content = json.loads((to / "validation.json").read_text())
    shown = re.findall(r'alt="(\w+) [0-9a-f]{8}: before, after', text)
    assert sorted(shown) == sorted(shape["type"] for shape in content["shapes"])


def test_a_fault_ends_with_status_one_and_is_told_everywhere(dataset, dataset_cache, tmp_path):
    out = copy_of(dataset, tmp_path / "out")
    name = Dataset(out).names[1]
    with h5py.File(Dataset(out).shard(name), "r+") as file:
        file[name]["rgb"][...] = 0
    status, output = run(out, "--cache", dataset_cache)
    assert status == 1 and f"scene.black: {name}: view 0" in output
    content = json.loads((out / "validation" / "validation.json").read_text())
    assert not content["passed"] and content["checks"]["scene.black"]["found"] == 3
    assert f'alt="{name}: image, objects' in (out / "validation" / "report.html").read_text()


def test_scenes_that_failed_are_a_warning(dataset, dataset_cache, tmp_path):
    out = copy_of(dataset, tmp_path / "out")
    index = json.loads((out / "index.json").read_text())
    index["failures"] = [{"scene": "scene-000009", "reason": "scene 9: took over 5 s."}]
    (out / "index.json").write_text(json.dumps(index))
    status, output = run(out, "--cache", dataset_cache)
    assert status == 0 and "warn: data.failed: scene-000009" in output


def test_a_cache_alone_and_workers_find_the_same(dataset_cache, tmp_path):
    cache = shutil.copytree(dataset_cache, tmp_path / "cache")
    beside = next(path for path in sorted((cache / "shapes").glob("??/*.json"))
                  if "parent" in json.loads(path.read_text()))  # fmt: skip
    facts = json.loads(beside.read_text())
    facts["anomaly"]["strength"] = {}
    beside.write_text(json.dumps(facts))
    (cache / "shapes" / "ab").mkdir(exist_ok=True)
    (cache / "shapes" / "ab" / f"{'ab' * 32}.glb").write_bytes(b"glTF")
    one = validate(cache, cache, tmp_path / "one")
    two = validate(cache, cache, tmp_path / "two", workers=2)
    assert one.findings == two.findings and not one.passed
    assert {item.check for item in one.findings} == {"shape.facts", "shape.file"}
    for name in ("validation.json", "report.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_what_cannot_be_checked_is_one_sentence_with_status_two(dataset, dataset_cache, tmp_path):
    assert "no such folder" in cannot(tmp_path / "nowhere")
    assert "neither index.json nor shapes/" in cannot(tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    told = cannot(dataset, "--cache", empty, "--to", tmp_path / "to")
    assert "holds none of the" in told and "give --cache" in told
    out = copy_of(dataset, tmp_path / "out")
    (out / "index.json").write_text("{")
    assert "damaged" in cannot(out, "--cache", dataset_cache)
    assert "--workers 0: give a whole number" in cannot(dataset, "--workers", 0)


def test_a_cache_that_lacks_some_shapes(dataset, dataset_cache, tmp_path):
    cache = shutil.copytree(dataset_cache, tmp_path / "cache")
    key = Dataset(dataset).read(Dataset(dataset).names[0]).spec["objects"][0]["shape_key"]
    (cache / "shapes" / key[:2] / f"{key}.glb").unlink()
    status, output = run(dataset, "--cache", cache, "--to", tmp_path / "to")
    assert status == 1 and "lacks 1 of the" in output and "scene.shapes" in output


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_dataset_that_cannot_be_written(dataset, dataset_cache, tmp_path):
    out = copy_of(dataset, tmp_path / "out")
    out.chmod(0o555)
    assert "give --to" in cannot(out, "--cache", dataset_cache)


def test_a_report_that_cannot_be_written(dataset, dataset_cache, tmp_path):
    (tmp_path / "file").write_text("")
    assert "give --to" in cannot(dataset, "--cache", dataset_cache, "--to", tmp_path / "file" / "x")
