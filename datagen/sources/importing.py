"""Importers run apart: what crashes, hangs or fills them costs one file, not the run."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from datagen.base.parallel import Died, WarmProcess
from datagen.base.process import heard, last_said, temporary_files_in
from datagen.errors import BadShape
from datagen.geometry.limits import MAX_FACES
from datagen.geometry.shape import Shape

SECONDS, SECONDS_A_MB = 120.0, 2.0  # that an importer may take, and more for every MB of a file
MOST_DATA, SHARE = 6 << 30, 0.75  # bytes that it may hold, and of the machine's memory at most


def _allowed() -> int:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(MOST_DATA, int(SHARE * memory))


_importer = WarmProcess("importer", SECONDS, _allowed())


def import_apart(path: Path, up: str | None, max_faces: int = MAX_FACES) -> Shape:
    """As datagen.blender.import_file.import_file, in a process that is kept for the next file.

    Raises BadShape where nothing can be read, also where the importer does not survive it.
    """
    temporary = Path(tempfile.gettempdir())
    said = temporary / f"oddgen-importer-{os.getpid()}.said"
    seconds = SECONDS + SECONDS_A_MB * _megabytes(path)
    try:
        return _importer.call(_import, path, up, max_faces, temporary, said, seconds=seconds)
    except Died as error:
        told = last_said(said)
        told = f"{error} (last said: {told})" if told else str(error)
        raise BadShape(f"{path}: {told}; export it again or remove it.") from error
    finally:
        said.unlink(missing_ok=True)


def close_importer() -> None:
    """End the process that is kept for the next file."""
    _importer.close()


def _megabytes(path: Path) -> float:
    try:
        return path.stat().st_size / 1e6
    except OSError:
        return 0.0


def _import(path: Path, up: str | None, max_faces: int, temporary: Path, said: Path) -> Shape:
    """temporary: the folder for temporary files that the caller has now. said: for what is told."""
    from datagen.blender.import_file import import_file

    with temporary_files_in(temporary), heard(said):
        return import_file(path, up, max_faces)
