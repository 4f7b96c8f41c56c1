"""What a baseline's file and its training tell of themselves: one type each (docs/schema)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from benchmark.training.schema import CodeVersion
from datagen.base.typed import NOTHING_ELSE
from model.detr3d.config import Detr3dConfig
from model.imvoxelnet.config import ImVoxelNetConfig

Config = Annotated[ImVoxelNetConfig | Detr3dConfig, Field(discriminator="kind")]


@dataclass(frozen=True)
class BaselineFacts:
    """What decides the result besides the configuration.

    data: the dataset's checksum. train, validation: names of scenes. encoder_weights: where they
    are, None for the encoder's own.
    """

    seed: int
    data: str
    train: tuple[str, ...]
    validation: tuple[str, ...]
    encoder_weights: str | None


@dataclass(frozen=True)
class BaselineEntry:
    """A line of history.jsonl. epoch: from 1.

    train: the mean of every loss term. validation: the same of held-out scenes, and what is found
    in them; None where none are held out.
    """

    epoch: int
    train: dict[str, float]
    validation: dict[str, float | None] | None


@dataclass(frozen=True)
class BaselineFile:
    """The metadata of a baseline's safetensors file; entry: of the epoch that it is of."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    format: Literal["odd-one-out baseline"]
    version: Literal[1]
    config: Config
    facts: BaselineFacts
    code: CodeVersion
    entry: BaselineEntry


@dataclass(frozen=True)
class BaselineState:
    """What a checkpoint tells besides its weights: so many epochs are done."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    config: Config
    facts: BaselineFacts
    code: CodeVersion
    epoch: int
    history: tuple[BaselineEntry, ...]
