"""Planted faults, each found and named."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from datagen.base.files import sha256
from datagen.dataset.verify import verify
from datagen.errors import OddgenError
from tests.support.runs import copy_of


@pytest.fixture
def copy(dataset: Path, tmp_path: Path) -> Path:
    return copy_of(dataset, tmp_path / "out")


def seal(out: Path) -> None:
    """Make index.json agree with shards that a test has changed."""
    index = json.loads((out / "index.json").read_text())
    for entry in index["shards"]:
        path = out / entry["file"]
        entry |= {"sha256": sha256(path), "bytes": path.stat().st_size}
    (out / "index.json").write_text(json.dumps(index))


def test_a_dataset_in_order_has_no_problem(dataset):
    assert verify(dataset) == []


def test_workers_find_what_one_process_finds(copy):
    with h5py.File(copy / "shards" / "shard-00001.h5", "r+") as shard:
        blank(shard["scene-000002"])
    seal(copy)
    (copy / "shards" / "shard-00000.h5").unlink()
    assert verify(copy, workers=2) == verify(copy)
    assert len(verify(copy)) == 2


def test_a_flipped_byte(copy):
    shard = copy / "shards" / "shard-00000.h5"
    content = bytearray(shard.read_bytes())
    content[-1] ^= 1
    shard.write_bytes(content)
    (problem,) = verify(copy)
    assert str(shard) in problem and "checksum" in problem


def test_a_truncated_shard(copy):
    shard = copy / "shards" / "shard-00000.h5"
    shard.write_bytes(shard.read_bytes()[:-7])
    (problem,) = verify(copy)
    assert str(shard) in problem and "bytes" in problem
    seal(copy)
    (problem,) = verify(copy)
    assert str(shard) in problem and "cannot be read" in problem


def test_a_removed_shard(copy):
    (copy / "shards" / "shard-00001.h5").unlink()
    (problem,) = verify(copy)
    assert "shard-00001.h5: missing; run the same oddgen generate" in problem


def test_a_shard_too_many_and_a_run_that_has_not_ended(copy):
    (copy / "shards" / "shard-00009.h5").write_bytes(b"")
    (copy / "work").mkdir()
    problems = " ".join(verify(copy))
    assert "shard-00009.h5: not listed" in problems and "has not ended" in problems


def test_a_missing_scene(copy):
    with h5py.File(copy / "shards" / "shard-00000.h5", "r+") as shard:
        del shard["scene-000001"]
    seal(copy)
    (problem,) = verify(copy)
    assert "scene-000001 is not where index.json says" in problem


def test_a_scene_that_no_shard_lists(copy):
    index = json.loads((copy / "index.json").read_text())
    index["scenes"] = 5
    (copy / "index.json").write_text(json.dumps(index))
    (problem,) = verify(copy)
    assert "scene-000004 is missing" in problem


def test_a_failed_scene(copy):
    index = json.loads((copy / "index.json").read_text())
    index["scenes"] = 5
    index["failures"] = [{"scene": "scene-000004", "reason": "scene 4: took over 5 s."}]
    (copy / "index.json").write_text(json.dumps(index))
    (problem,) = verify(copy)
    assert "scene-000004 was not made (scene 4: took over 5 s.)" in problem


def first_odd(group: h5py.Group) -> int:
    return int(np.flatnonzero(group["anomalous"][()])[0])


def shift_depth(group):
    group["depth"][...] = np.where(group["depth"][()] > 0, group["depth"][()] + 0.01, 0)


def pull_objects(group):
    group["depth"][...] = group["depth"][()] - 0.02 * (group["instance"][()] > 0)


def swap_masks(group):
    mask = group["instance"][()]
    group["instance"][...] = np.choose(mask, [0, 2, 1, *range(3, 10)])


def move_camera(group):
    pose = group["world_to_camera"][()]
    pose[1, :3, 3] += 0.02
    group["world_to_camera"][...] = pose


def scale_intrinsics(group):
    group["intrinsics"][...] = group["intrinsics"][()] * 1.01


def erase_defect(group):
    group["defect"][...] = 0


def unlabel(group):
    group["anomalous"][...] = 0


def unseen_anomaly(group):
    count = group["defect_pixels"][()]
    count[first_odd(group)] = 0
    group["defect_pixels"][...] = count
    group["defect"][...] = 0


def drop_parts(group):
    group["part"][...] = 0


def blank(group):
    group["rgb"][1] = 127


def not_finite(group):
    group["box_size"][0, 0] = np.nan


def shrink_boxes(group):
    group["box_size"][...] = group["box_size"][()] * 0.9


def flat_normals(group):
    group["normal"][...] = group["normal"][()] // 2


def wrong_2d_box(group):
    group["box_2d"][0, 0] = group["box_2d"][0, 0] + 1


def all_visible(group):
    group["visible_fraction"][...] = 0


def lose_an_array(group):
    del group["box_2d"]


def lose_a_view(group):
    depth = group["depth"][1:]
    del group["depth"]
    group["depth"] = depth


def cut_specification(group):
    group.attrs["spec"] = group.attrs["spec"][:-1]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (shift_depth, "the floor is not flat"),
        (pull_objects, "leaves its boxes"),
        (swap_masks, "object 0 has the wrong"),
        (move_camera, "in view 1; "),
        (scale_intrinsics, "intrinsics"),
        (erase_defect, "defect mask and the counts"),
        (unlabel, "differ from the specification"),
        (unseen_anomaly, "seen in no view"),
        (drop_parts, "part mask"),
        (blank, "an image is blank"),
        (not_finite, "box_size holds numbers that are not finite"),
        (shrink_boxes, "leaves its boxes"),
        (flat_normals, "normal is not of unit length"),
        (wrong_2d_box, "object 0 has the wrong 2D box in view 0"),
        (all_visible, "wrong visible fraction"),
        (lose_an_array, "box_2d"),
        (lose_a_view, "depth has the shape (2, 64, 64)"),
        (cut_specification, "cannot be read"),
    ],
)
def test_inconsistent_arrays(copy, damage, told):
    odd = None
    for path in sorted((copy / "shards").glob("*.h5")):
        with h5py.File(path, "r+") as shard:
            for name in shard:
                if odd is None and shard[name]["anomalous"][()].any():
                    odd = name
                    damage(shard[name])
    seal(copy)
    (problem,) = verify(copy)
    assert told in problem and str(odd) in problem


def test_what_is_no_dataset_is_one_sentence(tmp_path):
    with pytest.raises(OddgenError, match="no such folder"):
        verify(tmp_path / "nowhere")
    with pytest.raises(OddgenError, match=r"holds no index\.json"):
        verify(tmp_path)
