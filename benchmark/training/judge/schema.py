"""What a detector's file and the judge's training tell of themselves (docs/schema)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import ConfigDict

from benchmark.training.finder.schema import FinderFile
from benchmark.training.schema import CodeVersion
from datagen.base.typed import NOTHING_ELSE
from model.judge.config import JudgeConfig


@dataclass(frozen=True)
class JudgeSteps:
    """How the judge is trained. batch: scenes of a step; rate: peak of the learning rate.

    cells: most of a scene, about. copies: of a scene, in other light, with synthetic defects.
    average: how much of the averaged weights a step leaves as it was. fewer: share of the scenes of
    a step that are seen without some of their objects.
    """

    epochs: int = 14
    batch: int = 4
    rate: float = 2e-3
    decay: float = 0.05
    cells: int = 1500
    copies: int = 1
    average: float = 0.98
    fewer: float = 0.5


@dataclass(frozen=True)
class JudgeFacts:
    """What decides the result besides the configuration.

    data: checksum of the dataset; finder: sha256 of the weights that see silhouettes. train,
    held_out: numbers of scenes. start: sha256 of the weights that the run starts from, None for
    random ones.
    """

    seed: int
    data: str
    finder: str
    train: int
    held_out: int
    steps: JudgeSteps
    start: str | None = None


@dataclass(frozen=True)
class CellsFacts:
    """What decides the cells kept on disk, as JudgeFacts and JudgeConfig have it. code: digest."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    format: Literal["odd-one-out cells"]
    version: Literal[2]
    data: str
    finder: str
    largest: int
    crop: int
    samples: int
    code: str


@dataclass(frozen=True)
class HeldOut:
    """Calibrated scores of the objects of held-out scenes, ascending: odd ones, normal ones."""

    odd: tuple[float, ...] = ()
    normal: tuple[float, ...] = ()


@dataclass(frozen=True)
class DetectorFile:
    """The metadata of a detector's safetensors file: a finder, and a judge."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    format: Literal["odd-one-out detector"]
    version: Literal[3]
    finder: FinderFile
    config: JudgeConfig
    facts: JudgeFacts
    code: CodeVersion
    held_out: HeldOut


@dataclass(frozen=True)
class JudgeEntry:
    """A line of history.jsonl. seconds: of the epoch. measured: of held-out scenes."""

    epoch: int
    loss: float
    seconds: float
    measured: dict[str, float]


@dataclass(frozen=True)
class JudgeState:
    """What a checkpoint tells besides its weights: so many epochs are done."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    config: JudgeConfig
    facts: JudgeFacts
    code: CodeVersion
    epoch: int
    history: tuple[JudgeEntry, ...]
