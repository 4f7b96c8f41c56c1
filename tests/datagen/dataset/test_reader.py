"""The format as documented, and reads of single views."""

from __future__ import annotations

import json
import pickle
import re

import h5py
import numpy as np
import pytest

from datagen.dataset.reader import ARRAYS, VIEW_AXIS, Dataset, read_scene, read_scene_file
from datagen.errors import OddgenError
from tests.support.paths import DOCS
from tests.support.runs import copy_of

FORMAT_PAGE = DOCS / "format.md"


def documented() -> dict[str, tuple[str, str]]:
    """Shape and dtype of every array of the table."""
    rows = re.findall(
        r"^\| `(\w+)` \| ([\w, ]+) \| (\w+) \|", FORMAT_PAGE.read_text(), re.MULTILINE
    )
    return {name: (shape, dtype) for name, shape, dtype in rows}


def test_the_documented_table_is_what_a_shard_holds(dataset):
    table = documented()
    with h5py.File(dataset / "shards" / "shard-00000.h5") as shard:
        assert dict(shard.attrs) == {"format": "odd-one-out", "format_version": 1}
        for group in shard.values():
            assert set(group) == set(table) == set(ARRAYS)
            letters = dict(zip("VHW", group["rgb"].shape, strict=False)) | {
                "N": len(group["object_to_world"])
            }
            for name, (shape, dtype) in table.items():
                expected = [letters.get(size) or int(size) for size in shape.split(", ")]
                assert (list(group[name].shape), str(group[name].dtype)) == (expected, dtype), name
                assert VIEW_AXIS.get(name) == (
                    shape.split(", ").index("V") if "V" in shape else None
                )


def test_one_view_is_one_chunk_that_plain_h5py_reads(dataset):
    with h5py.File(dataset / "shards" / "shard-00000.h5") as shard:
        for name in ("rgb", "depth", "instance", "part", "defect", "normal"):
            array = shard["scene-000000"][name]
            assert array.chunks == (1, *array.shape[1:])
            assert array.compression == "gzip"


def test_documented_keys_of_the_specification_and_the_index(dataset):
    page = FORMAT_PAGE.read_text()
    specification = page.split("### The specification")[1].split("## index.json")[0]
    spec = read_scene(dataset, "scene-000000").spec
    assert set(spec.to_json()) == set(re.findall(r"`(\w+)`", specification.split("\n\n")[1])) - {
        "spec", "part_names", "anomaly",
    }  # fmt: skip
    table = page.split("## index.json")[1].split("## Size")[0]
    keys = {key for row in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
            for key in re.findall(r"`(\w+)`", row)}  # fmt: skip
    assert set(json.loads((dataset / "index.json").read_text())) == keys


def test_views_come_in_the_order_asked_for(dataset):
    whole, some = read_scene(dataset, "scene-000001"), None
    some = read_scene(dataset, "scene-000001", views=[2, 0])
    for name in ARRAYS:
        array = getattr(whole, name)
        if name in VIEW_AXIS:
            array = np.take(array, [2, 0], axis=VIEW_AXIS[name])
        assert np.array_equal(getattr(some, name), array), name
    assert some.spec == whole.spec


def test_views_not_asked_for_are_not_read(dataset, tmp_path):
    """The compressed bytes of view 1 are spoilt; reading the others does not notice."""
    path = copy_of(dataset, tmp_path / "out") / "shards" / "shard-00000.h5"
    with h5py.File(path) as shard:
        group = shard["scene-000000"]
        names = [name for name, axis in VIEW_AXIS.items() if axis == 0 and group[name].chunks]
        chunks = [group[name].id.get_chunk_info(1) for name in names]
    content = bytearray(path.read_bytes())
    for chunk in chunks:
        assert chunk.chunk_offset[0] == 1
        content[chunk.byte_offset : chunk.byte_offset + chunk.size] = b"\xff" * chunk.size
    path.write_bytes(content)
    some = read_scene_file(path, "scene-000000", views=[0, 2])
    assert np.array_equal(some.rgb, read_scene(dataset, "scene-000000").rgb[[0, 2]])
    for views in (None, [1]):
        with pytest.raises(OddgenError, match="scene-000000: cannot be read"):
            read_scene_file(path, "scene-000000", views=views)


def test_a_dataset_can_be_sent_to_another_process(dataset):
    again = pickle.loads(pickle.dumps(Dataset(dataset)))
    assert again.names == [f"scene-{k:06d}" for k in range(4)]
    assert again.read("scene-000002", [0]).rgb.shape == (1, 64, 64, 3)


@pytest.mark.parametrize("views", [[3], [-1], [0, 99]])
def test_a_view_that_is_not_there(dataset, views):
    with pytest.raises(OddgenError, match="has the views 0 to 2 only"):
        read_scene(dataset, "scene-000000", views=views)


def test_a_scene_that_is_not_there(dataset):
    with pytest.raises(OddgenError, match="has no scene-000077"):
        read_scene(dataset, "scene-000077")


def test_the_documented_examples_run(dataset, monkeypatch, capsys):
    monkeypatch.chdir(dataset.parent)
    examples = re.findall(r"```python\n(.+?)```", FORMAT_PAGE.read_text(), re.DOTALL)
    assert len(examples) == 2
    for text in examples:
        exec(text.replace("[0, 5, 10]", "[0, 2]").replace("[5]", "[2]"), {})
    assert "scene-000003 (2, 64, 64, 3)" in capsys.readouterr().out
