"""`oddgen validate`: exit status, files, and one sentence where nothing can be checked."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import h5py
import pytest
from click.testing import CliRunner

from cli import oddgen
from datagen.dataset.reader import Dataset
from datagen.exchange.published.importer import import_published
from datagen.validate import run as validate_run
from datagen.validate.checks import CHECKS, Finding
from datagen.validate.report import Report, validation_file
from datagen.validate.run import validate
from datagen.validate.scene_checks import MESH_CHECKS
from tests.support.data import DATA, needs
from tests.support.pages import Page
from tests.support.runs import copy_of


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


def narrow(out: Path, names: list[str]) -> Path:
    """Let a copied dataset list these scenes only; the shards stay as they are."""
    index = json.loads((out / "index.json").read_text())
    for shard in index["shards"]:
        shard["scenes"] = [name for name in shard["scenes"] if name in names]
    (out / "index.json").write_text(json.dumps(index))
    return out


@pytest.fixture(scope="module")
def small(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One scene with one anomaly, and another scene. Copy it to change it."""
    whole = Dataset(dataset)
    odd = {name: int(whole.read(name).anomalous.sum()) for name in whole.names}
    first = min((name for name in odd if odd[name]), key=odd.__getitem__)
    return narrow(copy_of(dataset, tmp_path_factory.mktemp("small") / "out"), [first])


@pytest.fixture(scope="module")
def checked(small: Path, dataset_cache: Path, tmp_path_factory) -> tuple[str, Path]:
    to = tmp_path_factory.mktemp("validation")
    status, output = run(small, "--cache", dataset_cache, "--to", to)
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


def test_a_fault_ends_with_status_one_and_is_told_everywhere(small, dataset_cache, tmp_path):
    out = copy_of(small, tmp_path / "out")
    (name,) = Dataset(out).names
    with h5py.File(Dataset(out).shard(name), "r+") as file:
        file[name]["rgb"][...] = 0
    index = json.loads((out / "index.json").read_text())
    index["failures"] = [{"scene": "scene-000009", "reason": "scene 9: took over 5 s."}]
    (out / "index.json").write_text(json.dumps(index))
    status, output = run(out, "--cache", dataset_cache)
    assert status == 1 and f"scene.black: {name}: view 0" in output
    assert "warn: data.failed: scene-000009" in output
    content = json.loads((out / "validation" / "validation.json").read_text())
    assert not content["passed"] and content["checks"]["scene.black"]["found"] == 3
    assert f'alt="{name}: image, objects' in (out / "validation" / "report.html").read_text()


def test_warnings_alone_let_a_dataset_pass():
    warned = Report("out", "cache", "dataset", [], [], [Finding("data.failed", "scene-9", "x")])
    assert warned.passed and validation_file(warned).checks["data.failed"].found == 1
    failed = replace(warned, others=[Finding("data.split-id", "mug", "x")])
    assert not failed.passed


def test_a_cache_alone_and_workers_find_the_same(small, dataset_cache, tmp_path):
    cache = tmp_path / "cache"
    (scene,) = (Dataset(small).read(name) for name in Dataset(small).names)
    for key in {entry.shape_key for entry in scene.spec.objects}:
        for path in (dataset_cache / "shapes" / key[:2]).glob(f"{key}.*"):
            (cache / "shapes" / key[:2]).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, cache / "shapes" / key[:2])
    (cache / "shapes" / "ab").mkdir(exist_ok=True)
    (cache / "shapes" / "ab" / f"{'ab' * 32}.glb").write_bytes(b"glTF")
    one = validate(cache, cache, tmp_path / "one")
    two = validate(cache, cache, tmp_path / "two", workers=2)
    assert one.findings == two.findings and not one.passed
    assert {item.check for item in one.findings} == {"shape.file"} and len(one.shapes) == 2
    for name in ("validation.json", "report.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.slow
def test_a_run_killed_while_it_draws_has_told_what_it_found(dataset_cache, tmp_path, monkeypatch):
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(validate_run, "make_picture", killed)
    with pytest.raises(KeyboardInterrupt):
        validate(dataset_cache, dataset_cache, tmp_path)
    assert json.loads((tmp_path / "validation.json").read_text())["shapes"]
    assert not (tmp_path / "report.html").exists()


def test_what_cannot_be_checked_is_one_sentence_with_status_two(dataset, dataset_cache, tmp_path):
    assert "no such folder" in cannot(tmp_path / "nowhere")
    assert "neither index.json nor shapes/" in cannot(tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    told = cannot(dataset, "--cache", empty, "--to", tmp_path / "to")
    assert "holds none of the" in told and "give --cache" in told
    out = copy_of(dataset, tmp_path / "out")
    (out / "index.json").write_text("{")
    assert "no JSON" in cannot(out, "--cache", dataset_cache)
    assert "--workers 0: give a whole number" in cannot(dataset, "--workers", 0)


def test_a_cache_that_lacks_some_shapes(small, dataset_cache, tmp_path):
    scene = Dataset(small).read(Dataset(small).names[0])
    (odd,) = (entry.shape_key for entry in scene.spec.objects if entry.anomaly)
    (normal,) = {entry.shape_key for entry in scene.spec.objects if not entry.anomaly}
    cache = tmp_path / "cache"
    shutil.copytree(dataset_cache / "shapes" / normal[:2], cache / "shapes" / normal[:2])
    (cache / "shapes" / odd[:2] / f"{odd}.glb").unlink(missing_ok=True)
    status, output = run(small, "--cache", cache, "--to", tmp_path / "to")
    assert status == 1 and "lacks 1 of the 2 shapes" in output and "scene.shapes" in output


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_dataset_that_cannot_be_written(dataset, dataset_cache, tmp_path):
    out = copy_of(dataset, tmp_path / "out")
    out.chmod(0o555)
    assert "give --to" in cannot(out, "--cache", dataset_cache)


def test_a_report_that_cannot_be_written(dataset, dataset_cache, tmp_path):
    (tmp_path / "file").write_text("")
    assert "give --to" in cannot(dataset, "--cache", dataset_cache, "--to", tmp_path / "file" / "x")


@needs("published_scene")
def test_checks_that_an_imported_scene_tells_too_little_for_do_not_apply(tmp_path):
    import_published(DATA / "published_scene", tmp_path / "out")
    status, output = run(tmp_path / "out", "--cache", tmp_path, "--to", tmp_path / "to")
    assert status == 0, output
    checks = json.loads((tmp_path / "to" / "validation.json").read_text())["checks"]
    idle = {name for name, check in checks.items() if check["inapplicable"]}
    assert idle == MESH_CHECKS | {"scene.defect-visible", "data.split-id"}
    assert all((checks[name]["checked"], checks[name]["inapplicable"]) == (0, 1) for name in idle)
    assert checks["scene.labels"]["checked"] == checks["scene.majority"]["checked"] == 1
    page = (tmp_path / "to" / "report.html").read_text()
    assert page.count("does not apply") == len(idle)
