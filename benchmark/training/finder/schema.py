"""What a finder's file and its training tell of themselves: one type each (docs/schema)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import ConfigDict

from benchmark.training.schema import CodeVersion
from datagen.base.typed import NOTHING_ELSE
from model.finder.config import FinderConfig

FinderStage = Literal["silhouettes", "birds-eye", "closer-look"]


@dataclass(frozen=True)
class FinderSteps:
    """How the finder is trained. *_steps, *_batch: views of the first stage, scenes of the others.

    rate: peak of the learning rate. invented: scenes made up for the second and third stage. noise:
    most that true silhouettes are spoilt, logits. shift: metres, most that the grid is moved.
    moved, resized: spread of what true boxes are moved by, in sizes, and of the logarithm of what
    they are resized by, before a closer look.
    """

    head_steps: int = 1200
    head_batch: int = 8
    head_rate: float = 4e-3
    ground_steps: int = 2500
    ground_batch: int = 8
    ground_rate: float = 3e-3
    close_steps: int = 1500
    close_batch: int = 6
    close_rate: float = 2e-3
    invented: int = 2000
    noise: float = 2.0
    shift: float = 0.3
    moved: float = 0.12
    resized: float = 0.2


@dataclass(frozen=True)
class FinderFacts:
    """What decides the result besides the configuration.

    data, labels: checksums of the datasets. train, held_out: numbers of scenes. encoder: what the
    pretrained weights are. start: sha256 of the weights that the run starts from, None for random
    ones.
    """

    seed: int
    data: str
    labels: tuple[str, ...]
    train: int
    held_out: int
    encoder: str
    steps: FinderSteps
    start: str | None = None


@dataclass(frozen=True)
class FinderFile:
    """The metadata of a finder's safetensors file."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    format: Literal["odd-one-out finder"]
    version: Literal[2]
    config: FinderConfig
    facts: FinderFacts
    code: CodeVersion


@dataclass(frozen=True)
class FinderEntry:
    """A line of history.jsonl. step: of its stage. measured: of held-out scenes."""

    stage: FinderStage
    step: int
    loss: float
    measured: dict[str, float]


@dataclass(frozen=True)
class FinderState:
    """What a checkpoint tells besides its weights: so many steps of a stage are done."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    config: FinderConfig
    facts: FinderFacts
    code: CodeVersion
    stage: FinderStage
    step: int
    history: tuple[FinderEntry, ...]
