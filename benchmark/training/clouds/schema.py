"""What a folder of clouds and a reconstruction tell of themselves (docs/schema)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import ConfigDict

from benchmark.training.clouds.quality import Quality
from datagen.base.typed import NOTHING_ELSE
from model.dgcnn.config import BackEnd, ReconstructionConfig


@dataclass(frozen=True)
class CloudsFacts:
    """What decides the clouds kept on disk. data: checksum of the dataset; code: digest."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    format: Literal["odd-one-out clouds"]
    version: Literal[1]
    data: str
    reconstruction: ReconstructionConfig
    code: str


@dataclass(frozen=True)
class ReconstructionFile:
    """reconstruction.json: how good the clouds of held-out scenes are.

    oracle: whether the back end is told the labels' depth. views: of a scene.
    """

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    format: Literal["odd-one-out reconstruction"]
    version: Literal[1]
    back_end: BackEnd
    oracle: bool
    views: int
    scenes: int
    mean: Quality


def in_words(found: ReconstructionFile) -> str:
    """How good the clouds are, on a line."""
    mean, mark = found.mean, " (an oracle)" if found.oracle else ""
    known = [
        f"{name} {value * 1000:.1f} mm, {share:.0%} within 1 cm"
        for name, value, share in (
            ("accuracy", mean.accuracy, mean.accurate),
            ("completeness", mean.completeness, mean.complete),
        )
        if value is not None and share is not None
    ]
    return (
        f"clouds by {found.back_end}{mark}, {found.views} views, {found.scenes} held-out scenes: "
        f"{'; '.join(known) or 'none has points'}; {mean.without:.0%} of objects without one"
    )
