"""What became of every object and of every predicted box of a split: the table behind all numbers.

`Outcome` is also what `oddbench compare` reads back, so it holds no images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmark.detectors.predictions import Answer, Predictions, no_boxes
from benchmark.scoring.ground_truth import SceneTruth
from benchmark.scoring.matching import match
from benchmark.scoring.schema import OutcomeTable
from datagen.geometry.boxes import given_boxes
from datagen.geometry.shape import Floats, Ints

Bools = NDArray[np.bool_]

DECISION = 0.5
BELOW_ANY_SCORE, ABOVE_ANY_SCORE = -1.0, 2.0


@dataclass(frozen=True)
class Outcome:
    """S scenes, N objects, P predicted boxes.

    scene: (N,) index of an object's scene in names. anomalous: (N,). kinds: (N,) anomaly types, ""
    for normals. score: (N,) of the matched box, NaN for a miss. iou: (N,) of the match, 0 for a
    miss. box_scene, box_score: (P,). box_object: (P,) index of the matched object, -1 without one.
    """

    names: tuple[str, ...]
    scene: Ints
    anomalous: Bools
    kinds: NDArray[np.str_]
    score: Floats
    iou: Floats
    box_scene: Ints
    box_score: Floats
    box_object: Ints

    @property
    def matched(self) -> Bools:
        """(N,) whether a box of IoU > .5 was found for the object."""
        return ~np.isnan(self.score)

    @property
    def ranked(self) -> Floats:
        """(N,) scores, a miss ranked worse than any answer for its label.

        So a miss does not even tie with a score of exactly 0 or 1.
        """
        worst = np.where(self.anomalous, BELOW_ANY_SCORE, ABOVE_ANY_SCORE)
        return np.where(self.matched, self.score, worst)

    @property
    def right(self) -> Bools:
        """(N,) matched, and called odd exactly where it is; a miss is wrong."""
        with np.errstate(invalid="ignore"):
            return self.matched & ((self.score >= DECISION) == self.anomalous)

    @property
    def spurious(self) -> Bools:
        """(P,) boxes called odd that match no object."""
        return (self.box_object < 0) & (self.box_score >= DECISION)

    @property
    def exact(self) -> Bools:
        """(S,) every object right, and no spurious box called odd."""
        wrong = np.zeros(len(self.names), bool)
        wrong[self.scene[~self.right]] = True
        wrong[self.box_scene[self.spurious]] = True
        return ~wrong

    @property
    def objects_in_scene(self) -> Ints:
        """(S,)."""
        return np.bincount(self.scene, minlength=len(self.names))

    def only(self, objects: Bools) -> Outcome:
        """Without the objects that are False in (N,); boxes matched with them are left out too."""
        renumbered = np.where(objects, np.cumsum(objects) - 1, -1)
        boxes = (self.box_object < 0) | objects[self.box_object]
        box_object = self.box_object[boxes]
        return replace(
            self,
            scene=self.scene[objects],
            anomalous=self.anomalous[objects],
            kinds=self.kinds[objects],
            score=self.score[objects],
            iou=self.iou[objects],
            box_scene=self.box_scene[boxes],
            box_score=self.box_score[boxes],
            box_object=np.where(box_object < 0, -1, renumbered[box_object]),
        )

    def only_scenes(self, scenes: Bools) -> Outcome:
        """The scenes that are True in (S,), renumbered."""
        kept = self.only(scenes[self.scene])
        renumbered = np.cumsum(scenes) - 1
        boxes = scenes[kept.box_scene]
        return replace(
            kept,
            names=tuple(name for name, keep in zip(self.names, scenes, strict=True) if keep),
            scene=renumbered[kept.scene],
            box_scene=renumbered[kept.box_scene[boxes]],
            box_score=kept.box_score[boxes],
            box_object=kept.box_object[boxes],
        )

    def to_table(self) -> OutcomeTable:
        """As it is stored."""
        return OutcomeTable(
            names=self.names,
            scene=tuple(self.scene.tolist()),
            anomalous=tuple(self.anomalous.astype(int).tolist()),
            kinds=tuple(self.kinds.tolist()),
            score=tuple(self.score.tolist()),
            iou=tuple(self.iou.tolist()),
            box_scene=tuple(self.box_scene.tolist()),
            box_score=tuple(self.box_score.tolist()),
            box_object=tuple(self.box_object.tolist()),
        )

    @staticmethod
    def from_table(table: OutcomeTable) -> Outcome:
        """Of what to_table has made."""
        return Outcome(
            names=table.names,
            scene=np.array(table.scene, np.int64),
            anomalous=np.array(table.anomalous, bool),
            kinds=np.array(table.kinds, np.str_),
            score=np.array(table.score, float),
            iou=np.array(table.iou, float),
            box_scene=np.array(table.box_scene, np.int64),
            box_score=np.array(table.box_score, float),
            box_object=np.array(table.box_object, np.int64),
        )


def outcome_of(scenes: Sequence[SceneTruth], predictions: Predictions) -> Outcome:
    """Match the answers with the truth; a scene without an answer has only misses."""
    counts = [len(scene.boxes) for scene in scenes]
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    score, iou = np.full(first[-1], np.nan), np.zeros(first[-1])
    box_scene, box_score, box_object = [], [], []
    for index, scene in enumerate(scenes):
        answer = predictions.answers.get(scene.name, _nothing())
        box, true, overlap = match(answer.boxes, _matched_with(scene, predictions))
        score[first[index] + true] = answer.scores[box]
        iou[first[index] + true] = overlap
        owner = np.full(len(answer.boxes), -1)
        owner[box] = first[index] + true
        box_scene.append(np.full(len(answer.boxes), index))
        box_score.append(answer.scores)
        box_object.append(owner)
    return Outcome(
        names=tuple(scene.name for scene in scenes),
        scene=np.repeat(np.arange(len(scenes)), counts),
        anomalous=np.concatenate([scene.anomalous for scene in scenes]),
        kinds=np.concatenate([np.array(scene.kinds, np.str_) for scene in scenes]),
        score=score,
        iou=iou,
        box_scene=np.concatenate(box_scene),
        box_score=np.concatenate(box_score),
        box_object=np.concatenate(box_object),
    )


def _matched_with(scene: SceneTruth, predictions: Predictions) -> Floats:
    """(N, 2, 3): the boxes that were given out, where some were."""
    told = predictions.header.protocol == "true-boxes"
    return given_boxes(scene.boxes) if told else scene.boxes


def _nothing() -> Answer:
    return Answer(no_boxes(), np.zeros(0))
