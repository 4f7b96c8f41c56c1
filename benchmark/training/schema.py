"""What a training run stores: one type each (docs/schema)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from datagen.base.typed import LEFT_OUT, NOTHING_ELSE
from model.config import DetectorConfig

Stage = Literal[1, 2]


@dataclass(frozen=True)
class HistoryEntry:
    """A line of history.jsonl. epoch: of its stage, from 1.

    train: the mean of every loss term. validation: the same and what else was measured, None where
    it cannot be; None where no scenes are held out.
    """

    stage: Stage
    epoch: int
    train: dict[str, float]
    validation: dict[str, float | None] | None


@dataclass(frozen=True)
class RunFacts:
    """What decides the result besides the configuration.

    data: the dataset's checksum. train, validation: names of scenes. teacher, encoder_weights: what
    they are. processes: of accelerate, each with batches of its own. start: sha256 of the weights
    that the run starts from, None for random ones.
    """

    seed: int
    data: str
    train: tuple[str, ...]
    validation: tuple[str, ...]
    teacher: str | None
    encoder_weights: str | None
    precision: str
    processes: int
    start: str | None = None


@dataclass(frozen=True)
class CodeVersion:
    """version: ours. commit: of a git checkout, None elsewhere; changed: whether files were."""

    version: Annotated[str, Field(alias="odd-one-out")]
    torch: str
    commit: str | None
    changed: bool


@dataclass(frozen=True)
class TrainingState:
    """What a checkpoint tells besides its weights: the state after `epoch` epochs of `stage`."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    config: DetectorConfig
    run: RunFacts
    code: CodeVersion
    stage: Stage
    epoch: int
    history: tuple[HistoryEntry, ...]


@dataclass(frozen=True)
class FeatureFacts:
    """Attributes of a file of the teacher's features. teacher: what its weights are."""

    format: str
    data: str
    channels: int
    size: int
    teacher: Annotated[str | None, LEFT_OUT] = None
