"""What scoring reads and writes as JSON: one type each (docs/schema)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, ConfigDict, Field

from benchmark.detectors.predictions import FORMAT_VERSION, ProtocolName, box_fault, score_fault
from benchmark.scoring.bootstrap import Estimate
from datagen.base.typed import LEFT_OUT, NOTHING_ELSE, NullForNaN

Corner: TypeAlias = tuple[float, float, float]
Text: TypeAlias = Annotated[str, Field(pattern=r"\S")]
Amount: TypeAlias = Annotated[int, Field(ge=0)] | Annotated[float, Field(ge=0, allow_inf_nan=False)]


def corners(box: NDArray[np.float64]) -> tuple[Corner, Corner]:
    """The lowest and the highest of a box (2, 3)."""
    (x0, y0, z0), (x1, y1, z1) = box.tolist()
    return (x0, y0, z0), (x1, y1, z1)


def _good_score(value: float) -> float:
    if fault := score_fault(value):
        raise ValueError(fault)
    return value


def _good_box(value: tuple[Corner, Corner]) -> tuple[Corner, Corner]:
    if fault := box_fault(np.array(value)):
        raise ValueError(fault)
    return value


def _each_once(value: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(value)) < len(value):
        raise ValueError("views names a view twice; name each once")
    return value


Score: TypeAlias = Annotated[float, Field(json_schema_extra={"minimum": 0, "maximum": 1})]
Views: TypeAlias = Annotated[
    tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1), AfterValidator(_each_once)
]


@dataclass(frozen=True, kw_only=True)
class HeaderLine:
    """The first line of a file of predictions; docs/scoring.md tells every key.

    version: of the format. data: digest of the dataset. protocol_version: 2 for true-boxes.
    """

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    format: Literal["odd-one-out predictions"]
    version: Annotated[int, Field(ge=1, le=FORMAT_VERSION)]
    detector: Text
    detector_version: Annotated[Text | None, LEFT_OUT] = None
    protocol: ProtocolName
    protocol_version: Annotated[int | None, LEFT_OUT] = None
    views: Views
    data: Annotated[Text | None, LEFT_OUT] = None


@dataclass(frozen=True)
class BoxLine:
    """A box that was found. box: lowest and highest corner, metres. mask: path from the file."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    scene: str
    box: Annotated[tuple[Corner, Corner], AfterValidator(_good_box)]
    score: Annotated[Score, AfterValidator(_good_score)]
    mask: Annotated[str | None, LEFT_OUT] = None


@dataclass(frozen=True)
class SceneLine:
    """A scene that was looked at. failed: why it has no boxes."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    scene: str
    seconds: Annotated[Amount | None, LEFT_OUT] = None
    peak_bytes: Annotated[Amount | None, LEFT_OUT] = None
    failed: Annotated[Text | None, LEFT_OUT] = None


@dataclass(frozen=True)
class OutcomeTable:
    """benchmark.scoring.outcome.Outcome as lists; score: null for a miss."""

    names: tuple[str, ...]
    scene: tuple[int, ...]
    anomalous: tuple[Literal[0, 1], ...]
    kinds: tuple[str, ...]
    score: tuple[NullForNaN, ...]
    iou: tuple[float, ...]
    box_scene: tuple[int, ...]
    box_score: tuple[float, ...]
    box_object: tuple[int, ...]

    def __post_init__(self) -> None:
        objects, boxes = len(self.scene), len(self.box_scene)
        of_objects = {len(self.anomalous), len(self.kinds), len(self.score), len(self.iou)}
        if of_objects != {objects} or {len(self.box_score), len(self.box_object)} != {boxes}:
            raise ValueError("its lists differ in length")
        scenes = range(len(self.names))
        if not all(k in scenes for k in (*self.scene, *self.box_scene)):
            raise ValueError("scene or box_scene names a scene that is not there")
        if not all(-1 <= k < objects for k in self.box_object):
            raise ValueError("box_object names an object that is not there")


@dataclass(frozen=True)
class OutcomeFile:
    """outcomes/RUN.json. data: digest of the dataset."""

    format: Literal["odd-one-out scores"]
    version: int
    run: str
    data: str
    split: str
    protocol: ProtocolName
    views: tuple[int, ...]
    outcome: OutcomeTable
    protocol_version: Annotated[int | None, LEFT_OUT] = None


@dataclass(frozen=True)
class KindScores:
    """Of so many odd objects against all normal ones. found: matched and called odd.

    pixel_auroc_objects: of their defects' pixels, where there are masks.
    """

    objects: int
    auc: Estimate
    found: Estimate
    pixel_auroc_objects: Annotated[Estimate | None, LEFT_OUT] = None


@dataclass(frozen=True)
class RunScores:
    """A scored file of predictions; version: of the detector.

    figures: by the names of benchmark.scoring.metrics.TITLES. by_count: `scenes` and the figures of
    the scenes with so many objects. by_alike: of so many odd objects of a scene with one defect.
    """

    name: str
    predictions: str
    detector: str
    protocol: ProtocolName
    views: tuple[int, ...]
    version: str | None
    data: str | None
    seconds: float | None
    peak_bytes: int | float | None
    missing: tuple[str, ...]
    failed: dict[str, str]
    unscored: int
    figures: dict[str, Estimate]
    by_kind: dict[str, KindScores]
    by_defect_pixels: dict[str, KindScores]
    by_count: dict[str, dict[str, int | Estimate]]
    protocol_version: Annotated[int | None, LEFT_OUT] = None
    by_alike: dict[str, KindScores] = field(default_factory=dict)


@dataclass(frozen=True)
class ScoresFile:
    """scores.json. data: the dataset's path; scenes, objects, anomalous: how many."""

    format: Literal["odd-one-out scores"]
    version: int
    data: str
    digest: str
    split: str
    scenes: int
    objects: int
    anomalous: int
    draws: int
    seed: int
    runs: tuple[RunScores, ...]
