"""Whatever is wrong with a download is told in a sentence, and the rest is imported."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import OpenEXR
import pytest
from click.testing import CliRunner
from PIL import Image

from cli import oddgen
from datagen.dataset.reader import Dataset, read_index
from datagen.errors import OddgenError
from datagen.exchange.published import files
from datagen.exchange.published.exporter import export_published
from datagen.exchange.published.importer import import_published
from datagen.exchange.published.splits import read_splits


@pytest.fixture(scope="module")
def pristine(exported: Path) -> Path:
    return exported / "scenes"


@pytest.fixture
def root(pristine: Path, tmp_path: Path) -> Path:
    """Four scene folders that a test may damage."""
    shutil.copytree(pristine, tmp_path / "data")
    return tmp_path / "data"


def first(root: Path) -> Path:
    return sorted(root.iterdir())[0]


def edit(path: Path, change: Callable[[dict], None]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def assert_equal_shards(one: Path, other: Path) -> None:
    """The same files with the same bytes in every dataset."""
    assert Dataset(one).names == Dataset(other).names
    for name in Dataset(one).names:
        with (
            h5py.File(Dataset(one).shard(name)) as first_file,
            h5py.File(Dataset(other).shard(name)) as second_file,
        ):
            a, b = first_file[name], second_file[name]
            assert set(a) == set(b) and a.attrs["spec"] == b.attrs["spec"]
            for key in a:
                assert a[key].dtype == b[key].dtype and np.array_equal(a[key], b[key]), key


def in_3d(change: Callable[[dict], None]) -> Callable[[Path], None]:
    return lambda folder: edit(folder / files.METADATA_3D, change)


def repaint(path: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    Image.fromarray(change(np.asarray(Image.open(path)))).save(path)


def swap_label(folder: Path) -> None:
    edit(folder / files.METADATA_2D, lambda c: c["anomaly_labels"].reverse())
    edit(folder / files.METADATA_2D, lambda c: c["anomaly_labels"].__setitem__(0, 2))


def mask_the_sky(folder: Path) -> None:
    name = json.loads((folder / files.METADATA_3D).read_text())["objects"][0]["name"]
    depth = files.read_depth(folder / "depth_exr" / "0000.exr", (64, 64))
    depth[:2] = 0
    files.write_depth(folder / "depth_exr" / "0000.exr", depth)
    repaint(files.mask_path(folder, name, 0), lambda p: np.full_like(p, 255))


def same_mask_twice(folder: Path) -> None:
    names = [
        item["name"] for item in json.loads((folder / files.METADATA_3D).read_text())["objects"]
    ]
    for view in range(3):
        shutil.copy(
            files.mask_path(folder, names[0], view), files.mask_path(folder, names[1], view)
        )


def not_a_distance(folder: Path) -> None:
    bad = np.full((64, 64, 3), np.nan, np.float32)
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, {"RGB": bad}).write(str(folder / "depth_exr" / "0001.exr"))


FATAL = {
    "no metadata": (lambda f: (f / files.METADATA_3D).unlink(), "scene3d.metadata.json: missing"),
    "cut metadata": (
        lambda f: (f / files.METADATA_3D).write_text('{"objects": ['),
        "scene3d.metadata.json: cannot be read",
    ),
    "no objects": (in_3d(lambda c: c.pop("objects")), "objects is no list"),
    "no matrix": (in_3d(lambda c: c["objects"][1].pop("rotation_matrix")), "object 1 lacks"),
    "NaN box": (
        in_3d(lambda c: c["objects"][0]["bbox"][0].__setitem__(0, float("nan"))),
        "finite numbers",
    ),
    "mirrored": (
        in_3d(lambda c: c["objects"][0]["rotation_matrix"][0].__setitem__(slice(0, 3), [0, 0, 0])),
        "turned inside out",
    ),
    "a name by no rule": (
        in_3d(lambda c: c["objects"][0].__setitem__("path", "a/b/what-is-this.blend")),
        "named neither",
    ),
    "two of one name": (
        in_3d(lambda c: c["objects"][0].__setitem__("name", c["objects"][1]["name"])),
        "the same name",
    ),
    "a name that leaves the folder": (
        in_3d(lambda c: c["objects"][0].__setitem__("name", "../x")),
        "'../x' is no name of a file",
    ),
    "no camera": (in_3d(lambda c: c.pop("camera")), "no camera with K and poses"),
    "a skewed camera": (
        in_3d(lambda c: c["camera"]["poses"][1]["rotation"][0].__setitem__(0, 3.0)),
        "no rotation and shift",
    ),
    "an image too few": (lambda f: (f / "RGB" / "0002.png").unlink(), "RGB/0002.png: missing"),
    "an image too many": (
        lambda f: shutil.copy(f / "RGB" / "0002.png", f / "RGB" / "0003.png"),
        "has no camera for it, only 3",
    ),
    "a cut image": (
        lambda f: (f / "RGB" / "0001.png").write_bytes((f / "RGB" / "0001.png").read_bytes()[:999]),
        "RGB/0001.png: no image",
    ),
    "another size": (
        lambda f: repaint(f / "RGB" / "0001.png", lambda p: p[:60]),
        "64 x 60 pixels instead of 64 x 64",
    ),
    "no mask": (
        lambda f: shutil.rmtree(next((f / "segmentations").glob("object*"))),
        "_0000.png: missing",
    ),
    "one mask twice": (same_mask_twice, "belong to several"),
    "a mask of the sky": (mask_the_sky, "pixels"),
    "no depth": (lambda f: shutil.rmtree(f / "depth_exr"), "depth_exr/0000.exr: missing"),
    "a cut depth": (
        lambda f: (f / "depth_exr" / "0001.exr").write_bytes(b"v/1\x01 no"),
        "0001.exr: no OpenEXR image",
    ),
    "depths that are none": (not_a_distance, "depths that are no distance"),
    "labels against names": (swap_label, "contradict the objects' file names"),
    "a folder by no rule": (lambda f: f.rename(f.with_name("banana")), "is not named"),
}


@pytest.mark.parametrize("case", sorted(FATAL))
def test_a_scene_that_is_wrong_is_told_and_the_others_come_in(case, root, tmp_path):
    damage, told = FATAL[case]
    damage(first(root))
    result = CliRunner().invoke(oddgen, ["import", str(root), "--out", str(tmp_path / "out")])
    assert result.exit_code == 1 and "Traceback" not in result.output
    (line,) = [line for line in result.output.splitlines() if line.startswith("failed: ")]
    assert told in line and line.endswith("."), line
    assert str(root) in line
    assert len(Dataset(tmp_path / "out").names) == 3
    (failure,) = read_index(tmp_path / "out").failures
    assert told in failure.reason


REDUNDANT = {
    "labels of pixels": (
        lambda f: [repaint(p, lambda x: 255 - x) for p in (f / "binary_labels").glob("*")],
        "binary_labels/ differs from segmentations/ in 3 views",
    ),
    "silhouettes": (
        lambda f: repaint(f / "masks" / "0001.png", lambda x: 255 - x),
        "masks/ differs from segmentations/ in 1 views",
    ),
    "a missing silhouette": (
        lambda f: (f / "masks" / "0001.png").unlink(),
        "masks/0001.png: missing",
    ),
    "levels of depth": (
        lambda f: repaint(f / "depth_png" / "0000.png", lambda x: (x // 2).astype(np.uint16)),
        "depth_png/ differs from depth_exr/ in 1 views",
    ),
    "2D boxes": (
        lambda f: edit(f / files.METADATA_2D, lambda c: c["bbox"].pop("0000.png")),
        "bbox of scene2d.metadata.json differs",
    ),
    "another shape": (
        lambda f: edit(
            f / files.METADATA_3D, lambda c: c["objects"][0].__setitem__("path", other_shape(c))
        ),
        "another shape than the folder's",
    ),
}


def other_shape(content: dict) -> str:
    name = Path(content["objects"][0]["path"]).name
    return "spoon" + name[name.index("_") :]


@pytest.mark.parametrize("case", sorted(REDUNDANT))
def test_what_repeats_a_scene_wrongly_is_told_and_kept_with_it(case, root, tmp_path):
    damage, told = REDUNDANT[case]
    damage(first(root))
    result = CliRunner().invoke(oddgen, ["import", str(root), "--out", str(tmp_path / "out")])
    faults = [line for line in result.output.splitlines() if line.startswith("fault: ")]
    if case == "2D boxes" and not faults:
        pytest.skip("the first scene has no anomaly that view 0 shows")
    assert result.exit_code == 1
    assert len(faults) == 1 and told in faults[0] and first(root).name in faults[0]
    data = Dataset(tmp_path / "out")
    assert len(data.names) == 4
    assert told in data.spec("scene-000000").published.faults[0]
    info = CliRunner().invoke(oddgen, ["info", str(tmp_path / "out")]).output
    assert "without faults 3x, with faults 1x" in info


def test_missing_repetitions_are_noted_and_harmless(root, tmp_path):
    for folder in root.iterdir():
        shutil.rmtree(folder / "masks")
    (first(root) / "scene.mp4").unlink()
    result = CliRunner().invoke(oddgen, ["import", str(root), "--out", str(tmp_path / "out")])
    assert result.exit_code == 0
    assert "missing in 4 scenes: masks" in result.output
    assert "missing in 1 scenes: scene.mp4" in result.output


def test_a_mended_scene_joins_the_others(root, tmp_path, pristine):
    out, whole = tmp_path / "out", tmp_path / "whole"
    lost = first(root) / "RGB" / "0001.png"
    lost.rename(tmp_path / "kept.png")
    assert len(import_published(root, out, scenes_per_shard=2).failed) == 1
    (tmp_path / "kept.png").rename(lost)
    again = import_published(root, out, scenes_per_shard=2)
    assert (again.made, again.kept, again.failed) == (1, 3, {})
    import_published(root, whole, scenes_per_shard=2)
    assert_equal_shards(out, whole)
    assert not (out / "work").exists()


def test_a_damaged_shard_is_imported_again(root, tmp_path):
    out = tmp_path / "out"
    import_published(root, out, scenes_per_shard=2)
    shard = out / "shards" / "shard-00001.h5"
    before = shard.read_bytes()
    shard.write_bytes(before[: len(before) // 2])
    again = import_published(root, out, scenes_per_shard=2)
    assert (again.made, again.kept) == (2, 2)
    assert shard.read_bytes() == before


def test_workers_change_nothing(root, tmp_path):
    import_published(root, tmp_path / "one")
    import_published(root, tmp_path / "two", workers=2)
    assert_equal_shards(tmp_path / "one", tmp_path / "two")


def test_a_changed_folder_needs_a_new_output(root, tmp_path):
    import_published(root, tmp_path / "out")
    shutil.rmtree(first(root))
    with pytest.raises(OddgenError, match="made with other settings .*folders"):
        import_published(root, tmp_path / "out")


def test_one_scene_and_parts_of_a_dataset(root, tmp_path):
    import_published(first(root), tmp_path / "one")
    assert len(Dataset(tmp_path / "one").names) == 1
    for folder in sorted(root.iterdir())[2:]:
        shutil.rmtree(folder)
    import_published(root, tmp_path / "part")
    assert len(Dataset(tmp_path / "part").names) == 2


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (lambda p: None, "no such folder"),
        (lambda p: p.mkdir(), "no folder in it holds scene3d.metadata.json"),
        (lambda p: p.write_text("x"), "no such folder"),
    ],
)
def test_a_wrong_path_is_one_sentence(prepare, told, tmp_path):
    prepare(tmp_path / "data")
    command = ["import", str(tmp_path / "data"), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(oddgen, command)
    assert result.exit_code == 1 and told in result.output
    assert len(result.output.splitlines()) == 1


def test_splits_are_recorded(root, tmp_path):
    names = sorted(path.name for path in root.iterdir())
    file = tmp_path / "splits.json"
    file.write_text(json.dumps({"train": names[:2], "unseen-test": [f"data/{names[2]}"]}))
    import_published(root, tmp_path / "out", splits=file)
    data = Dataset(tmp_path / "out")
    specs = [data.spec(name) for name in data.names]
    assert [spec.published.split for spec in specs] == ["train", "train", "unseen-test", None]
    assert [spec.shape.seen for spec in specs] == [True, True, False, None]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "no JSON: .*; give --splits a split file"),
        ("[]", "the content should be an object; give --splits a split file"),
        ('{"val": []}', "names neither train nor test"),
        ('{"train": [1]}', "train.0 should be a valid string; give --splits a split file"),
        ('{"train": ["a-001"], "test": ["a-001"]}', "is in train and in test"),
    ],
)
def test_a_wrong_split_file_is_one_sentence(content, told, tmp_path):
    (tmp_path / "s.json").write_text(content)
    with pytest.raises(OddgenError, match=told) as caught:
        read_splits(tmp_path / "s.json")
    assert "\n" not in str(caught.value)


def test_an_export_goes_on_and_keeps_out_of_other_folders(dataset, tmp_path):
    to = tmp_path / "to"
    assert export_published(dataset, to).written == 4
    before = {path: path.read_bytes() for path in sorted(to.rglob("*.*g"))}
    gone = sorted((to / "scenes").iterdir())[1]
    shutil.rmtree(gone)
    again = export_published(dataset, to)
    assert (again.written, again.kept) == (1, 3)
    assert {path: path.read_bytes() for path in sorted(to.rglob("*.*g"))} == before
    edit(to / "export.json", lambda c: c.__setitem__("dataset", "another"))
    with pytest.raises(OddgenError, match="the export of another dataset"):
        export_published(dataset, to)
    edit(to / "export.json", lambda c: c.__setitem__("scenes", []))
    with pytest.raises(OddgenError, match="scenes should be an object; choose another --to"):
        export_published(dataset, to)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    with pytest.raises(OddgenError, match="not empty and no export of ours"):
        export_published(dataset, tmp_path / "full")


def test_a_damaged_scene_stops_no_export(dataset, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(dataset, copy)
    with h5py.File(copy / "shards" / "shard-00000.h5", "r+") as shard:
        del shard["scene-000001/depth"]
    command = ["export", str(copy), "--format", "published", "--to", str(tmp_path / "to")]
    result = CliRunner().invoke(oddgen, command)
    assert result.exit_code == 1
    assert "written 3, kept 0, failed 1" in result.output and "scene-000001" in result.output
    assert len(list((tmp_path / "to" / "scenes").iterdir())) == 3
