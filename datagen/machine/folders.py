"""A folder to write to: the right, the space and the locks of its file system."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from filelock import FileLock

from datagen.base.files import in_words
from datagen.base.locks import knows_none
from datagen.machine.finding import GB, Finding

LEAST, SCENE = 64 * 2**20, 3.3e6  # bytes: to start at all; of a scene (docs/format.md)
PLENTY = 1000  # scenes


def folder_findings(about: str, folder: Path, option: str) -> list[Finding]:
    """Of the folder, or of the nearest one above that is there: right, space and locks.

    about: what it is for. option: that gives another one.
    """
    there = _nearest(folder)
    another = f"give another folder with {option}"
    if not there.is_dir():
        return [Finding(about, "wrong", f"{there} is a file", another)]
    try:
        with tempfile.TemporaryDirectory(prefix=".oddgen-", dir=there) as name:
            (Path(name) / "file").write_bytes(b"as a run writes")
            locks = _locks(about, Path(name), another)
        free = shutil.disk_usage(there).free
    except OSError as error:
        return [Finding(about, "wrong", f"{folder} cannot be written ({in_words(error)})", another)]
    return [_space(about, folder, free, another), locks]


def _nearest(folder: Path) -> Path:
    path = folder.absolute()
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def _space(about: str, folder: Path, free: int, another: str) -> Finding:
    told = f"{folder} can be written and has {free / GB:.1f} GB free"
    if free < LEAST:
        return Finding(about, "wrong", told, f"free space or {another}")
    if free < PLENTY * SCENE:
        return Finding(about, "note", told, f"enough for some {int(free / SCENE)} scenes")
    return Finding(about, "ok", told)


def _locks(about: str, folder: Path, another: str) -> Finding:
    """Of the file system of a folder that can be written."""
    about = f"locks of the {about}"
    try:
        with FileLock(folder / ".lock", blocking=False):
            return Finding(about, "ok", "files can be locked")
    except (NotImplementedError, OSError) as error:
        if not knows_none(error):
            raise
        return Finding(
            about, "note", "its file system knows none", "start no second run in this folder"
        )
