"""How good a baseline is on held-out scenes while it is trained, and how sure it must be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmark.scoring.matching import match
from benchmark.training.scenes import as_model_input
from model.baseline import Baseline, Candidates

MISSED = 2.0  # beyond any score: a miss ranks worst for its label, as oddbench score has it
LEAST = tuple(number / 20 for number in range(1, 13))  # confidences to choose from


@dataclass(frozen=True)
class Looked:
    """A scene, what may be an object in it, and what is: boxes (N, 2, 3), labels (N,)."""

    candidates: Candidates
    boxes: NDArray[np.float64]
    labels: NDArray[np.float32]


@dataclass(frozen=True)
class Judged:
    """Of a scene. labels (N,); scores (N,), those of missed objects worst. found: how many are.

    extra: boxes of no object.
    """

    labels: NDArray[np.float32]
    scores: NDArray[np.float32]
    found: int
    extra: int


@torch.no_grad()
def validate(
    network: Baseline, batches: Iterable[dict[str, Tensor]], seed: int, device: torch.device
) -> dict[str, float | None]:
    """Mean loss terms; share of objects found at IoU > .5; boxes too many an object; AUC.

    The confidence that makes an object of a candidate is chosen first, and kept in the network:
    that of the largest F1 of boxes. The AUC pools all objects, misses ranked worst, and is None
    where they have one label only.
    """
    was_training = network.training
    network.eval()
    sums: dict[str, float] = defaultdict(float)
    scenes: list[Looked] = []
    for number, batch in enumerate(batches):
        views, targets = as_model_input(moved(batch, device))
        generator = torch.Generator().manual_seed(seed + number)
        for key, value in network.loss(views, targets, generator).items():
            sums[key] += float(value) * len(targets.labels)
        for row, found in enumerate(network.candidates(views)):
            present = targets.present[row]
            boxes = targets.boxes[row][present].cpu().double().numpy()
            scenes.append(Looked(found, boxes, targets.labels[row][present].cpu().numpy()))
    network.train(was_training)
    least = best_least(scenes)
    network.least.fill_(least)
    means = {key: value / len(scenes) for key, value in sums.items()}
    return means | _figures([judged(scene, least) for scene in scenes]) | {"least": least}


def best_least(scenes: Sequence[Looked]) -> float:
    """The confidence of LEAST with the largest F1 of boxes found, the higher one of two alike."""

    def f1(least: float) -> float:
        rows = [judged(scene, least) for scene in scenes]
        found, extra = (sum(getattr(row, name) for row in rows) for name in ("found", "extra"))
        objects = sum(len(row.labels) for row in rows)
        return 2 * found / max(found + extra + objects, 1)

    return max(LEAST, key=lambda least: (f1(least), least))


def judged(scene: Looked, least: float) -> Judged:
    """What is found with this confidence, beside what is there."""
    found = scene.candidates.surer_than(least)
    own, true, _ = match(found.boxes.cpu().double().numpy(), scene.boxes)
    scores = np.where(scene.labels > 0.5, -MISSED, MISSED).astype(np.float32)
    scores[true] = found.scores.cpu().numpy()[own]
    return Judged(scene.labels, scores, len(own), len(found.boxes) - len(own))


def moved(batch: dict[str, Tensor], device: torch.device) -> dict[str, Tensor]:
    """A collated batch on a device."""
    return {key: value.to(device) for key, value in batch.items()}


def _figures(rows: Sequence[Judged]) -> dict[str, float | None]:
    from sklearn.metrics import roc_auc_score

    labels = np.concatenate([row.labels for row in rows])
    scores = np.concatenate([row.scores for row in rows])
    both = 0 < labels.sum() < len(labels)
    count = max(len(labels), 1)
    return {
        "found": sum(row.found for row in rows) / count,
        "extra": sum(row.extra for row in rows) / count,
        "auc": float(roc_auc_score(labels, scores)) if both else None,
    }
