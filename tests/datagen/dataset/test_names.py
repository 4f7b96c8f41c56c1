"""Names that come from data become files inside the folder that was asked for, or a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import pytest
from click.testing import CliRunner

from cli import oddgen
from datagen.base.files import sha256
from datagen.dataset.names import file_name, safe_name
from datagen.geometry.cache import ShapeCache
from tests.support.json_files import Key, change, change_content
from tests.support.runs import copy_of

HOSTILE = ("../x", "/tmp/x", "a\0b", "x" * 5000, "con", "NUL.txt", "", ".", "..", "a\\b", "a\nb")


@pytest.mark.parametrize("name", HOSTILE)
def test_names_that_lead_elsewhere(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no name of a file"):
        file_name(name)
    made = tmp_path / safe_name(name)
    made.mkdir()
    assert made.parent == tmp_path and file_name(made.name) == made.name


@pytest.mark.parametrize("name", ["mug", "object.001", "bänk 3", "a" * 200, "scene-000003"])
def test_usual_names_stay(name: str) -> None:
    assert file_name(name) == safe_name(name) == name


def export(out: Path, kind: str) -> tuple[int, str]:
    to = out.parent / "inside" / "to"
    words = ["export", str(out), "--format", kind, "--to", str(to)]
    result = CliRunner().invoke(oddgen, words)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def change_specs(out: Path, key: Key, value: object) -> None:
    for shard in sorted((out / "shards").glob("*.h5")):
        with h5py.File(shard, "r+") as file:
            for scene in file.values():
                spec = json.loads(scene.attrs["spec"])
                change_content(spec, key, value)
                scene.attrs["spec"] = json.dumps(spec)
    index = json.loads((out / "index.json").read_text())
    for entry in index["shards"]:
        entry["sha256"] = sha256(out / entry["file"])
        entry["bytes"] = (out / entry["file"]).stat().st_size
    (out / "index.json").write_text(json.dumps(index))


def files_outside(out: Path) -> list[Path]:
    known = (out, out.parent / "inside" / "to")
    every = [path for path in out.parent.rglob("*") if path.is_file()]
    return [path for path in every if not any(path.is_relative_to(folder) for folder in known)]


@pytest.mark.parametrize("kind", ["coco", "published", "mvtec"])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        (("shape", "category"), "../../x"),
        (("shape", "category"), "/tmp/absolute"),
        (("shape", "category"), "a\0b"),
        (("shape", "id"), "../../x" * 200),
        (("shape", "split"), "../../x"),
    ],
)
def test_exports_stay_in_their_folder(
    kind: str, key: Key, value: str, dataset: Path, tmp_path: Path
) -> None:
    out = copy_of(dataset, tmp_path / "out")
    change_specs(out, key, value)
    code, output = export(out, kind)
    assert not files_outside(out)
    assert code == 0 or "\n" not in output.strip().replace("\nscenes", "") or "Error: " in output
    if key == ("shape", "split"):
        assert code == 1 and "is no name of a file" in output


def test_scenes_of_an_index_stay_in_their_folder(dataset: Path, tmp_path: Path) -> None:
    out = copy_of(dataset, tmp_path / "out")
    change(out / "index.json", ("shards", 0, "scenes", 0), "../../x")
    code, output = export(out, "coco")
    assert code == 1 and "shards.0.scenes.0: '../../x' is no name of a file" in output


def test_a_shapes_key_does_not_lead_out_of_the_cache(tmp_path: Path) -> None:
    (tmp_path / "mine.glb").write_bytes(b"a user's file")
    assert ShapeCache(tmp_path / "cache").get("../../../mine") is None
    assert (tmp_path / "mine.glb").exists()
