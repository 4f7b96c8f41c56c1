"""COCO files that pycocotools reads, and MVTec folders that an anomaly detector can train on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from cli import oddgen
from datagen.dataset.reader import ARRAYS, Dataset, Scene
from datagen.errors import OddgenError
from datagen.exchange.coco import export_coco
from datagen.exchange.defects import defect_owners
from datagen.exchange.mvtec import SIDE, crops, export_mvtec
from datagen.exchange.published.exporter import export_published
from datagen.exchange.published.importer import import_published
from datagen.exchange.published.splits import split_of
from datagen.scenes.write import write_arrays, write_shard
from tests.support.specs import some_spec, write_index


@pytest.fixture(scope="module")
def coco(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("coco") / "to"
    assert export_coco(dataset, to).written == 4
    return to


def annotation_files(coco: Path, kind: str) -> list[Path]:
    return sorted((coco / "annotations").glob(f"{kind}_*.json"))


def test_pycocotools_reads_every_instance_back(coco, dataset):
    from pycocotools.coco import COCO

    ours, seen = Dataset(dataset), 0
    for path in annotation_files(coco, "instances"):
        loaded = COCO(str(path))
        for image in loaded.loadImgs(loaded.getImgIds()):
            scene = ours.read(image["scene"])
            assert path.stem == f"instances_{split_of(scene.spec)}"
            pixels = np.asarray(Image.open(coco / "images" / image["file_name"]))
            assert np.array_equal(pixels, scene.rgb[image["view"]])
            masks = np.zeros_like(scene.instance[0])
            for entry in loaded.loadAnns(loaded.getAnnIds(imgIds=image["id"])):
                mask = loaded.annToMask(entry)
                masks[mask > 0] = entry["object"] + 1
                odd = scene.anomalous[entry["object"]]
                name = loaded.loadCats(entry["category_id"])[0]["name"]
                assert name == ("anomalous" if odd else "normal")
                x0, y0, x1, y1 = scene.box_2d[entry["object"], image["view"]].tolist()
                assert entry["bbox"] == [x0, y0, x1 - x0, y1 - y0]
                assert entry["area"] == mask.sum()
            assert np.array_equal(masks, scene.instance[image["view"]])
            seen += 1
    assert seen == 4 * 3
    attribution = (coco / "ATTRIBUTION.md").read_text()
    assert attribution == (dataset / "ATTRIBUTION.md").read_text()


def test_every_defect_pixel_is_in_the_defect_file(coco, dataset):
    from pycocotools.coco import COCO

    ours, total = Dataset(dataset), 0
    for path in annotation_files(coco, "defects"):
        loaded = COCO(str(path))
        for image in loaded.loadImgs(loaded.getImgIds()):
            scene = ours.read(image["scene"])
            union = np.zeros_like(scene.defect[0])
            for entry in loaded.loadAnns(loaded.getAnnIds(imgIds=image["id"])):
                union |= loaded.annToMask(entry)
                anomaly = scene.spec.objects[entry["object"]].anomaly
                assert loaded.loadCats(entry["category_id"])[0]["name"] == anomaly.type
            assert np.array_equal(union, scene.defect[image["view"]])
            total += int(union.sum())
    assert total > 0


def test_a_detector_is_scored_perfect_on_the_truth(coco):
    """pycocotools' own evaluation accepts the files."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth = COCO(str(annotation_files(coco, "instances")[0]))
    found = truth.loadRes(
        [
            {key: entry[key] for key in ("image_id", "category_id", "segmentation")}
            | {"score": 0.9}
            for entry in truth.loadAnns(truth.getAnnIds())
        ]
    )
    score = COCOeval(truth, found, "segm")
    score.evaluate()
    score.accumulate()
    score.summarize()
    assert score.stats[0] == pytest.approx(1)


def test_an_imported_dataset_has_instances_only(dataset, tmp_path):
    export_published(dataset, tmp_path / "published")
    import_published(tmp_path / "published", tmp_path / "out")
    told = export_coco(tmp_path / "out", tmp_path / "to").notes
    assert any("no defect masks" in note for note in told)
    assert annotation_files(tmp_path / "to", "instances")
    assert not annotation_files(tmp_path / "to", "defects")
    with pytest.raises(OddgenError, match="no defect masks"):
        export_mvtec(tmp_path / "out", tmp_path / "mvtec")
    assert not (tmp_path / "mvtec").exists()


def test_a_folder_in_use_is_left_alone(dataset, coco, tmp_path):
    for kind in ("coco", "mvtec"):
        command = ["export", str(dataset), "--format", kind, "--to", str(coco)]
        result = CliRunner().invoke(oddgen, command)
        assert result.exit_code == 1
        assert "choose another" in result.output or "no category" in result.output
    assert len(annotation_files(coco, "instances")) >= 1
    assert [path.name for path in coco.parent.iterdir()] == ["to"]


