"""Libraries of similar shapes: resumed, damaged, asked; and what generation draws from them."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from anomalies.make import Anomaly, Rejected, make_anomaly
from anomalies.subject import Subject
from cli import oddbench, oddgen
from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError
from datagen.geometry.cache import ShapeCache
from datagen.geometry.canonical import canonical
from datagen.look_alikes import alike, features
from datagen.look_alikes.alike import LibraryAlikes
from datagen.look_alikes.build import build
from datagen.look_alikes.chamfer import Form, align, apply, chamfer
from datagen.look_alikes.forms import Forms
from datagen.look_alikes.library import Library, open_library
from datagen.look_alikes.query import load, query
from datagen.look_alikes.thresholds import SAME, Thresholds
from datagen.sources.open import load_shape, open_source
from datagen.validate.run import validate
from datagen.validate.shape_checks import check_shape
from tests.support import look_alikes
from tests.support.data import DINOV2, needs
from tests.support.look_alikes import FAMILY, job_of, pooled, shape_of, write_family
from tests.support.paths import REPOSITORY

pytestmark = pytest.mark.slow  # three minutes

KILLED = """
import sys
from pathlib import Path
from datagen.geometry.cache import ShapeCache
from datagen.look_alikes.build import build
from tests.support.look_alikes import job_of, pooled
root = Path(sys.argv[1])
build(job_of(root), ShapeCache(root / "cache"), lambda: pooled(kill_at=5))
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """A library of the family, its build killed in the middle and run again."""
    root = tmp_path_factory.mktemp("similar")
    write_family(root / "files")
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(root)], capture_output=True, check=False,
        cwd=REPOSITORY,
    )  # fmt: skip
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    assert len(list((root / "library" / "work").glob("*.h5"))) == 4
    look_alikes.CALLS.clear()
    build(job_of(root), ShapeCache(root / "cache"), pooled)
    return root


@pytest.fixture(scope="module")
def library(root: Path) -> Library:
    return open_library(root / "library")


def test_a_killed_build_loses_at_most_the_shape_in_work(root: Path, library: Library) -> None:
    assert len(look_alikes.CALLS) == len(FAMILY) - 4
    assert [entry.id for entry in library.entries] == sorted(f"{name}.stl" for name in FAMILY)
    assert not (root / "library" / "work").exists()
    whole = build(job_of(root), ShapeCache(root / "cache"), lambda: pytest.fail("nothing to do"))
    assert whole.digest == library.digest
    assert (root / "library" / "thresholds.png").is_file()


def test_features_are_unit_vectors_and_a_shape_is_its_own_neighbour(library: Library) -> None:
    every = library.features(range(len(library.entries)))
    np.testing.assert_allclose(np.linalg.norm(every, axis=1), 1, atol=1e-3)
    for number in (0, 3):
        found = library.neighbours(every[number], 3)
        assert found[0].number == number and found[0].similarity == pytest.approx(1, abs=1e-3)
        assert found[0].similarity >= found[1].similarity >= found[2].similarity


