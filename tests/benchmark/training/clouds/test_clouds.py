"""From views to objects' clouds: every back end, by scenes whose depth is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console

from benchmark.training.clouds import colmap
from benchmark.training.clouds.cache import CloudCache
from benchmark.training.clouds.cloud import Cloud, PosedViews
from benchmark.training.clouds.cut import cut, object_clouds
from benchmark.training.clouds.fuse import objects_only, unprojected
from benchmark.training.clouds.make import make_clouds, measure_clouds, read_views
from benchmark.training.clouds.plane_sweep import nearest_views, sweep
from benchmark.training.clouds.quality import quality, true_cloud
from benchmark.training.clouds.reconstruct import reconstruct
from benchmark.training.clouds.room import room_of
from datagen.base.interrupts import Interrupts
from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError
from model.dgcnn.config import NANO
from tests.support.textured_scenes import make_textured_scenes, some_boxes, textured_views

pytestmark = pytest.mark.usefixtures("one_thread")

CPU = torch.device("cpu")
QUIET = Console(quiet=True)
SWEEP = NANO.reconstruction
DEPTH = replace(SWEEP, back_end="depth")


@pytest.fixture(scope="module")
def boxes() -> np.ndarray:
    return some_boxes(1, np.random.default_rng(0))


@pytest.fixture(scope="module")
def seen(boxes: np.ndarray) -> tuple[PosedViews, np.ndarray]:
    """Twenty views of 96 x 96 of four textured boxes, and the instances."""
    return textured_views(boxes, 20, 96)


def test_a_plane_sweep_finds_the_depth_of_most_object_pixels(
    seen: tuple[PosedViews, np.ndarray],
) -> None:
    """Half of them have one; of these nine in ten are within 2 cm (a pixel is 1 cm wide)."""
    views, instance = seen
    assert views.depth is not None
    found = sweep(views, room_of(views), SWEEP, CPU)
    assert found.shape == instance.shape and found.dtype == np.float32
    known = (found > 0) & (instance > 0)
    assert known.sum() > 0.45 * (instance > 0).sum()
    off = np.abs(found - views.depth)[known]
    assert (off < 0.02).mean() > 0.85 and np.median(off) < 0.008


def test_every_view_is_compared_with_those_that_look_alike() -> None:
    """And a single view is compared with none, and has no depth."""
    views, _ = textured_views(some_boxes(None, np.random.default_rng(0)), 6, 16)
    assert [sorted(found) for found in nearest_views(views.world_to_camera, 2)[:2]] == [
        [1, 5],
        [0, 2],
    ]
    one = PosedViews(views.rgb[:1], views.intrinsics[:1], views.world_to_camera[:1])
    assert not sweep(one, room_of(one), SWEEP, CPU).any()
    cloud = reconstruct(one, SWEEP, CPU)
    assert cloud.points.shape == (0, 3) and cloud.colours.shape == (0, 3)


def test_the_labels_depth_gives_the_surface_without_the_floor(
    seen: tuple[PosedViews, np.ndarray], boxes: np.ndarray
) -> None:
    views, instance = seen
    cloud = reconstruct(views, DEPTH, CPU)
    assert cloud.points[:, 2].min() > SWEEP.floor
    found = quality(cloud, true_cloud(views, instance, room_of(views), DEPTH), boxes)
    assert found.accuracy is not None and found.accuracy < 1e-3
    assert found.complete > 0.99 and found.without == 0
    swept = reconstruct(views, SWEEP, CPU)
    worse = quality(swept, true_cloud(views, instance, room_of(views), SWEEP), boxes)
    assert worse.accuracy is not None and found.accuracy < worse.accuracy < 0.012
    assert worse.accurate is not None and worse.accurate > 0.5 < worse.complete
    with pytest.raises(OddgenError, match="is an oracle that takes the labels' depth"):
        reconstruct(replace(views, depth=None), DEPTH, CPU)


def test_strays_and_what_is_outside_the_room_go(seen: tuple[PosedViews, np.ndarray]) -> None:
    views, _ = seen
    assert views.depth is not None
    dense = unprojected(views.depth, views)
    strays = np.array([[0.0, 0.0, 0.45], [5.0, 0.0, 0.1], [0.1, 0.1, -0.2]])
    more = Cloud(
        np.concatenate([dense.points, strays]), np.concatenate([dense.colours, strays * 0])
    )
    kept = objects_only(more, room_of(views), DEPTH).points
    assert len(kept) > 10_000
    assert (np.linalg.norm(kept[:, None] - strays, axis=2) > 0.05).all()


def test_a_point_in_two_boxes_belongs_to_the_one_it_is_deeper_in() -> None:
    rng = np.random.default_rng(0)
    left, right = rng.uniform([0, 0, 0], [0.9, 1, 1], (50, 3)), rng.uniform(0, 0.9, (20, 3))
    cloud = Cloud(np.concatenate([left, right + [1.15, 0, 0]]), np.zeros((70, 3)))
    found = np.array([[[0, 0, 0], [1.1, 1, 1]], [[1.0, 0, 0], [2.1, 1, 1]], [[5, 5, 5], [6, 6, 6]]])
    parts = cut(cloud, found)
    assert [len(part.points) for part in parts] == [50, 20, 0]
    clouds = object_clouds(parts, 32, np.random.default_rng(0))
    assert clouds.present.sum(axis=1).tolist() == [32, 20, 0]
    assert clouds.there.tolist() == [True, True, False]
    assert np.abs(clouds.points[1, :20, :3].mean(axis=0)).max() < 1e-6


def test_clouds_are_made_once_and_kept_whole(tmp_path: Path) -> None:
    data = Dataset(make_textured_scenes(tmp_path / "data", 2, 4, 32))
    cache = CloudCache(tmp_path / "clouds", "sum", DEPTH)
    job = (data, data.names, cache, DEPTH, CPU, QUIET, Interrupts())
    make_clouds(*job)
    before = {path: path.stat().st_mtime_ns for path in cache.folder.iterdir()}
    make_clouds(*job)
    assert before == {path: path.stat().st_mtime_ns for path in cache.folder.iterdir()}
    kept, read = cache.get(data.names[0]), read_views(data, data.names[0], 3)
    assert np.array_equal(kept.boxes, read.boxes) and len(read.views.rgb) == 3
    assert measure_clouds(data, data.names, cache, DEPTH)[0].complete > 0.95
    with pytest.raises(OddgenError, match="another reconstruction"):
        CloudCache(tmp_path / "clouds", "sum", SWEEP)
    cache.path(data.names[0]).write_bytes(b"half")
    with pytest.raises(OddgenError, match="cannot be read"):
        cache.get(data.names[0])


def test_a_colmap_workspace_has_the_cameras_and_the_sources(
    seen: tuple[PosedViews, np.ndarray], tmp_path: Path
) -> None:
    views, _ = seen
    colmap.write_workspace(views, tmp_path)
    words = (tmp_path / "sparse/images.txt").read_text().split("\n")[0].split()
    quaternion, shift = np.array(words[1:5], float), np.array(words[5:8], float)
    rotation = colmap.Rotation.from_quat(quaternion[[1, 2, 3, 0]]).as_matrix()
    assert np.allclose(rotation, views.world_to_camera[0, :3, :3])
    assert np.allclose(shift, views.world_to_camera[0, :3, 3])
    assert (tmp_path / "sparse/cameras.txt").read_text().startswith("1 PINHOLE 96 96 80.0 80.0")
    pairs = (tmp_path / "stereo/patch-match.cfg").read_text().splitlines()
    assert pairs[0] == "000.png" and len(pairs[1].split(", ")) == 19
    both = colmap.commands("/bin/colmap", tmp_path, tmp_path / "fused.ply", 0.3, 1.2)
    assert [command[1] for command in both] == ["patch_match_stereo", "stereo_fusion"]


def test_without_colmap_its_back_end_is_one_sentence(
    seen: tuple[PosedViews, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colmap, "colmap_way", lambda: None)
    with pytest.raises(OddgenError, match="needs pycolmap with CUDA") as caught:
        reconstruct(seen[0], replace(SWEEP, back_end="colmap"), CPU)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.skipif(colmap.colmap_way() is None, reason="no COLMAP with CUDA")
def test_colmap_finds_the_surface(seen: tuple[PosedViews, np.ndarray], boxes: np.ndarray) -> None:
    views, instance = seen
    cloud = reconstruct(views, replace(SWEEP, back_end="colmap"), CPU)
    found = quality(cloud, true_cloud(views, instance, room_of(views), SWEEP), boxes)
    assert found.accuracy is not None and found.accuracy < 0.012
