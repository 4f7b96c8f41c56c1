"""The ABC dataset: extracted chunks, or the .7z archives as they come."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from datagen.errors import OddgenError
from datagen.sources import ShapeRef, one_in_five
from datagen.sources.file_source import FileSource

HOME = "https://deep-geometry.github.io/abc-dataset/"
LICENCE = "the model's author, under Onshape's Terms of Use 1.g.ii; see the ABC home page"
MAX_BYTES = 24 * 2**20
SKIPPED = "skipped.txt"  # beside what an archive held: how many models were too large
_NAME = re.compile(
    r"(?P<model>\d{8}_[0-9a-f]+)_(?P<kind>trimesh|step)_(?P<part>\d+)\.(obj|stl|step)"
)


class AbcSource(FileSource):
    """assets: a folder with chunks or archives anywhere below, or one archive.

    up: the models' up axis; all of ABC is z up, its .obj files too.
    """

    name = "abc"

    def __init__(self, assets: Path, unpacked: Path, up: str | None) -> None:
        super().__init__(up or "z")
        self._files: dict[str, Path] = {}
        archives = [assets] if assets.is_file() else sorted(assets.rglob("*.7z"))
        folders = [assets] if assets.is_dir() else []
        for archive in archives:
            folder = self._unpack(archive, unpacked)
            folders.append(folder)
            skipped = int((folder / SKIPPED).read_text())
            if skipped:
                self._problems.append(_oversize(archive, skipped))
        oversize = 0
        found = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
        for path in sorted(found, key=_preference):
            match = _NAME.fullmatch(path.name)
            if match is None:
                continue
            model = f"{match['model']}_{match['part']}"
            if path.stat().st_size > MAX_BYTES:
                oversize += model not in self._files
            else:
                self._files.setdefault(model, path)
        if oversize:
            self._problems.append(_oversize(assets, oversize))
        if not self._files:
            reason = self._problems[0] if self._problems else f"get a chunk from {HOME}."
            raise OddgenError(f"{assets}: no ABC models (obj, stl2 or step) here; {reason}")

    def _unpack(self, archive: Path, unpacked: Path) -> Path:
        """Extract an archive's models of a usable size into the cache, once."""
        import py7zr

        facts = archive.stat()
        folder = unpacked / f"{archive.stem}-{facts.st_size}-{facts.st_mtime_ns}"
        if folder.is_dir():
            return folder
        aside = folder.with_name(f"{folder.name}.{os.getpid()}.part")
        try:
            with py7zr.SevenZipFile(archive) as content:
                wanted = [
                    entry for entry in content.list() if _NAME.fullmatch(Path(entry.filename).name)
                ]
                small = [entry.filename for entry in wanted if entry.uncompressed <= MAX_BYTES]
                aside.mkdir(parents=True)
                (aside / SKIPPED).write_text(str(len(wanted) - len(small)))
                if small:
                    content.extract(path=aside, targets=small)
            os.replace(aside, folder)
        except (py7zr.exceptions.ArchiveError, EOFError, ValueError) as error:
            raise OddgenError(
                f"{archive}: not a whole .7z archive ({error}); download it again."
            ) from error
        except OSError as error:
            if folder.is_dir():
                return folder
            raise OddgenError(
                f"{folder}: {error.strerror or error}; free space or give another --cache."
            ) from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return folder

    def refs(self) -> Sequence[ShapeRef]:
        return [
            ShapeRef(
                id=model,
                category=model,
                kind="part",
                seen=not one_in_five(model),
                licence=LICENCE,
                provenance=f"{HOME} model {model}",
                path=path,
            )
            for model, path in sorted(self._files.items())
        ]


def _oversize(place: Path, count: int) -> str:
    return (
        f"{place}: {count} model{'s' * (count > 1)} over {MAX_BYTES >> 20} MB skipped; such files "
        "hold millions of triangles; simplify them if they must be in."
    )


def _preference(path: Path) -> tuple[int, str]:
    kinds = [".obj", ".stl", ".step"]
    rank = kinds.index(path.suffix) if path.suffix in kinds else len(kinds)
    return rank, str(path)
