"""HDF5 files of one dialect, written whole; docs/format.md describes their content."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from datagen.base.files import whole_file

LIBVER = ("v110", "v110")  # the HDF5 file format of 2018, whatever library writes it


@contextmanager
def new_file(path: Path) -> Iterator[Any]:
    """An open h5py.File that is at `path` once all is written, or not at all.

    Raises OSError where it cannot be written.
    """
    import h5py

    with whole_file(path) as aside, h5py.File(aside, "w", libver=LIBVER) as file:
        yield file
