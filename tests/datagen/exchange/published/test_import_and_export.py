"""Published scenes become scenes of ours, and ours become published ones, without loss."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from anomalies import type_names
from cli import oddgen
from datagen.base.typed import plain
from datagen.dataset.consistency import inconsistency
from datagen.dataset.reader import IMPORTED_LACK, Dataset, Scene
from datagen.dataset.verify import verify
from datagen.exchange.published import files
from datagen.exchange.published.boxes import object_boxes
from datagen.exchange.published.convert import shuffled
from datagen.exchange.published.exporter import export_published
from datagen.exchange.published.importer import import_published
from datagen.exchange.published.names import (
    ObjectName,
    category_of,
    code_of,
    object_name,
    published_shape,
)
from datagen.pictures.gallery import page_entry, sheet_row
from tests.support.data import PUBLISHED_SCENE, needs


@pytest.fixture(scope="module")
def returned(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`exported` imported again."""
    out = tmp_path_factory.mktemp("returned") / "out"
    summary = import_published(exported, out)
    assert not summary.failed and not summary.faults and not summary.missing
    return out


@pytest.fixture(scope="module")
def bananas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The genuine published scene, imported."""
    out = tmp_path_factory.mktemp("bananas") / "out"
    summary = import_published(PUBLISHED_SCENE, out)
    assert not summary.failed and not summary.faults
    assert dict(summary.missing) == {"masks": 1}
    return out


def assert_same(original: Scene, back: Scene) -> None:
    """Images, depth, cameras, labels; objects may stand in another order."""
    order = np.array(back.spec.published.order)
    new = np.zeros(len(order) + 1, np.uint8)
    new[order + 1] = np.arange(1, len(order) + 1)
    for name in ("rgb", "depth", "intrinsics", "world_to_camera"):
        assert np.array_equal(getattr(original, name), getattr(back, name)), name
    assert np.array_equal(new[original.instance], back.instance)
    for name in ("anomalous", "box_2d"):
        assert np.array_equal(getattr(original, name)[order], getattr(back, name)), name
    kinds = [entry.anomaly and entry.anomaly.type for entry in original.spec.objects]
    assert [kinds[k] for k in order] == [
        entry.anomaly and entry.anomaly.type for entry in back.spec.objects
    ]
    for k, told in enumerate(back.spec.published.objects):
        if told.box_aabb == "published":
            assert np.allclose(original.box_aabb[order[k]], back.box_aabb[k], atol=1e-12)


def test_export_then_import_gives_the_same_scenes(dataset, exported, returned):
    folders = json.loads((exported / "export.json").read_text())["scenes"]
    ours, back = Dataset(dataset), Dataset(returned)
    assert len(back.names) == len(ours.names) == len(folders)
    origins = []
    for name in back.names:
        scene = back.read(name)
        assert_same(ours.read(folders[scene.spec.published.folder]), scene)
        assert inconsistency(scene) is None
        origins += [told.box_aabb for told in scene.spec.published.objects]
    assert origins.count("published") >= 0.8 * len(origins)
    assert verify(returned) == []


@needs("published_scene")
def test_the_genuine_scene_comes_in_as_it_is(bananas):
    scene = Dataset(bananas).read("scene-000000")
    odd = int(np.flatnonzero(scene.anomalous)[0])
    assert scene.anomalous.sum() == 1 and len(scene.anomalous) == 3
    assert scene.spec.objects[odd].anomaly.type == "dislodged"
    assert scene.spec.shape.category == "banana"
    assert scene.rgb.shape == (20, 256, 256, 3)
    assert scene.depth[scene.depth > 0].min() > 0.36 and scene.depth.max() < 7.2
    assert inconsistency(scene) is None and verify(bananas) == []
    for k, told in enumerate(scene.spec.published.objects):
        assert told.box_aabb == "measured" and told.iou < 0.75
        assert np.allclose(scene.box_size[k], told.bbox[1], atol=0.001)
        assert scene.box_aabb[k, 0, 2] == 0


@needs("published_scene")
def test_its_depth_seen_from_the_other_views_agrees_with_its_masks(bananas):
    scene = Dataset(bananas).read("scene-000000")
    agree, seen = reprojection(scene)
    assert seen > 900_000
    assert agree >= 0.999 * seen


def reprojection(scene: Scene, tolerance: float = 0.002) -> tuple[int, int]:
    """Object pixels that another view sees at their depth, and those with the same instance."""
    agree = seen = 0
    height, width = scene.depth.shape[1:]
    for view, pose in enumerate(scene.world_to_camera):
        rows, columns = np.nonzero(scene.instance[view])
        label = scene.instance[view][rows, columns]
        pixels = np.stack([columns + 0.5, rows + 0.5, np.ones(len(rows))], axis=1)
        local = pixels @ np.linalg.inv(scene.intrinsics).T
        local *= scene.depth[view][rows, columns][:, None]
        back = np.linalg.inv(pose)
        world = local @ back[:3, :3].T + back[:3, 3]
        for other, to_camera in enumerate(scene.world_to_camera):
            if other == view:
                continue
            there = world @ to_camera[:3, :3].T + to_camera[:3, 3]
            image = there @ scene.intrinsics.T
            column, row = np.floor(image[:, :2] / image[:, 2:]).astype(int).T
            inside = (there[:, 2] > 0) & (column >= 0) & (column < width)
            inside &= (row >= 0) & (row < height)
            row, column, depth = row[inside], column[inside], there[inside, 2]
            visible = np.abs(scene.depth[other][row, column] - depth) < tolerance
            same = scene.instance[other][row, column] == label[inside]
            seen += int(visible.sum())
            agree += int((same & visible).sum())
    return agree, seen


@needs("published_scene")
def test_the_genuine_scene_goes_out_as_it_came_in(bananas, tmp_path):
    export_published(bananas, tmp_path)
    folder = tmp_path / "scenes" / PUBLISHED_SCENE.name
    before, after = (
        {p.relative_to(top) for p in top.rglob("*")} for top in (PUBLISHED_SCENE, folder)
    )
    assert after - before == {Path("masks"), *(Path(f"masks/{v:04d}.png") for v in range(20))}
    assert before <= after
    for path in sorted(PUBLISHED_SCENE.rglob("*.png")):
        here = files.read_png(path)
        there = files.read_png(folder / path.relative_to(PUBLISHED_SCENE))
        if path.parent.name == "depth_png":
            assert np.abs(here.astype(int) - there).max() <= 1, path
        elif path.parent.name in ("RGB", "binary_labels"):
            assert np.array_equal(here, there), path
        else:
            assert np.array_equal(here > files.FOREGROUND, there > files.FOREGROUND), path
        assert here.dtype == there.dtype and here.shape == there.shape, path
    for path in sorted(PUBLISHED_SCENE.glob("depth_exr/*")):
        pair = [
            files.read_depth(top, (256, 256)) for top in (path, folder / "depth_exr" / path.name)
        ]
        assert np.array_equal(*pair), path
    for name in (files.METADATA_2D, files.METADATA_3D):
        here, there = files.read_json(PUBLISHED_SCENE / name), files.read_json(folder / name)
        assert set(here) <= set(there)
    assert files.read_json(PUBLISHED_SCENE / files.METADATA_2D)["bbox"] == there_boxes(folder)
    again = import_published(tmp_path, tmp_path / "again")
    assert not again.failed and not again.missing
    assert_same(
        Dataset(bananas).read("scene-000000"), Dataset(tmp_path / "again").read("scene-000000")
    )


def there_boxes(folder: Path) -> object:
    return files.read_json(folder / files.METADATA_2D)["bbox"]


def test_what_the_layout_does_not_tell_is_absent_and_named(returned):
    scene = Dataset(returned).read("scene-000000", views=[1])
    assert scene.unknown == set(IMPORTED_LACK)
    assert scene.part.shape == scene.defect.shape == scene.depth.shape
    assert not scene.part.any() and not scene.defect.any() and not scene.normal.any()
    assert np.isnan(scene.visible_fraction).all()
    assert scene.visible_fraction.shape == (len(scene.anomalous), 1)
    with h5py.File(returned / "shards" / "shard-00000.h5") as shard:
        assert not set(IMPORTED_LACK) & set(shard["scene-000000"])


def test_pictures_leave_out_what_is_not_known(returned, dataset):
    scene, full = Dataset(returned).read("scene-000000"), Dataset(dataset).read("scene-000000")
    entry = page_entry(scene)
    assert set(entry.layers) == {"image", "objects", "depth"}
    assert json.dumps(plain(entry), allow_nan=False)
    assert entry.objects[0].visible is None
    assert sheet_row(scene).shape[1] < sheet_row(full).shape[1]


def test_info_and_remake_of_an_imported_dataset(returned, tmp_path):
    told = CliRunner().invoke(oddgen, ["info", str(returned)])
    assert told.exit_code == 0 and "published 4x" in told.output
    again = CliRunner().invoke(oddgen, ["remake", str(returned), "0", "--to", str(tmp_path)])
    assert again.exit_code == 1 and "imported, not generated" in again.output


def test_the_order_of_objects_tells_nothing():
    """The published lists have the anomalous objects first; ours must not."""
    first = np.mean([shuffled(f"banana_{k:03d}-001", 4)[0] == 0 for k in range(400)])
    assert 0.18 < first < 0.32
    assert np.array_equal(shuffled("banana_028-001", 5), shuffled("banana_028-001", 5))


@pytest.mark.parametrize("kind", type_names())
def test_names_of_files_tell_the_anomaly(kind):
    for sort in ("toy", "part"):
        name = ObjectName("icecream_012", sort, code_of(kind), 7)
        assert object_name(f"/home/someone-else/x-y/{name.file}") == name
        assert "-" in name.file
        normal = ObjectName("icecream_012", sort)
        assert object_name(normal.file) == normal and "-" not in normal.file


@pytest.mark.parametrize(
    ("identity", "category"),
    [
        *(("ice_cream_012", "ice_cream"), ("hex-nut/3", "hex-nut"), ("a", "a")),
        *(("x_1", "ice cream"), ("potion/potion_007", "potion")),
    ],
)
def test_a_loader_reads_the_whole_category_from_our_names(identity, category):
    shape = published_shape(identity, category)
    assert "-" not in shape and "/" not in shape and "__" not in shape
    assert shape.partition("_")[0] == category.replace("_", "").replace("-", "").replace(" ", "")


def test_categories_of_published_names():
    assert category_of(ObjectName("ice_cream_012", "toy")) == "ice_cream"
    assert category_of(ObjectName("00006777_edfc_trimesh_039", "part")) == "00006777"


def turned(angle: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return matrix


def test_a_box_that_is_none_in_the_world_is_measured():
    """A bar of 40 x 10 x 8 cm on the floor, turned by 30 degrees; every side but the lower seen."""
    rng, size = np.random.default_rng(0), np.array([0.4, 0.1, 0.08])
    points = rng.uniform(-0.5, 0.5, (20_000, 3)) * size
    pose = turned(np.pi / 6)
    pose[:3, 3] = 0.1, 0.2, 0.04
    world = points @ pose[:3, :3].T + pose[:3, 3]
    measured = object_boxes(world, pose, np.array([pose[:3, 3], size]))
    assert measured.origin == "measured"
    assert np.allclose(measured.size, size, atol=0.002)
    assert np.allclose(measured.aabb, [world.min(axis=0), world.max(axis=0)], atol=0.002)
    true = np.array([measured.aabb.mean(axis=0), np.ptp(measured.aabb, axis=0) + 0.001])
    true[0, 2] = true[1, 2] / 2
    kept = object_boxes(world, pose, true)
    assert kept.origin == "published"
    assert np.allclose(kept.aabb, [true[0] - true[1] / 2, true[0] + true[1] / 2])


def test_depth_survives_its_file(tmp_path):
    rng = np.random.default_rng(1)
    depth = rng.uniform(0.3, 9, (12, 10)).astype(np.float32)
    depth[:3] = 0
    files.write_depth(tmp_path / "a.exr", depth)
    assert np.array_equal(files.read_depth(tmp_path / "a.exr", (12, 10)), depth)
    levels = files.depth_levels(depth)
    metres = depth[depth > 0]
    back = metres.min() + levels[depth > 0] / 65535 * np.ptp(metres)
    assert np.abs(back - metres).max() < 0.6 * np.ptp(metres) / 65535
    assert (levels[:3] == 65535).all()


def test_an_export_is_what_the_notes_describe(exported, dataset):
    assert {path.name for path in exported.iterdir()} - {".lock"} == {
        "scenes",
        "split.json",
        "export.json",
        "ATTRIBUTION.md",
    }
    folder = sorted((exported / "scenes").iterdir())[0]
    assert {path.name for path in folder.iterdir()} == {
        *("RGB", "masks", "segmentations", "binary_labels", "depth_exr", "depth_png"),
        *("scene.jpg", "scene.mp4", "scene2d.metadata.json", "scene3d.metadata.json"),
    }
    modes = {
        kind: Image.open(folder / kind / "0000.png").mode
        for kind in ("RGB", "masks", "binary_labels", "depth_png")
    }
    assert modes == {"RGB": "RGBA", "masks": "L", "binary_labels": "L", "depth_png": "I;16"}
    with Image.open(folder / "scene.jpg") as strip:
        assert strip.size == (5 * 64, 64)


def test_the_video_has_a_frame_for_each_view(exported):
    import av

    path = sorted((exported / "scenes").iterdir())[0] / "scene.mp4"
    with av.open(str(path)) as video:
        stream = video.streams.video[0]
        assert (stream.codec_context.name, int(stream.average_rate)) == ("mpeg4", 10)
        assert len(list(video.decode(stream))) == 3
