"""One .7z archive of ABC: listed without unpacking, and only what is wanted comes out of it.

A model in a solid block costs the unpacking of all that lies before it in the block, written or
not. So what a run will want is noted first, and the first model that is needed brings the others
along in the same pass.
"""

from __future__ import annotations

import hashlib
import io
import lzma
import os
import re
import shutil
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from datagen.base.locks import knows_none
from datagen.errors import BadShape, OddgenError
from datagen.geometry.cache import write_cached

NAME = re.compile(
    r"(?P<model>\d{8}_[0-9a-f]+)_(?P<kind>trimesh|step)_(?P<part>\d+)\.(?P<end>obj|stl|step)"
)
ENDS = ("obj", "stl", "step")  # the quickest to read first
SIP = 2**14  # bytes
LISTING = "listing.npy"
WANTED = "wanted-{}.txt"
LOST = "lost.txt"
AGAIN = "download it again"


class Archive:
    """path: the .7z; what the cache keeps of it lies in a folder named by its size and time.

    listing: (M,) records of its models: model (id), name (in the archive), bytes, crc (0: not
    stated), end (index into ENDS), block. Raises OddgenError where the archive cannot be listed.
    """

    def __init__(self, path: Path, cache: Path) -> None:
        self.path = path
        try:
            facts = path.stat()
        except OSError as error:
            raise OddgenError(f"{path}: {error.strerror}; check the file's rights.") from error
        self._folder = cache / f"{path.stem}-{facts.st_size}-{facts.st_mtime_ns}"
        self.listing = self._listing()

    def _listing(self) -> NDArray[Any]:
        file = self._folder / LISTING
        try:
            return np.load(file, mmap_mode="r")
        except (OSError, ValueError):
            listing = _list(self.path)
        content = io.BytesIO()
        np.save(content, listing)
        write_cached(file, content.getvalue())
        return listing

    def expect(self, names: Iterable[str]) -> None:
        """Note models by their names in the archive, for the next pass to bring them along."""
        missing = sorted(name for name in set(names) if not self._held(name).exists())
        if missing:
            text = "\n".join(missing).encode()
            digest = hashlib.sha256(text).hexdigest()[:16]
            write_cached(self._folder / WANTED.format(digest), text)

    def fetch(self, name: str) -> Path:
        """The file of the cache that holds a model.

        name: in the archive. Whoever comes first unpacks, all others wait. Raises BadShape where
        the archive is damaged, OddgenError where the cache cannot be written.
        """
        held = self._held(name)
        if not held.exists():
            self._make(held.parent)
            with self._alone():
                if not held.exists() and name not in self._names(self._folder / LOST):
                    self._unpack(name)
        if not held.exists():
            raise BadShape(f"{self.path}: damaged at {name}; {AGAIN}.")
        return held

    def take(self, name: str, to: Path) -> None:
        """Copy a model to the path `to`. Raises as fetch does."""
        while not to.exists():
            held = self.fetch(name)
            with suppress(FileNotFoundError):  # dropped by another worker, which has read it
                shutil.copyfile(held, to)

    def drop(self, name: str) -> None:
        """Forget a model that has been read; the shape cache knows it from now on."""
        self._held(name).unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The system ends the lock with the process, however that ends."""
        lock = FileLock(self._folder / "lock")
        try:
            lock.acquire()
        except (NotImplementedError, OSError) as error:
            if not knows_none(error):
                raise
            raise OddgenError(
                f"{self._folder}: this file system knows no locks; give --cache a folder elsewhere."
            ) from error
        try:
            yield
        finally:
            lock.release()

    def _held(self, name: str) -> Path:
        return self._folder / "models" / PurePosixPath(name).name

    def _unpack(self, name: str) -> None:
        """One pass for a model and all that are expected, block by block; the lock is held."""
        notes = sorted(self._folder.glob(WANTED.format("*")))
        wanted = {name}.union(*(self._names(note) for note in notes))
        wanted = {each for each in wanted if not self._held(each).exists()}
        aside = self._folder / "unpacking"
        shutil.rmtree(aside, ignore_errors=True)
        try:
            rows = self.listing[np.isin(self.listing["name"], [name.encode() for name in wanted])]
            for block in np.unique(rows["block"]):
                names = {row["name"].decode() for row in rows[rows["block"] == block]}
                _extract(self.path, aside, names)
            lost = wanted - self._keep(aside, rows)
        except OSError as error:
            raise OddgenError(
                f"{self._folder}: {error.strerror or error}; free space or give another --cache."
            ) from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        if lost:
            known = self._names(self._folder / LOST)
            write_cached(self._folder / LOST, "\n".join(sorted(known | lost)).encode())
        for note in notes:
            note.unlink(missing_ok=True)

    def _keep(self, aside: Path, rows: NDArray[Any]) -> set[str]:
        """Move what came out whole to where the cache holds it, and name it."""
        kept = set()
        for row in rows:
            name = row["name"].decode()
            file = aside / name
            if not file.is_file() or file.stat().st_size != row["bytes"]:
                continue
            if row["crc"] in (0, zlib.crc32(file.read_bytes())):
                os.replace(file, self._held(name))
                kept.add(name)
        return kept

    def _names(self, file: Path) -> set[str]:
        try:
            return set(file.read_text().splitlines())
        except OSError:
            return set()

    def _make(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OddgenError(
                f"{folder}: {error.strerror}; give --cache a folder that can be written."
            ) from error


def _damage() -> tuple[type[Exception], ...]:
    """What py7zr raises on an archive that is cut or damaged."""
    import py7zr

    return (
        py7zr.exceptions.ArchiveError, lzma.LZMAError, zlib.error, struct.error,
        EOFError, ValueError, IndexError, KeyError, TypeError,
    )  # fmt: skip


def _list(path: Path) -> NDArray[Any]:
    """Read the headers alone."""
    import py7zr

    rows: list[tuple[str, str, int, int, int, int]] = []
    blocks: dict[int, int] = {}
    try:
        with py7zr.SevenZipFile(path) as content:
            for entry in content.files:
                match = NAME.fullmatch(PurePosixPath(entry.filename).name)
                if match is not None:
                    model, end = f"{match['model']}_{match['part']}", ENDS.index(match["end"])
                    block = blocks.setdefault(id(entry.folder), len(blocks))
                    facts = entry.uncompressed, entry.crc32 or 0, end, block
                    rows.append((model, entry.filename, *facts))
    except OSError as error:
        raise OddgenError(f"{path}: {error.strerror or error}; check the file.") from error
    except _damage() as error:
        raise OddgenError(f"{path}: not a whole .7z archive ({error}); {AGAIN}.") from error
    kinds = [
        ("model", f"S{max((len(row[0]) for row in rows), default=1)}"),
        ("name", f"S{max((len(row[1]) for row in rows), default=1)}"),
        ("bytes", "<i8"),
        ("crc", "<u4"),
        ("end", "u1"),
        ("block", "<i4"),
    ]
    return np.array(rows, dtype=kinds)


class _Sipped(io.BufferedReader):
    """py7zr reads up to 1 MB for every model, unpacks what it needs and keeps the rest for later.

    Over thousands of small models that would be the whole archive; a sip is less than a model.
    """

    sips = False

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size, SIP) if self.sips and size is not None else size)


def _extract(path: Path, to: Path, names: set[str]) -> None:
    """Models of one block: all, or those that come before damage."""
    import py7zr

    try:
        with _Sipped(io.FileIO(path)) as file, py7zr.SevenZipFile(file) as content:
            file.sips = True
            content.extract(path=to, targets=names)
    except OSError:
        raise
    except _damage():
        return
