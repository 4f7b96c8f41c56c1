"""Loaders written for the published data read ours unchanged.

Both are written here from what is known of the two public ones: the fields they read and the
rules by which they label. They know nothing of this project.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from datagen.dataset.reader import Dataset


@pytest.fixture(scope="module")
def root(exported: Path) -> Path:
    return exported / "scenes"


def load_as_the_authors(folder: Path) -> dict:
    """Images, silhouettes, cameras, boxes of centre and size, and labels from file names."""
    meta = json.loads((folder / "scene3d.metadata.json").read_text())
    names = sorted(path.name for path in (folder / "RGB").iterdir())
    images = np.stack([np.asarray(Image.open(folder / "RGB" / name)) for name in names])
    return {
        "images": images[..., :3] / 255,
        "masks": np.stack([np.asarray(Image.open(folder / "masks" / name)) for name in names])
        / 255,
        "K": np.array(meta["camera"]["K"]),
        "poses": np.array([pose["rotation"] for pose in meta["camera"]["poses"]]),
        "boxes": np.array([item["bbox"] for item in meta["objects"]]),
        "labels": [int("-" in Path(item["path"]).name) for item in meta["objects"]],
        "category": folder.name.partition("_")[0],
    }


def load_as_the_follow_up(root: Path, views: int = 10) -> dict[str, dict]:
    """By scene: sorted images, at most ten; scenes without `<shape>` as a normal file vanish."""
    scenes = {}
    for folder in sorted(root.iterdir()):
        shape = folder.name.rpartition("-")[0]
        meta = json.loads((folder / "scene3d.metadata.json").read_text())
        flat = json.loads((folder / "scene2d.metadata.json").read_text())
        stems = [Path(item["path"]).stem for item in meta["objects"]]
        if shape not in stems:
            continue
        scenes[folder.name] = {
            "images": sorted((folder / "RGB").glob("*"))[:views],
            "odd": [stem != shape for stem in stems],
            "count": len(flat["anomaly_labels"]),
        }
    return scenes


def test_the_authors_loader_gets_our_labels_cameras_and_world_boxes(root, dataset):
    ours = Dataset(dataset)
    origin = json.loads((root.parent / "export.json").read_text())["scenes"]
    for folder in sorted(root.iterdir()):
        scene, loaded = ours.read(origin[folder.name]), load_as_the_authors(folder)
        assert loaded["labels"] == scene.anomalous.tolist()
        assert np.array_equal(loaded["poses"], scene.world_to_camera)
        assert np.array_equal(loaded["K"], scene.intrinsics)
        assert np.array_equal(loaded["masks"] > 0.5, scene.instance > 0)
        assert np.allclose(loaded["images"], scene.rgb / 255)
        centre, size = loaded["boxes"][:, 0], loaded["boxes"][:, 1]
        corners = np.stack([centre - size / 2, centre + size / 2], axis=1)
        assert np.allclose(corners, scene.box_aabb)
        assert loaded["category"] == scene.spec.shape.category.replace("_", "")


def test_no_scene_of_ours_vanishes_from_the_follow_up_loader(root, dataset):
    loaded = load_as_the_follow_up(root)
    ours = Dataset(dataset)
    origin = json.loads((root.parent / "export.json").read_text())["scenes"]
    assert len(loaded) == len(ours.names)
    for folder, content in loaded.items():
        odd = ours.read(origin[folder]).anomalous.astype(bool).tolist()
        assert content["odd"] == odd and content["count"] == len(odd)
        assert len(content["images"]) == 3


def test_the_split_file_names_every_scene_once_and_no_shape_twice(root):
    splits = json.loads((root.parent / "split.json").read_text())
    assert {"train", "seen-test", "unseen-test"} <= set(splits)
    named = [name for names in splits.values() for name in names]
    assert sorted(named) == sorted(path.name for path in root.iterdir())
    shapes = [{name.rpartition("-")[0] for name in names} for names in splits.values()]
    assert len(set().union(*shapes)) == sum(map(len, shapes))
