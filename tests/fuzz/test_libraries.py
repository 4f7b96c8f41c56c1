"""Damaged libraries of look-alikes and shape caches: an answer, a finding, or one sentence."""

from __future__ import annotations

import json
import shutil
import traceback
from pathlib import Path

import h5py
import numpy as np
import pytest

from datagen.base.files import sha256
from datagen.base.typed import write
from datagen.errors import OddgenError
from datagen.look_alikes.index import build_index, to_bytes
from datagen.look_alikes.library import INDEX, open_library
from datagen.look_alikes.schema import FORMAT, VERSION, LibraryConfig, LibraryState
from datagen.look_alikes.store import Entry, block_entry, index_entry, write_rows
from datagen.look_alikes.thresholds import Thresholds
from tests.support.fuzzing import Apart, amounts, assert_none, command_fault, generators
from tests.support.mutations import BINARY, JSON, mutated
from tests.support.runs import copy_of

SHAPES, SIZE = 6, 8
KINDS = (np.int64, np.float64, "S4", np.bool_)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A block and an index of random features, as oddgen similar build leaves them."""
    root = tmp_path_factory.mktemp("library")
    features = np.random.default_rng(0).normal(size=(SHAPES, SIZE)).astype(np.float32)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    names = [f"{number}.stl" for number in range(SHAPES)]
    entries = [Entry(name, name, None, "", name, name, name) for name in names]
    block = root / "features/block-00000.h5"
    write_rows(block, entries, features.astype(np.float16))
    with h5py.File(root / INDEX, "w") as file:
        file["index"] = to_bytes(build_index("flat", [features], features, SHAPES))
        file["places"] = np.column_stack([np.zeros(SHAPES, np.int64), np.arange(SHAPES)])
    config = LibraryConfig("folder", "/files", None, "dinov2", "random", None, 56, 2, SIZE // 2)
    state = LibraryState(
        FORMAT,
        VERSION,
        config,
        (block_entry(block, SHAPES),),
        {},
        index_entry(root / INDEX, "flat", SHAPES),
        Thresholds(0.001, 0.01, 2, 2),
    )
    write(root / "library.json", state)
    return root


def asked_fault(root: Path) -> str | None:
    """Of opening a library and asking it for what is like its first shape."""
    try:
        library = open_library(root)
        library.neighbours(library.features([0])[0], 3)
    except OddgenError as error:
        named = str(error).startswith(str(root)) and "; " in str(error)
        return None if named and str(error).endswith(".") else f"no sentence: {error}"
    except Exception:
        return traceback.format_exc()[-1500:]
    return None


def damage(root: Path, rng: np.random.Generator) -> str:
    """One of its files; where an array is another, its sum is right, so that it is looked into."""
    names = ("library.json", INDEX, "features/block-00000.h5")
    path = root / names[int(rng.integers(len(names)))]
    if path.suffix == ".json":
        path.write_bytes(mutated(path.read_bytes(), rng, JSON)[1])
        return path.name
    if rng.random() < 0.5:
        path.write_bytes(mutated(path.read_bytes(), rng, BINARY)[1])
        return path.name
    change_array(path, rng)
    told = json.loads((root / "library.json").read_text())
    entry = told["index"] if path.name == INDEX else told["blocks"][0]
    entry |= {"sha256": sha256(path), "bytes": path.stat().st_size}
    (root / "library.json").write_text(json.dumps(told))
    return path.name


def change_array(path: Path, rng: np.random.Generator) -> None:
    with h5py.File(path, "r+") as file:
        name = str(rng.choice(list(file)))
        array, what = file[name][()], int(rng.integers(4))
        del file[name]
        if what == 1:
            file[name] = array[: int(rng.integers(len(array)))]
        elif what == 2:
            file[name] = 7
        elif what == 3 and array.dtype != object:
            file[name] = (array * 99).astype(KINDS[int(rng.integers(len(KINDS)))])


@amounts(20)
def test_damaged_libraries(examples: int, library: Path, tmp_path: Path, apart: Apart) -> None:
    assert asked_fault(library) is None
    faults = []
    for number, rng in enumerate(generators("library", examples)):
        shutil.rmtree(tmp_path / "it", ignore_errors=True)
        root = copy_of(library, tmp_path / "it")
        name = damage(root, rng)
        if fault := apart.fault(asked_fault, root):
            faults.append(f"{number} {name}: {fault}")
    assert_none(faults)


@pytest.mark.slow
@amounts(1)
def test_damaged_caches_are_validated(
    examples: int, dataset: Path, dataset_cache: Path, tmp_path: Path, apart: Apart
) -> None:
    """oddgen validate finds what is wrong with a cache, and dies of nothing."""
    faults = []
    for number, rng in enumerate(generators("cache", examples)):
        shutil.rmtree(tmp_path / "cache", ignore_errors=True)
        cache = copy_of(dataset_cache, tmp_path / "cache")
        files = sorted(path for path in (cache / "shapes").rglob("*") if path.is_file())
        for file in [files[int(k)] for k in rng.integers(len(files), size=3)]:
            kinds = JSON if file.suffix == ".json" else BINARY
            file.write_bytes(mutated(file.read_bytes(), rng, kinds)[1])
        words = ("validate", cache, "--to", tmp_path / "report")
        if fault := apart.fault(command_fault, "oddgen", *words):
            faults.append(f"{number}: {fault}")
    assert_none(faults)
