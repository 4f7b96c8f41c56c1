"""HDF5 files of one dialect, written whole; docs/format.md describes their content."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from datagen.base.files import whole_file
from datagen.base.locks import UNKNOWN

LIBVER = ("v110", "v110")  # the HDF5 file format of 2018, whatever library writes it


@contextmanager
def new_file(path: Path) -> Iterator[Any]:
    """An open h5py.File that is at `path` once all is written, or not at all.

    Raises OSError where it cannot be written.
    """
    import h5py

    # A file aside is nobody else's and needs no lock.
    with (
        whole_file(path) as aside,
        h5py.File(aside, "w", libver=LIBVER, locking=False) as file,
    ):
        yield file


def open_file(path: Path) -> Any:
    """An h5py.File to read, without a lock where there can be none: ours are never changed.

    Raises OSError where it cannot be opened.
    """
    import h5py

    try:
        return h5py.File(path, "r")
    except OSError as error:
        if error.errno not in (*UNKNOWN, errno.EAGAIN):
            raise
        return h5py.File(path, "r", locking=False)
