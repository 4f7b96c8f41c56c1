"""Importers run apart: what crashes, hangs or fills them costs one file, not the run."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from datagen.base.parallel import Died, WarmProcess
from datagen.base.process import temporary_files_in
from datagen.errors import BadShape
from datagen.geometry.limits import MAX_FACES
from datagen.geometry.shape import Shape

SECONDS, SECONDS_A_MB = 120.0, 2.0  # that an importer may take, and more for every MB of a file
MOST_DATA, SHARE = 6 << 30, 0.75  # bytes that it may hold, and of the machine's memory at most


def _allowed() -> int:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(MOST_DATA, int(SHARE * memory))


_importer = WarmProcess(SECONDS, _allowed())


def import_apart(path: Path, up: str | None, max_faces: int = MAX_FACES) -> Shape:
    """As datagen.blender.import_file.import_file, in a process that is kept for the next file.

    Raises BadShape where nothing can be read, also where the importer does not survive it.
    """
    arguments = path, up, max_faces, tempfile.gettempdir()
    seconds = SECONDS + SECONDS_A_MB * _megabytes(path)
    try:
        return _importer.call(_import, *arguments, seconds=seconds)
    except Died as error:
        raise BadShape(f"{path}: {error}; export it again or remove it.") from error


def close_importer() -> None:
    """End the process that is kept for the next file."""
    _importer.close()


def _megabytes(path: Path) -> float:
    try:
        return path.stat().st_size / 1e6
    except OSError:
        return 0.0


def _import(path: Path, up: str | None, max_faces: int, temporary: str) -> Shape:
    """temporary: the folder for temporary files that the caller has now."""
    from datagen.blender.import_file import import_file

    with temporary_files_in(Path(temporary)):
        return import_file(path, up, max_faces)
