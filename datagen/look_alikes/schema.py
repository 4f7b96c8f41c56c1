"""What library.json holds: one type (docs/schema/library.schema.json)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from datagen.base.typed import read
from datagen.errors import OddgenError
from datagen.geometry.limits import MAX_FACES
from datagen.look_alikes.thresholds import Thresholds

FORMAT = "odd-one-out library of similar shapes"
VERSION = 1
NAME = "library.json"


def _block_name(value: str) -> str:
    """Nothing else is opened, so that library.json cannot lead out of its folder."""
    if re.fullmatch(r"features/block-\d{5,}\.h5", value) is None:
        raise ValueError(f"{value} is no name of a block")
    return value


@dataclass(frozen=True)
class LibraryConfig:
    """What the features depend on.

    features: dinov2 or efficientnet; weights: what they are, in words, None before any are made;
    weights_file: what was given, None for the default; size: pixels of a view; views: how many;
    channels: of each; max_faces: files of more triangles are simplified to so many.
    """

    source: str
    assets: str | None
    up: str | None
    features: str
    weights: str | None
    weights_file: str | None
    size: int
    views: int
    channels: int
    max_faces: int = MAX_FACES

    @property
    def dimension(self) -> int:
        """Of a shape's feature."""
        return self.views * self.channels


@dataclass(frozen=True)
class BlockEntry:
    """A file of features. file: within the library; shapes: how many it holds."""

    file: Annotated[str, AfterValidator(_block_name)]
    bytes: int
    sha256: str
    shapes: int


@dataclass(frozen=True)
class IndexEntry:
    """The file of the index. kind: of datagen.look_alikes.index.KINDS."""

    kind: str
    file: str
    bytes: int
    sha256: str
    shapes: int


@dataclass(frozen=True)
class LibraryMark:
    """What tells whether the rest of library.json is ours to read."""

    format: str = ""
    version: int = 0


@dataclass(frozen=True)
class LibraryState:
    """A library, finished or as far as it has grown.

    failures: by id, the key of the shape's content and the reason why it has no features. index
    and thresholds: None until they are made.
    """

    format: str
    version: int
    config: LibraryConfig
    blocks: tuple[BlockEntry, ...]
    failures: dict[str, tuple[str, str]]
    index: IndexEntry | None
    thresholds: Thresholds | None


def read_state(root: Path) -> LibraryState:
    """library.json. Raises OddgenError where there is none, or one of another kind."""
    path = root / NAME
    if not path.is_file():
        raise OddgenError(
            f"{root}: holds no library of similar shapes; make one with oddgen similar build."
        )
    remedy = f"delete {root} and run oddgen similar build again"
    mark = read(LibraryMark, path, remedy)
    if (mark.format, mark.version) != (FORMAT, VERSION):
        raise OddgenError(f"{path}: of another version; {remedy}.")
    return read(LibraryState, path, remedy)
