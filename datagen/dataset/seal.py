"""Labels that are kept apart from a sealed dataset, and the hashes that tell they are its own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import ConfigDict

from datagen.base.typed import NOTHING_ELSE, line, read
from datagen.errors import OddgenError

HASHES = "seal.json"  # beside index.json of a sealed dataset
Corner = tuple[float, float, float]


@dataclass(frozen=True)
class SceneLabels:
    """Of a scene of N objects.

    boxes: lowest and highest corner of each, metres. anomalous: of each. kinds: anomaly types, ""
    for a normal. alike: how many odd ones of the scene are copies of its version, 0 for a normal.
    defect_pixels: of each and every view; None where they are not known. salt: what makes the
    labels unguessable from their hash, hex.
    """

    salt: str
    boxes: tuple[tuple[Corner, Corner], ...]
    anomalous: tuple[bool, ...]
    kinds: tuple[str, ...]
    alike: tuple[int, ...]
    defect_pixels: tuple[tuple[int, ...], ...] | None

    def __post_init__(self) -> None:
        lengths = {len(self.anomalous), len(self.kinds), len(self.alike)}
        if self.defect_pixels is not None:
            lengths.add(len(self.defect_pixels))
        if lengths != {len(self.boxes)}:
            raise ValueError("its lists differ in length")


@dataclass(frozen=True)
class LabelsFile:
    """The labels of a sealed dataset, by scene; whoever holds it can score."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    format: Literal["odd-one-out labels"]
    version: Literal[1]
    scenes: dict[str, SceneLabels]


@dataclass(frozen=True)
class HashesFile:
    """seal.json: sha256 of every scene's labels and salt, by scene."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    format: Literal["odd-one-out seal"]
    version: Literal[1]
    hashes: dict[str, str]


def hash_of(labels: SceneLabels) -> str:
    """sha256 in hex of all that is told of a scene, its salt among it."""
    return hashlib.sha256(line(labels).encode()).hexdigest()


def seal_of(labels: LabelsFile) -> str:
    """One sha256 over the hashes of all scenes."""
    hashes = "\n".join(f"{name} {hash_of(one)}" for name, one in sorted(labels.scenes.items()))
    return hashlib.sha256(hashes.encode()).hexdigest()


def opened(out: Path, labels: Path) -> dict[str, SceneLabels]:
    """The labels of a sealed dataset.

    Raises OddgenError where either file cannot be read, or the labels are not those that were
    sealed.
    """
    if not (out / HASHES).exists():
        raise OddgenError(f"{out}: is not sealed, it has its labels itself; leave --labels out.")
    told = read(LabelsFile, labels, "give the --labels file that oddgen seal has written")
    hashes = read(HashesFile, out / HASHES, "restore it from a copy of the sealed dataset").hashes
    for name in sorted(hashes.keys() | told.scenes.keys()):
        if name not in told.scenes or hashes.get(name) != hash_of(told.scenes[name]):
            raise OddgenError(
                f"{labels}: its labels of {name} are not those that {out} was sealed with; give "
                "the file that was written with it."
            )
    return told.scenes
