"""Damaged predictions, scores, checkpoints, captures and rigs: success or a sentence."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmark.scoring.ground_truth import read_truth
from tests.support.captures import (
    known_scene,
    some_points,
    some_similarity,
    write_binary_colmap,
    write_colmap,
    write_polycam,
    write_silhouettes,
    write_transforms,
)
from tests.support.fuzzing import Apart, amounts, assert_none, command_fault, generators
from tests.support.mutations import BINARY, JSON, TEXT, VALUES, changed_json, mutated
from tests.support.random_detector import random_run, random_whole
from tests.support.scores import make_dataset, noisy, write_answers, write_masked

KINDS = {".json": JSON, ".jsonl": TEXT, ".txt": TEXT, ".yaml": TEXT}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of each name in COMMANDS, and data."""
    made = tmp_path_factory.mktemp("answers")
    make_dataset(made / "data", scenes=4)
    write_answers(made / "p.jsonl", read_truth(made / "data"), noisy(1))
    score = ("--data", made / "data", "--predictions", made / "p.jsonl", "--draws", 100)
    assert command_fault("oddbench", "score", *score, "--out", made / "scores") is None
    truth = read_truth(made / "data")
    write_masked(made / "masked", truth)
    random_whole(made / "whole")
    random_run(made / "run")
    scene, similarity = known_scene(views=5, size=48), some_similarity(0)
    write_transforms(made / "transforms", scene, similarity)
    write_colmap(made / "colmap", scene, similarity, points=some_points(similarity))
    write_polycam(made / "polycam", scene, similarity)
    write_binary_colmap(made / "binary", scene, similarity)
    write_transforms(made / "silhouettes", scene, similarity)
    write_silhouettes(made / "silhouettes", scene)
    rig = ("rig", made / "transforms", "--out", made / "rig.yaml")
    assert command_fault("oddbench", *rig) is None
    assert (made / "rig.yaml").is_file() and (made / "scores/outcomes").is_dir()
    return made


def damage(file: Path, rng: np.random.Generator) -> None:
    content = file.read_bytes()
    if file.suffix == ".safetensors" and rng.random() < 0.6:
        length = int.from_bytes(content[:8], "little")
        head = changed_head(content[8 : 8 + length], rng)
        content = len(head).to_bytes(8, "little") + head + content[8 + length :]
    elif file.suffix == ".pt" and rng.random() < 0.6:
        content = changed_checkpoint(content, rng)
    elif file.suffix == ".jsonl" and rng.random() < 0.6:
        lines = content.splitlines()
        at = int(rng.integers(len(lines)))
        lines[at] = mutated(lines[at], rng, JSON)[1]
        content = b"\n".join(lines)
    else:
        content = mutated(content, rng, KINDS.get(file.suffix, BINARY))[1]
    file.write_bytes(content)


def changed_head(head: bytes, rng: np.random.Generator) -> bytes:
    """Of safetensors: what it says of its weights, or what is told of the detector in it."""
    if rng.random() < 0.5:
        return mutated(head, rng, JSON)[1]
    content = json.loads(head)
    told = content["__metadata__"]["told"]
    content["__metadata__"]["told"] = changed_json(told.encode(), rng).decode("utf-8", "replace")
    return json.dumps(content).encode()


def changed_checkpoint(content: bytes, rng: np.random.Generator) -> bytes:
    """Of torch: another value, or none, in all but the weights; or the weights are no weights."""
    found = torch.load(io.BytesIO(content), weights_only=True)
    plain = {key: value for key, value in found.items() if key not in ("model", "optimiser")}
    found |= json.loads(changed_json(json.dumps(plain).encode(), rng))
    if rng.random() < 0.3:
        found["model"] = VALUES[int(rng.integers(len(VALUES)))]
    buffer = io.BytesIO()
    torch.save(found, buffer)
    return buffer.getvalue()


COMMANDS = {
    "p.jsonl": "score --data {place}/data --predictions {it} --draws 100 --out {to}",
    "scores": "compare {it} {place}/scores --draws 100",
    "whole": "predict --data {place}/data --checkpoint {it} --views 2 --out {to}.jsonl",
    "run": "predict --data {place}/data --checkpoint {it} --views 2 --out {to}.jsonl",
    "masked": "score --data {place}/data --predictions {it}/p.jsonl --draws 100 --out {to}",
    "silhouettes": "predict {it} --checkpoint {place}/whole --pictures 1 --out {to}",
    "polycam": "predict {it} --checkpoint {place}/whole --pictures 1 --out {to}",
    "binary": "predict {it} --checkpoint {place}/whole --pictures 1 --out {to}",
    "transforms": "predict {it} --checkpoint {place}/whole --pictures 1 --out {to}",
    "colmap": "predict {it} --checkpoint {place}/whole --pictures 1 --out {to}",
    "rig.yaml": "predict {place}/transforms/images --rig {it} --checkpoint {place}/whole "
    "--out {to}",
}


@amounts(8)
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
