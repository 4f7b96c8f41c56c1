"""Files that appear whole or not at all, their checksums, and what the system says of them."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datagen.errors import OddgenError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; at the end it is on disk under its name, or gone.

    The folder is made where it is missing. After a power cut, too, the file is the old one or the
    new one. Raises OSError where it cannot be written, OddgenError where it is no file.
    """
    if fault := special_fault(path):
        raise OddgenError(f"{path}: {fault}; give the name of a file.")
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield aside
        with aside.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def special_fault(path: Path) -> str | None:
    """What is wrong with a path that is no regular file or folder; None for good and missing ones.

    Reading a pipe or a device may never end, and a file renamed onto one takes its place.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return None
    for test, name in (
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ):
        if test(mode):
            return f"is {name}, no file"
    return None


def clear_leftovers(folder: Path) -> None:
    """Removes what whole_file had begun in the folder when its process was killed."""
    for leftover in folder.glob("*.part"):
        leftover.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """The file holds the content, or is as it was. Raises OSError."""
    with whole_file(path) as aside:
        aside.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """As write_bytes, in UTF-8. Raises OSError."""
    write_bytes(path, content.encode())


def sha256(path: Path) -> str:
    """The digest of the file's content in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def readable(name: object) -> str:
    """A path as text that can be printed and stored: bytes that are no UTF-8 as `\\xe8`."""
    return os.fsencode(str(name)).decode("utf-8", "backslashreplace")


def is_utf8(name: object) -> bool:
    """Whether a path as Python has it is text, and not bytes in disguise."""
    return str(name).isascii() or str(name).encode("utf-8", "replace").decode() == str(name)


def is_disk_full(error: OSError) -> bool:
    """Whether the error says so, also where HDF5 hides the error's number in its text."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT) or os.strerror(errno.ENOSPC) in str(error)


def in_words(error: OSError) -> str:
    """What the error says, short and on one line; HDF5 writes long."""
    if is_disk_full(error):
        return os.strerror(errno.ENOSPC)
    return error.strerror or " ".join(str(error).split())
