"""The paper's datasets as presets: counts, splits that share nothing, and lines for the rest."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path

import h5py
import pytest
from click.testing import CliRunner

from benchmark.scoring.ground_truth import read_truth
from benchmark.training.split import split as training_split
from cli import oddgen
from datagen.base.files import sha256
from datagen.dataset.reader import Dataset, read_index
from datagen.dataset.settings import Settings
from datagen.dataset.splits import split_of_scene
from datagen.dataset.verify import verify
from datagen.errors import OddgenError
from datagen.exchange.published.exporter import export_published
from datagen.run.collect import open_output
from datagen.scenes.build import build_shapes
from datagen.scenes.catalog import Catalog, open_catalog
from datagen.scenes.journal import Journal
from datagen.scenes.plan import plan_scene
from datagen.scenes.presets import BENCHMARKS, PARTS, TOYS, Preset, notes
from datagen.validate.checks import Finding
from datagen.validate.scene_checks import CheckedScene
from datagen.validate.splits import check_splits
from tests.support.data import DATA, needs
from tests.support.runs import copy_of, tiny_settings
from tests.support.specs import some_spec


def settings_of(preset: Preset, **changes) -> Settings:
    """As the command line makes them, but for the source."""
    stated = {key: preset.options[key] for key in ("shapes", "versions", "objects")}
    return tiny_settings(**stated | {"benchmark": preset.benchmark} | changes)


@pytest.fixture(scope="module", params=["toysad-8k", "partsad-15k"])
def preset(request) -> Preset:
    return BENCHMARKS[request.param]


@pytest.fixture(scope="module")
def catalog(preset, tmp_path_factory) -> Catalog:
    """Of the built-in library, which has enough shapes for both."""
    return open_catalog(settings_of(preset), tmp_path_factory.mktemp("cache"))


def test_the_counts_are_the_papers():
    assert (TOYS.scenes, TOYS.shapes, TOYS.odd_shapes, TOYS.objects) == (8000, 1050, 2345, (3, 6))
    assert (PARTS.scenes, PARTS.shapes, PARTS.odd_shapes) == (15_000, 4200, 10_203)
    assert PARTS.objects == (3, 12)
    for preset, expected in (
        (TOYS, {"train": 5000, "seen-test": 1000, "unseen-test": 2000}),
        (PARTS, {"train": 12_000, "unseen-test": 3000}),
    ):
        weights = preset.benchmark.splits
        splits = [split_of_scene(index, weights) for index in range(preset.scenes)]
        assert Counter(splits) == expected
        for count in (1, 7, 80, 1001):
            for name, found in Counter(splits[:count]).items():
                assert abs(found - count * expected[name] / preset.scenes) < 1, "in proportion"


def test_shapes_and_odd_shapes_are_as_many_as_in_the_paper(preset, catalog):
    assert len(catalog.refs) == preset.shapes
    assert catalog.versions is not None and sum(catalog.versions.values()) == preset.odd_shapes
    assert set(catalog.versions.values()) == {2, 3}
    assert {ref.kind for ref in catalog.refs} == {preset.benchmark.kind}
    per_category = Counter(ref.category for ref in catalog.refs)
    assert max(per_category.values()) - min(per_category.values()) <= 1
    assert len(per_category) == (50 if preset is TOYS else 10)


def test_no_shape_is_in_two_splits_and_no_unseen_category_is_seen(preset, catalog):
    assert sum(map(len, catalog.splits.values())) == len(catalog.refs)
    settings = settings_of(preset)
    shapes, categories = defaultdict(set), defaultdict(set)
    low, high = preset.objects
    for index in range(600):
        plan = plan_scene(settings, catalog, index, attempt=index % 3)
        assert plan.split == split_of_scene(index, preset.benchmark.splits)
        assert low <= len(plan.order) <= high and plan.odd * 2 < len(plan.order)
        assert plan.versions is not None and plan.odd <= plan.versions
        shapes[plan.split].add(plan.ref.id)
        categories[plan.split].add(plan.ref.category)
        assert plan.ref.seen == (plan.split != "unseen-test")
    names = [name for name, _ in preset.benchmark.splits]
    for one in names:
        for other in names[names.index(one) + 1 :]:
            assert shapes[one].isdisjoint(shapes[other])
    if preset is TOYS:
        assert len(categories["unseen-test"]) == 12
        assert categories["unseen-test"].isdisjoint(categories["train"] | categories["seen-test"])
        assert categories["seen-test"] <= categories["train"]


def test_another_seed_takes_other_shapes_and_splits_them_alike(preset, catalog, tmp_path):
    """So a detector trained on one dataset can be tested on another."""
    other = open_catalog(settings_of(preset, seed=1), tmp_path)
    assert {ref.id for ref in other.refs} != {ref.id for ref in catalog.refs}
    train = {ref.id for ref in catalog.splits["train"]}
    for name, refs in other.splits.items():
        assert name == "train" or train.isdisjoint(ref.id for ref in refs)


def test_a_shape_has_its_odd_versions_and_no_others(tmp_path):
    """In all scenes of a shape together; two of one scene differ."""
    settings = settings_of(PARTS, versions=2.0, shapes=60, anomalies=("bump", "material"))
    catalog = open_catalog(settings, tmp_path)
    ref = catalog.splits["train"][0]
    few = {**catalog.splits, "train": [ref]}
    catalog = Catalog(
        catalog.source, catalog.cache, catalog.refs, catalog.floors, catalog.hdris, (),
        splits=few, versions=catalog.versions,
    )  # fmt: skip
    found: Counter[bytes] = Counter()
    for index in range(6):
        plan = plan_scene(settings, catalog, index, 0)
        if plan.ref.id != ref.id or plan.odd == 0:
            continue
        built = build_shapes(plan, catalog, settings, Journal())
        assert built is not None
        odd = [item.shape for item in built.anomalies if item is not None]
        digests = {_digest(shape) for shape in odd}
        assert len(digests) == len(odd) == plan.odd
        found.update(digests)
    assert len(found) == 2 < found.total()


def _digest(shape) -> bytes:
    return shape.vertices.tobytes() + shape.face_material.tobytes()


def test_every_open_choice_and_every_other_value_has_a_line(preset):
    render = tiny_settings().render
    told = "\n".join(notes(settings_of(preset, source=preset.source, render=render), 80))
    assert f"--scenes 80 instead of {preset.scenes}" in told
    assert "--resolution 64 instead of 256" in told and "--views 3 instead of 20" in told
    assert "--anomalies material, missing, twist instead of bend, bump," in told
    assert "--shapes" not in told and "--source" not in told and "--objects" not in told
    counts = (
        "train 50, seen-test 10, unseen-test 20" if preset is TOYS else "train 64, unseen-test 16"
    )
    assert counts in told
    for word in ("severity", "normal scenes", "odd objects", "floors", "shapes", "anomaly types"):
        assert f"{preset.benchmark.name}: {word}: " in told
    assert ("look-alikes: left out" in told) == (preset is PARTS)
    assert ("Table 3" in told) == (preset is TOYS)
    assert notes(tiny_settings(), 5) == ()


def test_what_a_preset_cannot_have_is_one_sentence(tmp_path):
    run = CliRunner().invoke
    words = ["generate", "--out", str(tmp_path / "out"), "--cache", str(tmp_path / "cache")]
    for more, sentence in (
        (["--preset", "toysad-8k"], "--source toys4k: needs --assets PATH"),
        (["--preset", "partsad-15k"], "--source abc: needs --assets PATH"),
        (["--preset", "toysad-8k", "--split", "seen"], "has its own splits; leave it out"),
        ([], "--scenes: give how many, or --preset toysad-8k or partsad-15k."),
    ):
        result = run(oddgen, [*words, *more])
        assert result.exit_code == 1 and sentence in result.output
    with pytest.raises(OddgenError, match="none of the 1 shapes is for"):
        open_catalog(settings_of(TOYS, shapes=1), tmp_path)
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.stl").touch()
    with pytest.raises(OddgenError, match="holds no toy of its categories"):
        open_catalog(settings_of(TOYS, source="folder", assets=str(tmp_path / "parts")), tmp_path)


@pytest.fixture(scope="module")
def toys(tmp_path_factory) -> tuple[Path, str]:
    """Five scenes of real toys by the command line, and what it printed."""
    folder = tmp_path_factory.mktemp("toys")
    command = ["generate", "--preset", "toysad-8k", "--assets", str(DATA / "toys"), "--scenes", "5"]
    command += ["--resolution", "64", "--views", "2", "--samples", "1", "--objects", "3"]
    command += ["--anomalies", "material", "--out", str(folder / "out")]
    result = CliRunner().invoke(oddgen, [*command, "--cache", str(folder / "cache")])
    assert result.exit_code == 0, result.output
    return folder / "out", result.output


@needs("toys")
def test_a_preset_on_real_toys_says_and_records_all(toys):
    out, printed = toys
    index = read_index(out)
    assert "has 217 of its categories, not 1050; all are used" in printed
    assert "toysad-8k: --scenes 5 instead of 8000" in printed
    assert all(line in printed for line in index.choices) and len(index.choices) > 12
    assert index.config.benchmark.name == "toysad-8k"
    data = Dataset(out)
    splits = [data.spec(name).shape.split for name in data.names]
    assert Counter(splits) == {"train": 3, "unseen-test": 1, "seen-test": 1}
    assert verify(out) == []
    shown = CliRunner().invoke(oddgen, ["info", str(out)]).output
    assert "train 3x" in shown and "seen-test 1x" in shown and "toysad-8k" in shown


@needs("toys")
def test_training_scoring_and_export_keep_to_the_recorded_splits(toys, tmp_path):
    out, _ = toys
    data = Dataset(out)
    of = {name: data.spec(name).shape.split for name in data.names}
    assert {of[name] for name in training_split(data, 0.0, 0).train} == {"train"}
    truth = read_truth(out)
    for split, expected in (
        ("seen", {"seen-test"}),
        ("unseen", {"unseen-test"}),
        ("test", {"seen-test", "unseen-test"}),
        ("all", {"train", "seen-test", "unseen-test"}),
    ):
        assert {of[scene.name] for scene in truth.split(split)} == expected
    export_published(out, tmp_path / "published")
    written = json.loads((tmp_path / "published" / "split.json").read_text())
    assert {key: len(folders) for key, folders in written.items()} == Counter(of.values())


@needs("toys")
def test_verify_finds_a_shape_in_two_splits_and_an_unseen_category_that_is_seen(toys, tmp_path):
    out = copy_of(toys[0], tmp_path / "out")
    index = json.loads((out / "index.json").read_text())
    (entry,) = index["shards"]
    with h5py.File(out / entry["file"], "r+") as shard:
        specs = [json.loads(shard[name].attrs["spec"]) for name in entry["scenes"]]
        by_split = {spec["shape"]["split"]: spec["shape"] for spec in specs}
        specs[2]["shape"] = by_split["train"] | {"id": "toy/one", "split": "train"}
        specs[3]["shape"] = by_split["seen-test"] | {"id": "toy/one", "split": "seen-test"}
        specs[0]["shape"]["category"] = by_split["unseen-test"]["category"]
        for name, spec in zip(entry["scenes"], specs, strict=True):
            shard[name].attrs["spec"] = json.dumps(spec)
    path = out / entry["file"]
    entry |= {"sha256": sha256(path), "bytes": path.stat().st_size}
    (out / "index.json").write_text(json.dumps(index))
    shape, category = verify(out)
    assert "shape toy/one is in seen-test and in train" in shape
    assert f"category {by_split['unseen-test']['category']} is in unseen-test and in another" in (
        category
    )


def test_validate_finds_a_shape_in_train_and_in_seen_test():
    def scene(name: str, split: str, content: str) -> CheckedScene:
        shape = some_spec(0, name, [None], split=split).shape
        return CheckedScene(f"scene-{split}", (), shape, content)

    found = list(check_splits([scene("a", "train", "x"), scene("a", "seen-test", "x")]))
    assert Finding("data.split-id", "a", "is in seen-test and in train") in found
    assert not list(check_splits([scene("a", "train", "x"), scene("b", "seen-test", "y")]))


def test_a_dataset_of_a_preset_is_not_gone_on_with_without_it(tmp_path):
    with open_output(tmp_path / "out", settings_of(TOYS), 8, "digest", ("a line",)):
        pass
    assert read_index(tmp_path / "out").choices == ("a line",)
    for benchmark, told in ((None, "toysad-8k -> None"), (PARTS.benchmark, "-> partsad-15k")):
        settings = settings_of(TOYS, benchmark=benchmark)
        with (
            pytest.raises(OddgenError, match=f"other settings .benchmark .*{told}"),
            open_output(tmp_path / "out", settings, 8, "digest"),
        ):
            pass
