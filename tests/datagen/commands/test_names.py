"""Names as file systems allow them: brackets, other scripts, and bytes that are no UTF-8."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import pytest
import trimesh
from click.testing import CliRunner

from cli import oddbench, oddgen
from datagen.base.files import is_utf8, readable
from datagen.dataset.reader import Dataset, read_index
from datagen.exchange.published.exporter import export_published
from datagen.exchange.published.importer import import_published
from tests.support.runs import OPTIONS, copy_of

BAD = "pi\udce8ce"  # as Python has a name of the bytes pi\xe8ce


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder in which such names can be made."""
    try:
        (tmp_path / BAD).mkdir()
    except (OSError, UnicodeError):
        pytest.skip("this file system takes UTF-8 alone")
    return tmp_path


def test_readable_names() -> None:
    assert readable("a/" + BAD) == "a/pi\\xe8ce" and not is_utf8(BAD)
    for name in ("é [red] 部品", "plain"):
        assert readable(name) == name and is_utf8(name)


@pytest.mark.parametrize(
    "command",
    [
        "generate --scenes 1 --out {}",
        "generate --scenes 1 --out out --source folder --assets {}",
        "generate --scenes 1 --out out --cache {}/cache",
        "generate --scenes 1 --out out --hdri {}",
        "anomalies {}/part.stl --out out",
        "info {}",
        "gallery {}",
        "doctor --out {}",
        "import {} --out out",
        "assets verify toys4k {}",
        "bench predict {} --out out",
        "bench score --data {} --predictions x.jsonl --out out",
    ],
)
def test_a_name_that_is_no_utf8_is_one_sentence(
    here: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(here)
    words = [word.format(BAD) for word in command.split()]
    group = oddbench if words[0] == "bench" else oddgen
    result = CliRunner().invoke(group, words[words[0] == "bench" :])
    assert result.exit_code == 1, result.output
    (line,) = result.output.splitlines()
    assert line.startswith("Error: ") and "pi\\xe8ce" in line
    assert line.endswith("this name is no UTF-8; rename it, or choose another.")
    assert not (here / "out").exists()


def test_a_folder_of_all_names_makes_its_scenes(here: Path) -> None:
    """Those of no UTF-8 are named, brackets are no markup, and a terminal of ASCII will do."""
    parts = here / "parts"
    for name in (f"{BAD}.stl", f"{BAD}/in.stl", "[red]box[-red].stl", "é 部品.stl"):
        (parts / name).parent.mkdir(parents=True, exist_ok=True)
        trimesh.creation.box((1, 2, 3)).export(here / "box.stl")
        (here / "box.stl").rename(parts / name)
    (parts / "[bold]empty.stl").touch()
    out = here / "[red]é[-]"
    command = [sys.executable, "-c", "from cli import oddgen; oddgen()", "generate"]
    command += [
        "--source",
        "folder",
        "--assets",
        str(parts),
        "--scenes",
        "5",
        "--seed",
        "2",
        *OPTIONS[:-6],
    ]
    command += ["--normal-share", "1", "--out", str(out), "--cache", str(here / "cache")]
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    for name in (f"{parts}/pi\\xe8ce.stl", f"{parts}/pi\\xe8ce"):
        assert f"skipped: {name}: has a name that is no UTF-8; rename it." in ended.stderr
    assert f"bad shape: {parts}/[bold]empty.stl: the file is empty" in ended.stderr
    drawn = {Dataset(out).spec(name).shape.id for name in Dataset(out).names}
    assert drawn <= {"[red]box[-red].stl", "é 部品.stl"} and len(drawn) == 2
    for words in (["info"], ["verify"], ["gallery"]):
        told = subprocess.run(
            [*command[:3], *words, str(out)], capture_output=True, text=True, env=environment
        )
        assert told.returncode == 0 and "Traceback" not in told.stderr, told.stderr


def test_markup_in_names_is_no_markup(dataset: Path, tmp_path: Path) -> None:
    """What rich would take for a closing tag that nothing has opened."""
    out = copy_of(dataset, tmp_path / "[/i]")
    with h5py.File(out / "shards" / "shard-00000.h5", "r+") as shard:
        attributes = shard["scene-000000"].attrs
        spec = json.loads(attributes["spec"])
        spec["shape"] |= {"category": "[/red]", "id": "[/b]"}
        attributes["spec"] = json.dumps(spec)
    told = CliRunner().invoke(oddgen, ["info", str(out)])
    assert told.exit_code == 0, told.output
    assert all(name in told.output for name in ("[/red] 1x", "[/b]", "[/i]"))


def test_a_published_folder_of_such_a_name_is_named(dataset: Path, here: Path) -> None:
    export_published(dataset, here / "to")
    first = sorted((here / "to" / "scenes").iterdir())[0]
    first.rename(first.with_name(BAD))
    summary = import_published(here / "to" / "scenes", here / "out")
    assert summary.made == 3 and len(summary.failed) == 1
    (reason,) = summary.failed.values()
    assert reason.endswith("pi\\xe8ce: this name is no UTF-8; rename the folder.")
    assert len(read_index(here / "out").failures) == 1
