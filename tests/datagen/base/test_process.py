"""What libraries print stays off the terminal, and is kept for the sentence of what failed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from datagen.base.process import heard, last_said, silenced

TALK = """
import os, sys
from datagen.base.process import silenced
print("before")
with silenced():
    os.write(1, b"library\\n")
    os.write(2, b"library\\n")
    print("from Python")
    print("from Python too", file=sys.stderr)
os.write(2, b"after\\n")
"""


def talked(closed: str = "") -> subprocess.CompletedProcess[str]:
    command = f'"{sys.executable}" -c "$TALK" {closed}'
    return subprocess.run(
        ["sh", "-c", command], env={**os.environ, "TALK": TALK}, capture_output=True, text=True
    )


def test_libraries_are_silent_and_python_is_not() -> None:
    done = talked()
    assert done.stdout == "before\nfrom Python\n"
    assert done.stderr == "from Python too\nafter\n"


def test_a_closed_stream_is_left_closed() -> None:
    done = talked(">&-")
    assert done.returncode == 0 and done.stderr == "from Python too\nafter\n"


def test_what_was_said_last_is_kept_where_something_fails(tmp_path: Path) -> None:
    said = tmp_path / "temp" / "scene.said"
    with pytest.raises(ZeroDivisionError), heard(said):
        os.write(2, b"libpng error: bad   CRC\n\n")
        raise ZeroDivisionError
    assert last_said(said) == "libpng error: bad CRC"
    assert last_said(said) == "" and not said.exists()
    with heard(said):
        os.write(1, b"Fra:1 Mem:12M\n")
    assert not said.exists()


def test_streams_are_as_before(capfd: pytest.CaptureFixture[str]) -> None:
    with silenced():
        os.write(1, b"hidden\n")
    print("shown")
    assert capfd.readouterr().out == "shown\n"
