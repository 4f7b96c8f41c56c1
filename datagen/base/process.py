"""What this process lets its libraries do: talk, leave files, and end it their way."""

from __future__ import annotations

import atexit
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

STREAMS = {"stdout": 1, "stderr": 2}
LONGEST_SAID = 200  # characters
TROUBLE = re.compile(
    "error|warn|fail|cannot|can't|could not|unable|invalid|corrupt|memory|abort|exception", re.I
)


@contextmanager
def silenced() -> Iterator[None]:
    """Sends what libraries print below Python to nowhere; what Python prints is shown as ever."""
    with Path(os.devnull).open("w") as null, ExitStack() as stack:
        for name, number in STREAMS.items():
            stack.enter_context(_led(name, number, null.fileno(), python_too=False))
        yield


@contextmanager
def heard(path: Path) -> Iterator[None]:
    """Sends all that is printed, below Python too, to a file; it goes where nothing was raised.

    So it tells what a library said before it failed, or brought the process down (last_said).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file, ExitStack() as stack:
        for name, number in STREAMS.items():
            stack.enter_context(_led(name, number, file.fileno(), python_too=True))
        yield
    path.unlink(missing_ok=True)


def last_said(path: Path) -> str:
    """The last line of trouble that `heard` wrote, short; empty where there is none.

    The file goes.
    """
    try:
        lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    path.unlink(missing_ok=True)
    said = [" ".join(line.split()) for line in lines if TROUBLE.search(line)]
    return said[-1][:LONGEST_SAID] if said else ""


@contextmanager
def _led(name: str, number: int, to: int, python_too: bool) -> Iterator[None]:
    """What goes to a stream's file descriptor goes to another one, where there is such a stream."""
    own, shown = getattr(sys, f"__{name}__"), getattr(sys, name)
    if own is None:
        yield
        return
    own.flush()
    saved = os.dup(number)
    os.dup2(to, number)
    if shown is own and not python_too:
        copy = os.fdopen(saved, "w", 1, own.encoding, own.errors, closefd=False)
        setattr(sys, name, copy)
    try:
        yield
    finally:
        own.flush()
        setattr(sys, name, shown)
        os.dup2(saved, number)
        os.close(saved)


@contextmanager
def temporary_files_in(folder: Path) -> Iterator[None]:
    """Python's and Blender's temporary files go where a run cleans up after a killed worker."""
    folder.mkdir(parents=True, exist_ok=True)
    before = os.environ.get("TMPDIR"), tempfile.tempdir
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before[1]
        if before[0] is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before[0]


def leave_at_once() -> None:
    """At its end the process does without other libraries' exit handlers; Blender's may crash."""
    atexit.register(_leave)


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
