"""Importers run apart: what crashes, hangs or fills them costs one file, not the run."""

from __future__ import annotations

import tempfile
from pathlib import Path

from datagen.base.parallel import Died, WarmProcess
from datagen.base.process import temporary_files_in
from datagen.base.reading import reading
from datagen.errors import BadShape
from datagen.geometry.shape import Shape

SECONDS = 120.0  # that an importer may take
DATA = 6 << 30  # bytes that it may hold
REMEDY = "export it again or remove it"

_importer = WarmProcess(SECONDS, DATA)


def import_apart(path: Path, up: str | None) -> Shape:
    """As datagen.blender.import_file.import_file, in a process that is kept for the next file.

    Raises BadShape where nothing can be read, also where the importer does not survive it.
    """
    try:
        return _importer.call(_import, path, up, tempfile.gettempdir())
    except Died as error:
        raise BadShape(f"{path}: {error}; {REMEDY}.") from error


def close_importer() -> None:
    """End the process that is kept for the next file."""
    _importer.close()


def _import(path: Path, up: str | None, temporary: str) -> Shape:
    """temporary: the folder for temporary files that the caller has now."""
    with reading(path, REMEDY, BadShape), temporary_files_in(Path(temporary)):
        from datagen.blender.import_file import import_file

        return import_file(path, up)
