"""Damaged mesh files: a shape, or one sentence; and never another shape without a word."""

from __future__ import annotations

import re
import shutil
import traceback
from pathlib import Path

import pytest

from datagen.errors import BadShape
from datagen.sources.importing import import_apart
from tests.support.fuzzing import amounts, assert_none, generators
from tests.support.mesh_files import FILES
from tests.support.mutations import BINARY, JSON, TEXT, cut, mutated

TEXTS = ("a.obj", "a.mtl", "text.stl", "text.ply", "a.usda")
TRIANGLES = 136
BESIDE = (".mtl", ".bin")

pytestmark = pytest.mark.usefixtures("importer")


def outcome(path: Path) -> tuple[int, list[str]] | str | None:
    """Triangles and warnings; None where a sentence refuses the file; else what is wrong."""
    try:
        shape = import_apart(path, None)
    except BadShape as error:
        text = str(error)
        whole = text.startswith(f"{path}: ") and text.endswith(".") and "\n" not in text
        return None if whole else f"no sentence: {text!r}"
    except Exception:
        return traceback.format_exc()
    return len(shape.faces), shape.info.get("warnings", [])


def told_triangles(path: Path) -> int | None:
    """How many there are by a reader of its own; None for kinds that it does not read."""
    content = path.read_bytes()
    if path.suffix == ".obj":
        faces = re.findall(rb"^[ \t]*f[ \t]+([^\n#]*)", content, re.MULTILINE)
        corners = [[word.split(b"/")[0] for word in face.split()] for face in faces]
        return sum(len(face) - 2 for face in corners if len(set(face)) == len(face))
    if path.suffix == ".stl" and content[:5] == b"solid":
        return len(re.findall(rb"^\s*facet\b", content, re.MULTILINE | re.IGNORECASE))
    return None


@amounts(6)
@pytest.mark.parametrize("name", [*FILES, "a.mtl", "a.step"])
def test_damaged_meshes(name: str, examples: int, meshes: Path, tmp_path: Path) -> None:
    if not (meshes / name).exists():
        pytest.skip("needs shared data: abc")
    for file in meshes.iterdir():
        if file.suffix in BESIDE:
            shutil.copy(file, tmp_path)
    whole = (meshes / name).read_bytes()
    kinds = JSON if name == "a.gltf" else TEXT if name in TEXTS else BINARY
    path = tmp_path / ("a.obj" if name == "a.mtl" else f"damaged{Path(name).suffix}")
    if name == "a.mtl":
        shutil.copy(meshes / "a.obj", path)
    faults = []
    for number, rng in enumerate(generators(name, examples if name != "a.step" else examples // 4)):
        kind, content = mutated(whole, rng, kinds)
        (tmp_path / name if name == "a.mtl" else path).write_bytes(content)
        found = outcome(path)
        if isinstance(found, str):
            faults.append(f"{name} {number} {kind}: {found}")
        elif found is not None and not found[1]:
            told = told_triangles(path)
            if told is not None and found[0] != told:
                faults.append(f"{name} {number} {kind}: {found[0]} triangles, not {told}")
    assert_none(faults)


@amounts(8)
@pytest.mark.parametrize("name", [n for n in FILES if not n.endswith(".obj")])
def test_files_that_are_cut(name: str, examples: int, meshes: Path, tmp_path: Path) -> None:
    """The beginning of a file is refused or told of, or holds all triangles."""
    shutil.copy(meshes / "a.bin", tmp_path)
    whole, faults = (meshes / name).read_bytes(), []
    path = tmp_path / f"cut{Path(name).suffix}"
    for number, rng in enumerate(generators(f"cut {name}", examples)):
        path.write_bytes(cut(whole, rng))
        found = outcome(path)
        if isinstance(found, str):
            faults.append(f"{name} {number}: {found}")
        elif found is not None and found[0] < TRIANGLES and not found[1]:
            faults.append(f"{name} {number}: {found[0]} triangles of {TRIANGLES}, and no word")
    assert_none(faults)
