"""Damaged published folders: imported, or one sentence for each scene."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.fuzzing import Apart, amounts, assert_none, command_fault, generators
from tests.support.mutations import BINARY, JSON, mutated


@amounts(24)
def test_damaged_published_folders(examples: int, exported: Path, tmp_path: Path) -> None:
    scene = sorted((exported / "scenes").iterdir())[0]
    apart, faults = Apart(), []
    for number, rng in enumerate(generators("published", examples)):
        work = tmp_path / "work"
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(scene, work / scene.name)
        files = sorted(file for file in (work / scene.name).rglob("*") if file.is_file())
        texts = [file for file in files if file.suffix == ".json"]
        chosen = texts if rng.random() < 0.5 else files
        file = chosen[int(rng.integers(len(chosen)))]
        kinds = JSON if file.suffix == ".json" else BINARY
        file.write_bytes(mutated(file.read_bytes(), rng, kinds)[1])
        words = ("oddgen", "import", work / scene.name, "--out", work / "out")
        if fault := apart.fault(command_fault, *words):
            faults.append(f"{number} {file.name}: {fault}")
    apart.close()
    assert_none(faults)
