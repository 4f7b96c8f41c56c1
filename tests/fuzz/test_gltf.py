"""glTF whose accessors, views and buffers are damaged: the whole solid, a sentence, or a word."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datagen.errors import BadShape
from datagen.sources.importing import import_apart
from tests.support.fuzzing import amounts, assert_none, generators
from tests.support.mesh_files import SIZE

TRIANGLES = 136
NUMBERS: tuple[Any, ...] = (
    0, 1, 2, 3, 4, 5, 8, 12, 13, 16, 64, 252, 256, 1000, 7728, 2**16, 2**31, 2**63, 10**30,
    -1, -12, 0.5, 1e300, "8", None, True, [], {},
)  # fmt: skip
FLOATS = (np.nan, np.inf, -np.inf, 3.3e38, 1e30, -5.0)

Change = Callable[[dict[str, Any], bytearray, np.random.Generator], None]

pytestmark = pytest.mark.usefixtures("importer")


def primitive(content: dict[str, Any], rng: np.random.Generator) -> tuple[int, int]:
    """The accessors of the points and the corners of one of the two parts."""
    one = content["meshes"][int(rng.integers(2))]["primitives"][0]
    return one["attributes"]["POSITION"], one["indices"]


def some_number(rng: np.random.Generator) -> Any:
    return NUMBERS[int(rng.integers(len(NUMBERS)))]


def accessor_field(content: dict[str, Any], data: bytearray, rng: np.random.Generator) -> None:
    """Another number where an accessor of points or faces begins, ends or tells its kind."""
    accessor = content["accessors"][int(rng.choice(primitive(content, rng)))]
    key, value = str(rng.choice(["count", "byteOffset", "componentType"])), some_number(rng)
    faces_fewer = accessor["type"] == "SCALAR" and isinstance(value, int) and value % 3 == 0
    if key == "componentType":  # bytes are whole numbers of another kind, and a valid file
        value = rng.choice([5126, 9999]) if accessor["type"] == "SCALAR" else value
        value = int(value) if isinstance(value, np.integer) else value
    accessor[key] = 7 if key == "count" and faces_fewer else value


def view_field(content: dict[str, Any], data: bytearray, rng: np.random.Generator) -> None:
    """Another number where the view of points lies, or how it is laid out."""
    points, _ = primitive(content, rng)
    view = content["bufferViews"][content["accessors"][points]["bufferView"]]
    view[str(rng.choice(["byteOffset", "byteLength", "byteStride", "buffer"]))] = some_number(rng)


def place_of(content: dict[str, Any], accessor: int, width: int, rng: np.random.Generator) -> int:
    """Where one of the accessor's numbers lies in the buffer."""
    facts = content["accessors"][accessor]
    count = facts["count"] * (3 if facts["type"] == "VEC3" else 1)
    start: int = content["bufferViews"][facts["bufferView"]]["byteOffset"]
    return start + width * int(rng.integers(count))


def bad_index(content: dict[str, Any], data: bytearray, rng: np.random.Generator) -> None:
    """A face names a point that is not there."""
    points, faces = primitive(content, rng)
    count = content["accessors"][points]["count"]
    at = place_of(content, faces, 2, rng)
    data[at : at + 2] = np.uint16(rng.integers(count, 2**16)).tobytes()


def bad_point(content: dict[str, Any], data: bytearray, rng: np.random.Generator) -> None:
    """A coordinate is no number, or far away."""
    points, _ = primitive(content, rng)
    at = place_of(content, points, 4, rng)
    data[at : at + 4] = np.float32(FLOATS[int(rng.integers(len(FLOATS)))]).tobytes()


def cut_buffer(content: dict[str, Any], data: bytearray, rng: np.random.Generator) -> None:
    """The buffer ends before its time, and may tell so."""
    del data[int(rng.integers(len(data))) :]
    if rng.random() < 0.5:
        content["buffers"][0]["byteLength"] = len(data)


def another_link(content: dict[str, Any], data: bytearray, rng: np.random.Generator) -> None:
    """A node, mesh or accessor names something that is not there."""
    where = (
        (content["nodes"][0], "mesh"),
        (content["nodes"][1], "children"),
        (content["meshes"][0]["primitives"][0]["attributes"], "POSITION"),
        (content["meshes"][1]["primitives"][0], "indices"),
        (content["accessors"][0], "bufferView"),
        (content["scenes"][0], "nodes"),
    )
    holder, key = where[int(rng.integers(len(where)))]
    wrong = int(rng.choice([-1, 77, 2**31]))
    holder[key] = [wrong] if key in ("children", "nodes") else wrong


CHANGES = (accessor_field, view_field, bad_index, bad_point, cut_buffer, another_link)


def outcome(path: Path) -> str | None:
    """What is wrong: half of the solid or another one without a word, or no sentence."""
    try:
        shape = import_apart(path, None)
    except BadShape as error:
        whole = str(error).startswith(f"{path}: ") and str(error).endswith(".")
        return None if whole else f"no sentence: {error}"
    if shape.info.get("warnings"):
        return None
    if len(shape.faces) != TRIANGLES:
        return f"{len(shape.faces)} triangles of {TRIANGLES}, and no word"
    extent = np.ptp(shape.vertices, axis=0)
    return None if np.allclose(extent, SIZE, atol=1e-3) else f"extents {extent}, and no word"


@amounts(6)
@pytest.mark.parametrize("packed", [False, True], ids=["gltf", "glb"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_damaged_accessors(
    change: Change, packed: bool, examples: int, meshes: Path, tmp_path: Path
) -> None:
    whole, data, faults = json.loads((meshes / "a.gltf").read_text()), meshes / "a.bin", []
    shutil.copy(data, tmp_path / "damaged.bin")
    path = tmp_path / f"damaged.{'glb' if packed else 'gltf'}"
    for number, rng in enumerate(generators(change.__name__, examples)):
        content, binary = copy.deepcopy(whole), bytearray(data.read_bytes())
        change(content, binary, rng)
        write(path, content, bytes(binary), packed)
        if fault := outcome(path):
            faults.append(f"{number}: {fault}")
    assert_none(faults)


def write(path: Path, content: dict[str, Any], data: bytes, packed: bool) -> None:
    """A .gltf with its .bin, or a .glb."""
    content["buffers"][0].pop("uri", None)
    if not packed:
        content["buffers"][0]["uri"] = path.with_suffix(".bin").name
        path.with_suffix(".bin").write_bytes(data)
        path.write_text(json.dumps(content))
        return
    text = json.dumps(content).encode()
    text += b" " * (-len(text) % 4)
    chunks = len(text).to_bytes(4, "little") + b"JSON" + text
    chunks += len(data).to_bytes(4, "little") + b"BIN\0" + data
    length = (12 + len(chunks)).to_bytes(4, "little")
    path.write_bytes(b"glTF" + (2).to_bytes(4, "little") + length + chunks)
