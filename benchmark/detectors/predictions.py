"""What a detector says: boxes with scores, scene by scene; docs/scoring.md shows the file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from datagen.geometry.boxes import given_boxes, pairwise_iou

FORMAT: Final = "odd-one-out predictions"
FORMAT_VERSION = 1
ProtocolName = Literal["predicted", "count", "true-boxes"]
PROTOCOLS: dict[ProtocolName, str] = {
    "predicted": "boxes predicted",
    "count": "object count known",
    "true-boxes": "true boxes",
}
PROTOCOL_VERSIONS: dict[ProtocolName, int] = {"true-boxes": 2}
LARGEST_COORDINATE = 1e6
SAME_BOX_IOU = 0.999

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Prediction:
    """One object found.

    box: (2, 3) lowest and highest corner in the world, metres. score: probability of being odd,
    0 to 1. mask: (V, H, W) how odd each pixel of the views is, 0 to 1, or None. apart: (P,) how
    unlike each of the objects found it is, in their order, or None.
    """

    box: Floats
    score: float
    mask: NDArray[np.floating] | None = None
    apart: Floats | None = None


@dataclass(frozen=True)
class Header:
    """The first line of a file of predictions.

    protocol: a key of PROTOCOLS. views: numbers of the views that the detector saw. version: of
    the detector. data: digest of the dataset, as Truth has it. protocol_version: of the protocol,
    where it has changed (PROTOCOL_VERSIONS).
    """

    detector: str
    protocol: ProtocolName
    views: tuple[int, ...]
    version: str | None = None
    data: str | None = None
    protocol_version: int | None = None


@dataclass(frozen=True)
class Answer:
    """All that a file says of one scene; P boxes in a fixed order.

    boxes: (P, 2, 3) metres. scores: (P,). masks: P files of pixel scores, None where a box has
    none. failed: why the detector gave no answer. finished: whether the scene has its closing line.
    line: where the file speaks of the scene first.
    """

    boxes: Floats
    scores: Floats
    masks: tuple[Path | None, ...] = ()
    failed: str | None = None
    seconds: float | None = None
    peak_bytes: int | float | None = None
    finished: bool = False
    line: int = 0


@dataclass(frozen=True)
class Predictions:
    """A file of predictions; answers by the names of their scenes."""

    path: Path
    header: Header
    answers: dict[str, Answer]


def no_boxes() -> Floats:
    """(0, 2, 3)."""
    return np.zeros((0, 2, 3))


def box_fault(box: Floats) -> str | None:
    """What is wrong with a box (2, 3), and what to do; None for a good one."""
    if not np.isfinite(box).all():
        return "box holds NaN or infinity; give six finite numbers in metres"
    if np.abs(box).max() > LARGEST_COORDINATE:
        return "box lies more than 1,000 km away; give metres"
    if (box[0] >= box[1]).any():
        axis = "xyz"[int(np.argmax(box[0] >= box[1]))]
        return f"box is inside out or flat along {axis}; give the lowest corner, then the highest"
    return None


def score_fault(score: float) -> str | None:
    """What is wrong with a score; None for a good one."""
    if math.isnan(score):
        return "score is NaN; give a number from 0 to 1"
    if not 0 <= score <= 1:
        return f"score is {score:g}; give a number from 0 to 1"
    return None


def protocol_fault(protocol: str, boxes: Floats, true_boxes: Floats) -> str | None:
    """What boxes (P, 2, 3) may not be where a detector was told (N, 2, 3); None where all is well.

    With the count known there are at most N; with true boxes each is one of the given ones, at
    most once.
    """
    count = len(true_boxes)
    if protocol == "count" and len(boxes) > count:
        return (
            f"{len(boxes)} boxes for {count} objects although the object count is known; "
            f"give at most {count}"
        )
    if protocol == "true-boxes" and len(boxes):
        overlap = pairwise_iou(boxes, given_boxes(true_boxes))
        if overlap.max(axis=1).min() < SAME_BOX_IOU:
            return "a box is none of the given ones; give those, or change the protocol"
        if len(set(overlap.argmax(axis=1).tolist())) < len(boxes):
            return "two boxes are the same given box; give each at most once"
    return None
