"""Damaged datasets: every command that reads one ends well or with a sentence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from datagen.base.files import sha256
from tests.support.fuzzing import Apart, amounts, assert_none, command_fault, generators
from tests.support.mutations import BINARY, JSON, changed_json, mutated
from tests.support.runs import copy_of

ODD_SPECS: tuple[Any, ...] = (b"x", 5, 2.5, "{", "[]", "null", np.zeros(3), '{"scene": 1}')
KINDS = (np.bool_, np.int64, np.float16, np.uint8, "S4", np.complex64)
ODD_NUMBERS = (np.nan, np.inf, -1, 1e300)


def damage_index(out: Path, rng: np.random.Generator) -> None:
    path = out / "index.json"
    path.write_bytes(mutated(path.read_bytes(), rng, JSON)[1])


def damage_shard(out: Path, rng: np.random.Generator) -> None:
    path = out / "shards/shard-00000.h5"
    path.write_bytes(mutated(path.read_bytes(), rng, BINARY)[1])
    if rng.random() < 0.5:
        seal(out)


def damage_array(out: Path, rng: np.random.Generator) -> None:
    """Something in the HDF5 file is of another kind or shape, or gone, and the sums are right."""
    with h5py.File(out / "shards/shard-00000.h5", "r+") as file:
        scene = file[str(rng.choice(list(file)))]
        name = str(rng.choice(list(scene)))
        array, what = scene[name][()], int(rng.integers(9))
        if what == 0:
            del scene.attrs["spec"]
        elif what == 1:
            scene.attrs["spec"] = ODD_SPECS[int(rng.integers(len(ODD_SPECS)))]
        elif what == 2:
            text = changed_json(scene.attrs["spec"].encode(), rng)
            scene.attrs["spec"] = text.decode("utf-8", "replace").replace("\0", "")
        elif what == 3:
            del file[scene.name]
        else:
            del scene[name]
            if what == 4:
                scene.create_group(name)
            elif what == 5:
                scene[name] = array[..., : int(rng.integers(array.shape[-1] + 1))]
            elif what == 6:
                scene[name] = array.reshape(-1)
            elif what == 7:
                values = array.astype(np.float64)
                values.flat[int(rng.integers(values.size))] = rng.choice(ODD_NUMBERS)
                scene[name] = values
            else:
                scene[name] = array.astype(KINDS[int(rng.integers(len(KINDS)))])
    seal(out)


def seal(out: Path) -> None:
    """index.json true of the shard again, so that readers look into it."""
    shard, path = out / "shards/shard-00000.h5", out / "index.json"
    index = json.loads(path.read_text())
    index["shards"][0] |= {"sha256": sha256(shard), "bytes": shard.stat().st_size}
    path.write_text(json.dumps(index))


def reading_fault(out: Path, turn: int) -> str | None:
    """Of info and of one of the other commands."""
    to = out.parent / "to"
    others: list[list[Any]] = [
        ["oddgen", "verify", out],
        ["oddgen", "gallery", out, "--to", to],
        ["oddgen", "export", out, "--format", "coco", "--to", to],
        ["oddgen", "export", out, "--format", "mvtec", "--to", to],
        ["oddgen", "export", out, "--format", "published", "--to", to],
        ["oddbench", "predict", "--data", out, "--detector", "size-outlier", "--out", to / "p"],
        ["oddbench", "predict", out / "shards/shard-00000.h5", "--detector", "size-outlier",
         "--protocol", "true-boxes", "--pictures", 1, "--out", to],
    ]  # fmt: skip
    commands = [["oddgen", "info", out], others[turn % len(others)]]
    faults = [command_fault(*command) for command in commands]
    return next((fault for fault in faults if fault), None)


@amounts(14)
@pytest.mark.parametrize("damage", [damage_index, damage_shard, damage_array])
def test_damaged_datasets(
    damage: Callable[[Path, np.random.Generator], None],
    examples: int,
    dataset: Path,
    tmp_path: Path,
    apart: Apart,
) -> None:
    faults = []
    for number, rng in enumerate(generators(damage.__name__, examples)):
        shutil.rmtree(tmp_path / "work", ignore_errors=True)
        out = copy_of(dataset, tmp_path / "work/out")
        damage(out, rng)
        if fault := apart.fault(reading_fault, out, number):
            faults.append(f"{number}: {fault}")
    assert_none(faults)