def test_a_damaged_block_is_named_and_made_again(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    block = copy / "library" / "features" / "block-00000.h5"
    content = bytearray(block.read_bytes())
    feature = open_library(copy / "library").features([2])[0].astype(np.float16).tobytes()
    place = content.find(feature)
    content[place + 20] ^= 0xFF
    block.write_bytes(content)
    with pytest.raises(OddgenError, match="block-00000.h5: missing or damaged; run oddgen similar"):
        open_library(copy / "library").features([2])
    again = build(replace(job_of(root), out=copy / "library"), ShapeCache(root / "cache"), pooled)
    np.testing.assert_array_equal(again.features([2])[0].astype(np.float16).tobytes(), feature)


def test_a_changed_file_and_another_folder_and_other_weights(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    FAMILY["cone"].export(copy / "files" / "ball.stl")
    look_alikes.CALLS.clear()
    job = replace(job_of(root), assets=copy / "files", out=copy / "library")
    again = build(job, ShapeCache(root / "cache"), pooled)
    assert len(look_alikes.CALLS) == 1
    ball, cone = again.number_of["ball.stl"], again.number_of["cone.stl"]
    assert again.entries[ball].form == again.entries[cone].form
    other = replace(pooled(), source="other weights")
    FAMILY["bar"].export(copy / "files" / "new.stl")
    with pytest.raises(OddgenError, match="made with pooled pictures, not with other weights"):
        build(job, ShapeCache(root / "cache"), lambda: other)
    with pytest.raises(OddgenError, match=r"made with other options \(size 56 -> 112\)"):
        build(replace(job, size=112), ShapeCache(root / "cache"), pooled)
    with pytest.raises(OddgenError, match=r"options \(max_faces 300000 -> 5000\)"):
        build(replace(job, max_faces=5000), ShapeCache(root / "cache"), pooled)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(OddgenError, match="not empty and no library; choose another --out"):
        build(replace(job, out=tmp_path), ShapeCache(root / "cache"), pooled)


def alikes_of(root: Path, library: Library, **splits: str) -> LibraryAlikes:
    cache = ShapeCache(root / "cache")
    refs = open_source("folder", root / "files", cache, "z").refs()
    source = open_source("folder", root / "files", cache, "z")
    limited = replace(library, thresholds=Thresholds(SAME, 0.02, 0, 0))
    named = {ref.id: splits.get(ref.category.replace("-", "_"), "one") for ref in refs}
    return LibraryAlikes(limited, Forms(limited, source, refs, cache), named)


def hook_of(root: Path) -> Subject:
    cache = ShapeCache(root / "cache")
    source = open_source("folder", root / "files", cache, "z")
    ref = next(ref for ref in source.refs() if ref.id == "hook.stl")
    return Subject(load_shape(source, ref, cache), cache)


def test_copies_and_mirror_images_and_other_things_are_never_drawn(
    root: Path, library: Library
) -> None:
    subject = replace(hook_of(root), look_alikes=alikes_of(root, library))
    for seed in range(6):
        made = make_anomaly("look_alike", subject, np.random.default_rng(seed), (0, 1))
        assert isinstance(made, Anomaly), made
        assert made.parameters["neighbour"] == "hook-longer.stl"
        assert made.parameters["library"] == library.digest
        assert made.shape.materials == subject.shape.materials
    apart = chamfer(Form(subject.shape), Form(made.shape), np.eye(4))
    assert apart == pytest.approx(made.parameters["chamfer"], rel=0.05)


def test_a_shape_is_aligned_with_its_neighbours_once(
    root: Path, library: Library, monkeypatch
) -> None:
    made = []
    for _ in range(2):
        subject = replace(hook_of(root), look_alikes=alikes_of(root, library))
        made.append(make_anomaly("look_alike", subject, np.random.default_rng(0), (0, 1)))
        monkeypatch.setattr(alike, "align", lambda *_: pytest.fail("aligned again"))
    first, second = made
    assert isinstance(first, Anomaly) and isinstance(second, Anomaly)
    assert first.parameters == second.parameters


def test_a_look_alike_is_of_its_parents_split(root: Path, library: Library) -> None:
    elsewhere = alikes_of(root, library, hook_longer="two")
    subject = replace(hook_of(root), look_alikes=elsewhere)
    made = make_anomaly("look_alike", subject, np.random.default_rng(0))
    assert isinstance(made, Rejected) and not made.applicable
    assert list(made.reasons) == ["no neighbour between the thresholds"]


def test_a_shape_that_the_library_does_not_hold_has_none(root: Path, library: Library) -> None:
    stranger = shape_of(FAMILY["ring"].subdivide())
    subject = Subject(stranger, None, alikes_of(root, library))
    made = make_anomaly("look_alike", subject, np.random.default_rng(0))
    assert isinstance(made, Rejected) and not made.applicable
    assert list(made.reasons) == ["the library of similar shapes does not hold it"]


def test_query_tells_copies_from_look_alikes(root: Path, library: Library) -> None:
    from rich.console import Console

    cache = ShapeCache(root / "cache")
    limited = replace(library, thresholds=Thresholds(SAME, 0.02, 0, 0))
    shape = load(limited, "hook.stl", None, cache)
    feature = limited.features([limited.number_of["hook.stl"]])[0]
    answers = query(limited, shape, feature, 10, cache, Console(quiet=True))
    told = {answer.neighbour.entry.id: answer.verdict for answer in answers}
    assert len(told) == len(FAMILY) - 1
    assert told["hook-copy.stl"] == "a copy"
    assert told["hook-mirrored.stl"] == "a mirrored copy"
    assert told["hook-longer.stl"] is None
    assert told["ball.stl"] == "another thing"


def test_query_on_the_command_line_shows_a_table_and_a_picture(root: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        oddgen,
        ["similar", "query", "hook.stl", "-k", "3", "--library", str(root / "library"),
         "--cache", str(root / "cache"), "--picture", str(tmp_path / "p.png")],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "similarity" in result.output and "Chamfer" in result.output
    assert (tmp_path / "p.png").read_bytes()[:4] == b"\x89PNG"


def test_the_benchmark_refuses_a_library_too_small_to_measure(root: Path) -> None:
    answer = CliRunner().invoke(oddbench, ["similar", "--library", str(root / "library")])
    assert answer.exit_code == 1 and "fewer than 256 is not worth measuring" in answer.output


def test_without_weights_and_offline_one_sentence_says_what_to_do(tmp_path, monkeypatch) -> None:
    import transformers

    def offline(name: str) -> None:
        raise OSError("no connection")

    monkeypatch.setattr(transformers.Dinov2Model, "from_pretrained", offline)
    with pytest.raises(OddgenError, match="cannot be had from the hub .*give --weights FILE.*"):
        features.open_extractor("dinov2", None)
    with pytest.raises(OddgenError, match="--features efficientnet, which needs no download"):
        features.open_extractor("dinov2", str(tmp_path / "none.pth"))
    with pytest.raises(OddgenError, match="EfficientNet brings its own weights"):
        features.open_extractor("efficientnet", "some.pth")


def test_efficientnet_and_its_name() -> None:
    extractor = features.open_extractor("efficientnet", None, "cpu")
    assert "EfficientNet-Lite0, ImageNet, sha256 5793442" in extractor.source
    _sees_form(extractor, 8 * 1280)


@needs("weights")
def test_dinov2_from_a_local_file() -> None:
    extractor = features.open_extractor("dinov2", str(DINOV2), "cpu")
    told = f"{DINOV2.name}, not an official checkpoint, sha256 5a87ae6a"
    assert extractor.source.startswith(told)
    _sees_form(extractor, 8 * 384)


def _sees_form(extractor: features.Extractor, dimension: int) -> None:
    """A longer hook is nearer to the hook than a ball is."""
    from datagen.look_alikes.views import pictures

    shapes = [FAMILY["hook"], look_alikes.hook(arm=0.56), FAMILY["ball"]]
    found = np.stack([extractor(pictures(shape_of(mesh), 70)) for mesh in shapes])
    assert found.shape == (3, dimension)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert found[0] @ found[1] > found[0] @ found[2] + 0.02


def test_scenes_with_look_alikes_resume_only_with_their_library(
    root: Path, tmp_path: Path, library: Library
) -> None:
    """A tiny dataset: the type, its neighbour and the library are stored; validate is content."""
    content = (root / "library" / "library.json").read_text()
    edited = json.loads(content)
    edited["thresholds"] = {"low": SAME, "high": 0.02, "near": 0, "random": 0}
    copy = tmp_path / "library"
    shutil.copytree(root / "library", copy)
    (copy / "library.json").write_text(json.dumps(edited))
    files = tmp_path / "files"
    files.mkdir()
    for name in ("hook", "hook-longer"):
        shutil.copy(root / "files" / f"{name}.stl", files)
    options = [
        "generate", "--source", "folder", "--assets", str(files), "--up", "z",
        "--similar", str(copy), "--anomalies", "look_alike", "--scenes", "1", "--objects", "3",
        "--resolution", "64", "--views", "3", "--samples", "1", "--normal-share", "0",
        "--out", str(tmp_path / "out"), "--cache", str(tmp_path / "cache"),
    ]  # fmt: skip
    result = CliRunner().invoke(oddgen, options)
    assert result.exit_code == 0, result.output
    dataset = Dataset(tmp_path / "out")
    scene = dataset.read(dataset.names[0])
    (odd,) = [entry.anomaly for entry in scene.spec.objects if entry.anomaly]
    assert odd.type == "look_alike"
    assert {odd.parameters["neighbour"], scene.spec.shape.id} == {
        "hook.stl",
        "hook-longer.stl",
    }
    assert scene.defect.any() and scene.spec.settings.similar == str(copy)
    report = validate(tmp_path / "out", tmp_path / "cache", tmp_path / "report")
    failures = [item for item in report.findings if item.level == "fail"]
    assert [(item.check, item.told) for item in failures if item.check.startswith("shape.")] == []
    edited["thresholds"]["high"] = 0.019
    (copy / "library.json").write_text(json.dumps(edited))
    again = CliRunner().invoke(oddgen, options)
    assert again.exit_code == 1
    assert "the shapes, look-alikes, floors or HDRIs to draw from have changed" in again.output


def test_look_alikes_of_files_need_a_library(tmp_path: Path) -> None:
    options = ["generate", "--source", "folder", "--assets", str(tmp_path), "--scenes", "1"]
    result = CliRunner().invoke(
        oddgen, [*options, "--anomalies", "look_alike", "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 1
    assert "--source folder needs --similar LIBRARY, which oddgen similar build" in result.output


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        ("hook-copy", "a copy of its parent"),
        ("hook-mirrored", "its parent's mirror image"),
        ("ball", "another thing than its parent"),
    ],
)
def test_validate_tells_a_planted_look_alike_that_is_none(
    tmp_path: Path, planted: str, told: str
) -> None:
    parent = replace(shape_of(FAMILY["hook"]), info={"id": "hook"})
    other = shape_of(FAMILY[planted])
    matrix = align(Form(parent), Form(other)).matrix
    odd, _ = canonical(other.with_vertices(apply(matrix, other.vertices)), 2.0**-22)
    affected = np.ones(len(odd.faces), bool)
    subject = Subject(parent)
    facts = {
        "type": "look_alike",
        "code": "diff",
        "severity": 0.5,
        "parameters": {"between": [SAME, 0.02]},
        "strength": {"displacement": 0.01},
    }
    cache = ShapeCache(tmp_path)
    odd = replace(odd, info=parent.info | {"anomaly": facts})
    result = check_shape(tmp_path, cache.put(odd, cache.put(subject.shape), affected))
    assert result is not None
    found = {finding.check: finding.told for finding in result.findings}
    assert told in found["shape.look-alike"]
