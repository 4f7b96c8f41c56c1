"""Pipes and devices are neither read nor written: they would hang a command, or be replaced."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import oddbench, oddgen
from datagen.base.files import whole_file, write_text
from datagen.errors import OddgenError

COMMANDS = (
    (oddgen, "generate --scenes 1 --out PIPE"),
    (oddgen, "generate --scenes 1 --source folder --assets PIPE --out OUT"),
    (oddgen, "validate PIPE"),
    (oddgen, "export OUT --format coco --to PIPE"),
    (oddgen, "similar build --source builtin --out PIPE"),
    (oddbench, "predict --data OUT --detector all-normal --out PIPE"),
    (oddbench, "predict PIPE --out OUT"),
    (oddbench, "score --data OUT --predictions PIPE --out OUT"),
    (oddbench, "train --data OUT --out PIPE"),
    (oddbench, "rig OUT --out PIPE"),
)


@pytest.mark.parametrize(("group", "line"), COMMANDS, ids=[line for _, line in COMMANDS])
def test_commands_refuse_them(group, line: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    words = line.replace("PIPE", str(pipe)).replace("OUT", str(tmp_path / "out")).split()
    result = CliRunner().invoke(group, words)
    assert result.exit_code != 0
    assert f"{pipe}: is a pipe, no file; give a file or a folder." in result.output
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_no_file_takes_the_place_of_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(OddgenError, match="no file; give the name of a file"):
            write_text(path, "text")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    with whole_file(tmp_path / "new") as aside:
        aside.write_text("text")
    assert (tmp_path / "new").read_text() == "text"


def test_what_the_system_says_of_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "run"
    result = CliRunner().invoke(oddbench, ["train", "--data", str(tmp_path), "--out", str(out)])
    assert result.exit_code != 0 and result.output.startswith("Error: ")
    assert len(result.output.splitlines()) == 1
