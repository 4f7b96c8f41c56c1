"""Damaged predictions, scores, checkpoints, captures and rigs: success or a sentence."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmark.scoring.ground_truth import read_truth
from tests.support.captures import (
    known_scene,
    some_points,
    some_similarity,
    write_colmap,
    write_transforms,
)
from tests.support.fuzzing import Apart, amounts, assert_none, command_fault, generators
from tests.support.mutations import BINARY, JSON, TEXT, mutated
from tests.support.random_detector import random_run, random_whole
from tests.support.scores import make_dataset, noisy, write_answers

KINDS = {".json": JSON, ".jsonl": TEXT, ".txt": TEXT, ".yaml": TEXT}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of each: data, p.jsonl, scores, whole, run, transforms, colmap, polycam, rig.yaml."""
    made = tmp_path_factory.mktemp("answers")
    make_dataset(made / "data", scenes=4)
    write_answers(made / "p.jsonl", read_truth(made / "data"), noisy(1))
    score = ("--data", made / "data", "--predictions", made / "p.jsonl", "--draws", 100)
    assert command_fault("oddbench", "score", *score, "--out", made / "scores") is None
    random_whole(made / "whole")
    random_run(made / "run")
    scene, similarity = known_scene(views=5, size=48), some_similarity(0)
    write_transforms(made / "transforms", scene, similarity)
    write_colmap(made / "colmap", scene, similarity, points=some_points(similarity))
    rig = ("rig", made / "transforms", "--out", made / "rig.yaml")
    assert command_fault("oddbench", *rig) is None
    assert (made / "rig.yaml").is_file() and (made / "scores/outcomes").is_dir()
    return made


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    made = Apart()
    yield made
    made.close()


def damage(file: Path, rng: np.random.Generator) -> None:
    content = file.read_bytes()
    if file.suffix == ".safetensors" and rng.random() < 0.6:
        length = int.from_bytes(content[:8], "little")
        head = mutated(content[8 : 8 + length], rng, JSON)[1]
        content = len(head).to_bytes(8, "little") + head + content[8 + length :]
    elif file.suffix == ".jsonl" and rng.random() < 0.6:
        lines = content.splitlines()
        at = int(rng.integers(len(lines)))
        lines[at] = mutated(lines[at], rng, JSON)[1]
        content = b"\n".join(lines)
    else:
        content = mutated(content, rng, KINDS.get(file.suffix, BINARY))[1]
    file.write_bytes(content)


COMMANDS = {
    "p.jsonl": "score --data {place}/data --predictions {it} --draws 100 --out {to}",
    "scores": "compare {it} {place}/scores --draws 100",
    "whole": "predict --data {place}/data --checkpoint {it} --views 2 --out {to}.jsonl",
    "run": "predict --data {place}/data --checkpoint {it} --views 2 --out {to}.jsonl",
    "transforms": "predict {it} --checkpoint {place}/whole --pictures 1 --out {to}",
    "colmap": "predict {it} --checkpoint {place}/whole --pictures 1 --out {to}",
    "rig.yaml": "predict {place}/transforms/images --rig {it} --checkpoint {place}/whole "
    "--out {to}",
}


@amounts(12)
@pytest.mark.parametrize("name", COMMANDS)
def test_damaged_answers_and_captures(
    name: str, examples: int, place: Path, tmp_path: Path, apart: Apart
) -> None:
    faults = []
    for number, rng in enumerate(generators(name, examples)):
        work = tmp_path / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        it = work / name
        if (place / name).is_dir():
            shutil.copytree(place / name, it)
        else:
            shutil.copy(place / name, it)
        files = sorted(file for file in it.rglob("*") if file.is_file()) if it.is_dir() else [it]
        file = files[int(rng.integers(len(files)))]
        damage(file, rng)
        words = COMMANDS[name].format(it=it, place=place, to=work / "to").split()
        if fault := apart.fault(command_fault, "oddbench", *words):
            faults.append(f"{number} {file.name}: {fault}")
    assert_none(faults)
