"""Scenes against their meshes: sound ones pass, and a planted fault of every kind is told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from datagen.dataset.reader import Dataset
from datagen.validate.checks import Finding
from datagen.validate.scene_checks import CheckedScene, check_scene
from datagen.validate.splits import check_splits
from tests.support.runs import copy_of
from tests.support.specs import some_spec


def odd_scene(dataset: Path) -> tuple[str, int]:
    """The scene that shows most of a defect, and the object that has it."""
    shown = {name: Dataset(dataset).read(name).defect_pixels.sum(axis=1)
             for name in Dataset(dataset).names}  # fmt: skip
    name = max(shown, key=lambda name: shown[name].max())
    assert shown[name].max() > 0, "no scene has an anomaly"
    return name, int(shown[name].argmax())


class Damaged:
    """A copy of the dataset, whose plainest odd scene a test damages and checks."""

    def __init__(self, dataset: Path, cache: Path, folder: Path) -> None:
        self.out, self.cache = copy_of(dataset, folder / "out"), cache
        self.name, self.odd = odd_scene(self.out)
        self.normal = (self.odd + 1) % 3
        self.shard = Dataset(self.out).shard(self.name)

    def change(self, **arrays: Any) -> None:
        """New content of arrays by name, made from the old one."""
        with h5py.File(self.shard, "r+") as file:
            for name, change in arrays.items():
                file[self.name][name][...] = change(file[self.name][name][()])

    def respecify(self, change: Any) -> None:
        with h5py.File(self.shard, "r+") as file:
            spec = json.loads(file[self.name].attrs["spec"])
            change(spec)
            file[self.name].attrs["spec"] = json.dumps(spec)

    def check(self) -> CheckedScene:
        return check_scene(self.shard, self.name, self.cache)

    def told(self) -> set[str]:
        return {finding.check for finding in self.check().findings}


@pytest.fixture
def scene(dataset: Path, dataset_cache: Path, tmp_path: Path) -> Damaged:
    return Damaged(dataset, dataset_cache, tmp_path)


def test_sound_scenes_pass_and_give_cues_for_every_object(dataset, dataset_cache):
    whole = Dataset(dataset)
    results = [check_scene(whole.shard(name), name, dataset_cache) for name in whole.names]
    assert [finding for result in results for finding in result.findings] == []
    for result in results:
        assert result.raycast and result.content is not None
        assert all(len(rows) == len(result.anomalous) for rows in result.cues.values())
    assert list(check_splits(results)) == []


def test_a_scene_that_cannot_be_read(scene):
    with h5py.File(scene.shard, "r+") as file:
        del file[scene.name]["depth"]
    assert scene.told() == {"scene.file"}


def test_inconsistent_arrays(scene):
    scene.change(visible_fraction=lambda array: array * 0)
    assert scene.told() == {"scene.consistent"}


def test_arrays_that_do_not_fit_together(scene):
    with h5py.File(scene.shard, "r+") as file:
        boxes = file[scene.name]["box_aabb"][1:]
        del file[scene.name]["box_aabb"]
        file[scene.name]["box_aabb"] = boxes
    assert scene.told() == {"scene.file"} and not scene.check().raycast


def test_shapes_that_the_cache_lacks_are_told_and_the_rest_is_still_checked(scene, tmp_path):
    scene.cache = tmp_path / "cache"
    scene.change(rgb=lambda array: array * 0)
    assert {"scene.shapes", "scene.black"} <= scene.told()
    assert not scene.check().raycast


def test_labels_that_disagree(scene):
    scene.change(anomalous=lambda array: 1 - array)
    assert {"scene.labels", "scene.majority"} <= scene.told()


def test_a_shape_that_is_not_what_its_label_says(scene):
    def swap(spec):
        entries = spec["objects"]
        entries[scene.odd]["shape_key"] = entries[scene.normal]["shape_key"]

    scene.respecify(swap)
    told = [finding.told for finding in scene.check().findings if finding.check == "scene.labels"]
    assert any("the shape of the normal ones" in text for text in told)


def test_an_anomaly_of_another_type(scene):
    scene.respecify(lambda spec: spec["objects"][scene.odd]["anomaly"].update(type="bend"))
    assert scene.told() == {"scene.labels"}


def test_more_anomalies_than_normal_objects(scene):
    def all_odd(spec):
        odd = spec["objects"][scene.odd]
        spec["objects"][scene.normal] |= {name: odd[name] for name in ("shape_key", "anomaly")}

    scene.respecify(all_odd)
    scene.change(
        anomalous=lambda array: np.eye(3, dtype=np.uint8)[[scene.odd, scene.normal]].sum(0)
    )
    assert "scene.majority" in scene.told()


def test_boxes_that_are_too_large_or_at_the_wrong_position(scene):
    grow = np.array([[-0.002] * 3, [0.002] * 3])
    scene.change(box_aabb=lambda array: array + grow)
    assert scene.told() == {"scene.boxes"}
    scene.change(box_aabb=lambda array: array - grow, box_size=lambda array: array * 1.01)
    assert scene.told() == {"scene.boxes"}


def test_masks_that_show_other_objects_or_parts(scene):
    scene.change(part=lambda array: (array > 0) * 1)
    assert "scene.masks" in scene.told()


def test_swapped_instances(scene):
    scene.change(instance=lambda array: np.array([0, 2, 1, 3], np.uint8)[array])
    assert {"scene.consistent", "scene.masks"} <= scene.told()


def test_depth_that_is_not_the_meshes(scene):
    instance = Dataset(scene.out).read(scene.name).instance
    scene.change(depth=lambda array: array + 0.004 * (instance > 0))
    assert "scene.depth" in scene.told()


def test_normals_that_are_mirrored(scene):
    scene.change(normal=lambda array: array * np.array([-1, 1, 1], np.int8))
    assert scene.told() == {"scene.normals"}


def test_a_camera_that_was_elsewhere(scene):
    def aside(poses):
        poses[:, 0, 3] += 0.05
        return poses

    scene.change(world_to_camera=aside)
    assert "scene.masks" in scene.told()


def test_a_defect_mask_of_the_wrong_pixels(scene):
    scene.change(defect=lambda array: np.roll(array, 20, axis=1))
    assert scene.told() == {"scene.defect"}


def test_a_defect_that_no_view_shows(scene):
    scene.change(defect=lambda array: array * 0, defect_pixels=lambda array: array * 0)
    assert {"scene.defect-visible", "scene.consistent"} <= scene.told()


@pytest.mark.parametrize(("step", "told"), [(0.01, "floats by 10.0 mm"), (-0.004, "sinks by 4.0")])
def test_an_object_off_the_floor(scene, step, told):
    def lift(array):
        array[scene.normal, 2, 3] += step
        return array

    def lift_box(array):
        array[scene.normal, :, 2] += step
        return array

    scene.change(object_to_world=lift, box_oriented=lift, box_aabb=lift_box)
    found = [item.told for item in scene.check().findings if item.check == "scene.floor"]
    assert len(found) == 1 and told in found[0]


def test_objects_at_one_position(scene):
    def onto(array):
        array[scene.normal] = array[scene.odd]
        return array

    scene.change(object_to_world=onto, box_oriented=onto, box_aabb=onto)
    assert "scene.apart" in scene.told()


@pytest.mark.parametrize(
    ("brightness", "told"), [(3, "scene.black"), (255, "scene.blown-out"), (128, "scene.empty")]
)
def test_images_without_a_picture(scene, brightness, told):
    def fill(array):
        array[1] = brightness
        return array

    scene.change(rgb=fill)
    assert told in scene.told()


def test_a_view_without_objects(scene):
    def clear(array):
        array[2] = 0
        return array

    scene.change(instance=clear, part=clear)
    assert "scene.empty" in scene.told()


def result(name: str, shape: str, seen: bool, content: str) -> CheckedScene:
    return CheckedScene(name, (), some_spec(0, shape, [None], seen=seen).shape, content)


def test_a_shape_in_two_splits_by_id_or_by_content_and_a_shape_twice():
    sound = [result("a", "mug_1", True, "x"), result("b", "mug_1", True, "x"),
             result("c", "cup_1", False, "y")]  # fmt: skip
    assert list(check_splits(sound)) == []
    by_id = list(check_splits([*sound, result("d", "mug_1", False, "z")]))
    assert by_id == [Finding("data.split-id", "mug_1", "is in seen and in unseen")]
    (by_content,) = check_splits([*sound, result("d", "other", False, "x")])
    assert by_content.check == "data.split-content" and by_content.subject == "mug_1, other"
    (twice,) = check_splits([*sound, result("d", "other", True, "x")])
    assert twice.check == "data.duplicate" and twice.level == "warn"


def test_the_split_of_real_scenes_is_read_from_their_meshes(scene, dataset_cache):
    whole = Dataset(scene.out)
    names = whole.names[:2]
    first = json.loads(h5py.File(whole.shard(names[0]))[names[0]].attrs["spec"])

    with h5py.File(whole.shard(names[1]), "r+") as file:
        spec = json.loads(file[names[1]].attrs["spec"])
        spec["objects"] = first["objects"]
        spec["shape"] |= {"id": "renamed", "seen": not first["shape"]["seen"]}
        file[names[1]].attrs["spec"] = json.dumps(spec)
    results = [check_scene(whole.shard(name), name, dataset_cache) for name in names]
    assert [finding.check for finding in check_splits(results)] == ["data.split-content"]


def test_a_damaged_cached_shape_counts_as_missing_and_stays(scene, tmp_path):
    spec = Dataset(scene.out).read(scene.name).spec
    key = spec.objects[scene.odd].shape_key
    scene.cache = shutil.copytree(scene.cache, tmp_path / "cache")
    path = scene.cache / "shapes" / key[:2] / f"{key}.glb"
    path.write_bytes(path.read_bytes()[:-5])
    assert "scene.shapes" in scene.told() and path.exists()
