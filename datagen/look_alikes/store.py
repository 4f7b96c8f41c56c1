"""Features on disk: HDF5 blocks of many shapes, and a file for each shape that is in none yet.

Every file is written aside and renamed; a block counts once library.json names it with its sha256.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from datagen.base.files import sha256
from datagen.base.reading import reading
from datagen.base.typed import parse, plain
from datagen.dataset.hdf5 import new_file, open_file
from datagen.errors import OddgenError
from datagen.geometry.shape import Shape
from datagen.look_alikes.schema import BlockEntry, IndexEntry

BLOCK = 256  # shapes
AGAIN = "run oddgen similar build with the same options again, which makes its features anew"


@dataclass(frozen=True)
class Entry:
    """What is known of one shape. key: names its file's content; form: digest of its geometry."""

    id: str
    category: str
    seen: bool | None
    licence: str
    provenance: str
    key: str
    form: str


def form_digest(shape: Shape) -> str:
    """Hex; equal for canonical shapes of the same triangles, whatever they are called or wear."""
    digest = hashlib.sha256()
    for array in (shape.vertices, shape.faces):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:32]


def write_rows(path: Path, entries: Sequence[Entry], features: NDArray[np.float16]) -> None:
    """One file of rows (n, D); each row is a chunk with a checksum of its own."""
    import h5py

    with new_file(path) as file:
        file.create_dataset(
            "features",
            data=features,
            chunks=(1, features.shape[1]),
            fletcher32=True,
            track_times=False,
        )
        texts = [json.dumps(plain(entry), sort_keys=True) for entry in entries]
        file.create_dataset("entries", data=texts, dtype=h5py.string_dtype(), track_times=False)


def read_rows(path: Path, rows: Sequence[int] | None = None) -> NDArray[np.float32]:
    """(n, D) of some rows in ascending order, or of all. Raises OddgenError naming the file."""

    with reading(path, AGAIN), open_file(path) as file:
        found = file["features"][list(rows) if rows is not None else slice(None)]
        result: NDArray[np.float32] = found.astype(np.float32)
    return result


def read_entries(path: Path) -> list[Entry]:
    """Raises OddgenError naming the file."""

    with reading(path, AGAIN), open_file(path) as file:
        return [parse(Entry, text) for text in file["entries"].asstr()[()]]


def block_entry(path: Path, rows: int) -> BlockEntry:
    """What library.json tells of a block that holds so many shapes."""
    return BlockEntry(f"{path.parent.name}/{path.name}", path.stat().st_size, sha256(path), rows)


def index_entry(path: Path, kind: str, rows: int) -> IndexEntry:
    """What library.json tells of the index."""
    return IndexEntry(
        kind, f"{path.parent.name}/{path.name}", path.stat().st_size, sha256(path), rows
    )


def is_whole(path: Path, entry: BlockEntry | IndexEntry) -> bool:
    """Whether a file is what library.json tells."""
    return path.is_file() and path.stat().st_size == entry.bytes and sha256(path) == entry.sha256


def damaged(path: Path) -> OddgenError:
    """The sentence on a file that cannot be used."""
    return OddgenError(f"{path}: missing or damaged; {AGAIN}.")
