"""What the file of a colmap-dgcnn and its training tell of themselves (docs/schema)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from pydantic import ConfigDict

from benchmark.training.clouds.quality import Quality
from benchmark.training.schema import CodeVersion, Stage
from datagen.base.typed import NOTHING_ELSE
from model.dgcnn.config import DgcnnConfig

FORMAT: Final = "odd-one-out cloud baseline"


@dataclass(frozen=True)
class DgcnnFacts:
    """What decides the result besides the configuration.

    data: the dataset's checksum. train, validation: names of scenes. categories: of normal shapes,
    which pretraining tells apart.
    """

    seed: int
    data: str
    train: tuple[str, ...]
    validation: tuple[str, ...]
    categories: tuple[str, ...]


@dataclass(frozen=True)
class DgcnnEntry:
    """A line of history.jsonl. epoch: of its stage, from 1; stage 1 is pretraining.

    train: means of what was measured while learning. validation: of held-out scenes, values None
    where they cannot be told; None where no scenes are held out.
    """

    stage: Stage
    epoch: int
    train: dict[str, float]
    validation: dict[str, float | None] | None


@dataclass(frozen=True)
class DgcnnFile:
    """The metadata of its safetensors file; entry: of the epoch that it is of.

    views: that training had of a scene. quality: of the clouds of held-out scenes.
    """

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    format: Literal["odd-one-out cloud baseline"]
    version: Literal[1]
    config: DgcnnConfig
    facts: DgcnnFacts
    code: CodeVersion
    entry: DgcnnEntry
    views: int
    quality: Quality | None


@dataclass(frozen=True)
class DgcnnState:
    """What a checkpoint tells besides its weights: so many epochs of `stage` are done."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    config: DgcnnConfig
    facts: DgcnnFacts
    code: CodeVersion
    stage: Stage
    epoch: int
    history: tuple[DgcnnEntry, ...]
