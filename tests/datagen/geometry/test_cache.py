"""The shape cache: addressed by content, never trusted blindly, the same for every process."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datagen.errors import BadShape, OddgenError
from datagen.geometry.cache import ShapeCache
from datagen.geometry.normalise import normalise
from datagen.geometry.shape import Shape
from datagen.sources.open import load_shape
from datagen.sources.ref import ShapeRef
from tests.support.shapes import rich_shape, same


class CountingSource:
    """One shape, or none; counts how often it is asked to load it."""

    name = "counting"

    def __init__(self, fault: str | None = None) -> None:
        self.loads, self.fault = 0, fault

    def refs(self) -> list[ShapeRef]:
        return [ShapeRef("rich", "rich", "part", True, "CC0-1.0", "made here")]

    def problems(self) -> list[str]:
        return []

    def key(self, ref: ShapeRef) -> str:
        return ref.id

    def load(self, ref: ShapeRef) -> Shape:
        self.loads += 1
        if self.fault:
            raise BadShape(self.fault)
        return rich_shape()


@pytest.fixture
def cache(tmp_path: Path) -> ShapeCache:
    return ShapeCache(tmp_path)


def only(folder: Path, pattern: str) -> Path:
    (path,) = folder.rglob(pattern)
    return path


def test_a_shape_is_loaded_once_and_tells_its_origin(cache: ShapeCache) -> None:
    source = CountingSource()
    (ref,) = source.refs()
    first, second = (load_shape(source, ref, cache) for _ in range(2))
    assert source.loads == 1 and same(first, second)
    assert first.info["licence"] == "CC0-1.0" and first.info["provenance"] == "made here"
    file = only(cache.root, "*.glb")
    assert file.stem == hashlib.sha256(file.read_bytes()).hexdigest()
    facts = json.loads(file.with_suffix(".json").read_text())
    assert facts["faces"] == len(first.faces) and facts["part_names"] == ["body", "knob"]
    assert facts["materials"] == ["painted", "brass", "glass"] and facts["id"] == "rich"


@pytest.mark.parametrize("damage", ["cut", "flipped bit", "gone"])
def test_a_damaged_file_is_made_again(damage: str, cache: ShapeCache) -> None:
    source = CountingSource()
    (ref,) = source.refs()
    first = load_shape(source, ref, cache)
    file = only(cache.root, "*.glb")
    whole = file.read_bytes()
    if damage == "cut":
        file.write_bytes(whole[:-100])
    elif damage == "flipped bit":
        file.write_bytes(whole[:-50] + bytes([whole[-50] ^ 1]) + whole[-49:])
    else:
        file.unlink()
    assert same(load_shape(source, ref, cache), first)
    assert source.loads == 2 and file.read_bytes() == whole


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"shape": "0000"}'])
def test_a_damaged_note_is_made_again(text: str, cache: ShapeCache) -> None:
    source = CountingSource()
    (ref,) = source.refs()
    first = load_shape(source, ref, cache)
    only(cache.root / "sources", "*.json").write_text(text)
    assert same(load_shape(source, ref, cache), first) and source.loads == 2
    assert same(load_shape(source, ref, cache), first) and source.loads == 2


def test_put_mends_what_is_damaged(cache: ShapeCache) -> None:
    shape = normalise(rich_shape(), "rich")
    key = cache.put(shape)
    file = cache.path(key)
    file.write_bytes(file.read_bytes()[:50])
    file.with_suffix(".json").write_text("{")
    assert cache.put(shape) == key
    found = cache.get(key)
    assert found is not None and same(found, shape)
    assert json.loads(file.with_suffix(".json").read_text())["key"] == key


def test_a_bad_file_is_read_once(cache: ShapeCache) -> None:
    source = CountingSource("bad.obj: has no triangles; export it again.")
    (ref,) = source.refs()
    for _ in range(3):
        with pytest.raises(BadShape, match="bad.obj: has no triangles"):
            load_shape(source, ref, cache)
    assert source.loads == 1


def test_an_anomalous_shape_names_its_parent_type_and_faces(cache: ShapeCache) -> None:
    normal = normalise(rich_shape(), "rich")
    parent = cache.put(normal)
    facts = {"anomaly": {"type": "missing", "parameters": {"part": 1}}}
    odd = replace(normal.keep_faces(normal.face_part == 0), info=normal.info | facts)
    affected = np.zeros(len(odd.faces), bool)
    affected[[0, 1, 5]] = True
    key = cache.put(odd, parent, affected)
    assert key != parent
    told = json.loads(cache.path(key).with_suffix(".json").read_text())
    assert told["parent"] == parent and told["anomaly"] == facts["anomaly"]
    assert told["affected_faces"] == [[0, 2], [5, 6]]
    found = cache.get(key)
    assert found is not None and found.info["anomaly"] == facts["anomaly"]


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    source = CountingSource()
    with pytest.raises(OddgenError, match="give --cache a folder") as caught:
        load_shape(source, source.refs()[0], ShapeCache(tmp_path / "file"))
    assert str(tmp_path / "file") in str(caught.value)