def disc(centre: tuple[int, int], radius: int, size: int = 128) -> np.ndarray:
    rows, columns = np.mgrid[:size, :size]
    return (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 <= radius**2


def drawn_scene(name: str, shape: str, discs: list[tuple[int, int]], odd: int | None) -> Scene:
    """One view of discs; object `odd` lacks a bite at its right, where the floor shows."""
    instance, defect = np.zeros((1, 128, 128), np.uint8), np.zeros((1, 128, 128), np.uint8)
    count = len(discs)
    for k, centre in enumerate(discs):
        whole = disc(centre, 20)
        bite = disc((centre[0], centre[1] + 20), 8) & whole if k == odd else np.zeros_like(whole)
        instance[0][whole & ~bite] = k + 1
        defect[0][bite] = 1
    boxes = np.full((count, 1, 4), -1, np.int32)
    for k in range(count):
        rows, columns = np.nonzero(instance[0] == k + 1)
        boxes[k, 0] = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    pixels = np.zeros((count, 1), np.int32)
    if odd is not None:
        pixels[odd] = defect.sum()
    kinds = ["missing" if k == odd else None for k in range(count)]
    return Scene(
        name=name,
        rgb=np.repeat(instance[..., None] * 60 + 20, 3, axis=3).astype(np.uint8),
        depth=np.ones((1, 128, 128), np.float32),
        instance=instance,
        part=(instance > 0).astype(np.uint8),
        defect=defect,
        normal=np.zeros((1, 128, 128, 3), np.int8),
        intrinsics=np.array([[100.0, 0, 64], [0, 100, 64], [0, 0, 1]]),
        world_to_camera=np.eye(4)[None],
        object_to_world=np.tile(np.eye(4), (count, 1, 1)),
        anomalous=np.array([k == odd for k in range(count)], np.uint8),
        visible_fraction=np.ones((count, 1), np.float32),
        defect_pixels=pixels,
        box_aabb=np.zeros((count, 2, 3)),
        box_oriented=np.tile(np.eye(4), (count, 1, 1)),
        box_size=np.zeros((count, 3)),
        box_2d=boxes,
        spec=some_spec(0, shape, kinds, "disc"),
    )


def test_a_defect_beside_its_object_is_still_its_own():
    scene = drawn_scene("a", "disc_1", [(30, 30), (90, 90)], odd=1)
    owners = defect_owners(scene, 0)
    assert np.array_equal(owners > 0, scene.defect[0] > 0)
    assert set(np.unique(owners)) == {0, 2}


def test_crops_hold_one_object_whole_with_its_defect():
    scene = drawn_scene("a", "disc_1", [(30, 30), (90, 90)], odd=1)
    made = {name: (kind, image, mask) for kind, name, image, mask in crops(scene)}
    assert {name: kind for name, (kind, _, _) in made.items()} == {
        "a_00_000": "good",
        "a_01_000": "missing",
    }
    for kind, image, mask in made.values():
        assert image.shape == (SIDE, SIDE, 3) and mask.shape == (SIDE, SIDE)
        assert mask.any() == (kind != "good")
    kind, image, mask = made["a_01_000"]
    assert image[mask > 0].mean() < 60  # the floor, where the bite is


@pytest.mark.parametrize(
    "discs", [[(30, 30), (60, 60)], [(30, 10), (90, 90)]], ids=["a neighbour", "at the edge"]
)
def test_an_object_that_is_not_alone_or_not_whole_gives_no_crop(discs):
    names = [name for _, name, _, _ in crops(drawn_scene("a", "disc_1", discs, odd=None))]
    assert "a_00_000" not in names


def written(scenes: list[Scene], splits: list[str], out: Path) -> Path:
    """A dataset of these scenes."""
    out.mkdir()
    parts = []
    for scene, split in zip(scenes, splits, strict=True):
        spec = replace(scene.spec, shape=replace(scene.spec.shape, split=split))
        arrays = {name: getattr(scene, name) for name in ARRAYS}
        images = {name: arrays.pop(name) for name in list(arrays) if arrays[name].ndim >= 3
                  and arrays[name].shape[:3] == scene.instance.shape}  # fmt: skip
        file = out / f"{scene.name}.h5"
        write_arrays(scene.name, spec, images, arrays, file)
        parts.append((file, scene.name))
    write_shard(out / "shards/shard-00000.h5", parts)
    write_index(out, [[name for _, name in parts]])
    return out


APART = [(30, 30), (90, 90)]


def test_an_mvtec_folder_trains_on_normal_objects_of_other_shapes(tmp_path):
    scenes = [
        drawn_scene("scene-000000", "disc_1", APART, odd=1),
        drawn_scene("scene-000001", "disc_2", APART, odd=None),
        drawn_scene("scene-000002", "disc_3", APART, odd=0),
    ]
    data = written(scenes, ["train", "train", "seen-test"], tmp_path / "data")
    summary = export_mvtec(data, tmp_path / "to")
    assert summary.written == 3 and "crops: train/good 3" in summary.notes[-1]
    top = tmp_path / "to" / "disc"
    assert sorted(str(path.relative_to(top)) for path in top.rglob("*.png")) == [
        "ground_truth/missing/scene-000002_00_000_mask.png",
        "test/good/scene-000002_01_000.png",
        "test/missing/scene-000002_00_000.png",
        "train/good/scene-000000_00_000.png",
        "train/good/scene-000001_00_000.png",
        "train/good/scene-000001_01_000.png",
    ]
    mask = np.asarray(Image.open(top / "ground_truth/missing/scene-000002_00_000_mask.png"))
    assert set(np.unique(mask)) == {0, 255} and 0.01 < (mask > 0).mean() < 0.1


@pytest.mark.parametrize("splits", [["train", "train"], ["seen-test", "unseen-test"]])
def test_a_dataset_of_one_split_is_no_mvtec_folder(splits, tmp_path):
    scenes = [drawn_scene(f"scene-00000{k}", f"disc_{k}", APART, odd=1) for k in range(2)]
    data = written(scenes, splits, tmp_path / "data")
    with pytest.raises(OddgenError, match="both to train on and to test on"):
        export_mvtec(data, tmp_path / "to")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_category_without_anomalous_crops_is_left_out(tmp_path):
    scenes = [drawn_scene(f"scene-00000{k}", f"disc_{k}", APART, odd=None) for k in range(2)]
    data = written(scenes, ["train", "seen-test"], tmp_path / "data")
    with pytest.raises(OddgenError, match="no category has crops"):
        export_mvtec(data, tmp_path / "to")
