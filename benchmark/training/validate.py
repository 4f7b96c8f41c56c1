"""How good the detector is on held-out scenes while it is trained."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import Tensor

from benchmark.scoring.matching import match
from benchmark.training.scenes import as_model_input
from model.boxes import estimate_boxes
from model.detector import OddOneOutNetwork
from model.losses import TrainingStep


@dataclass(frozen=True)
class SceneDetections:
    """labels, scores: (N,) of its objects. found: how many boxes of IoU > .5 were estimated."""

    labels: NDArray[np.float32]
    scores: NDArray[np.float32]
    found: int


@dataclass(frozen=True)
class BatchMeasures:
    """Loss terms of a batch, and its scenes."""

    terms: dict[str, float]
    scenes: tuple[SceneDetections, ...]


@torch.no_grad()
def validate(
    step: TrainingStep,
    batches: Iterable[dict[str, Tensor]],
    stage: int,
    seed: int,
    accelerator: Accelerator,
) -> dict[str, float | None]:
    """Loss terms, recall of estimated boxes at IoU > .5 and, in stage 2, AUC at true boxes.

    The first half of each scene's views goes in; losses use all. The AUC pools all objects, and
    is None where they have one label only.
    """
    from sklearn.metrics import roc_auc_score

    generator = torch.Generator().manual_seed(seed)
    was_training = step.training
    step.eval()
    rows: list[BatchMeasures] = []
    for batch in batches:
        views, targets = as_model_input(batch)
        with accelerator.autocast():
            terms = step(views, targets, stage, generator)
            found = _detections(step.detector, batch)
        rows.append(BatchMeasures({key: float(value) for key, value in terms.items()}, found))
    step.train(was_training)
    rows = gathered(rows, accelerator)
    weights = [len(row.scenes) for row in rows]
    measured: dict[str, float | None] = {
        key: float(np.average([row.terms[key] for row in rows], weights=weights))
        for key in rows[0].terms
    }
    scenes = [scene for row in rows for scene in row.scenes]
    objects = sum(len(scene.labels) for scene in scenes)
    measured["recall"] = sum(scene.found for scene in scenes) / objects
    if stage == 2:
        labels = np.concatenate([scene.labels for scene in scenes])
        scores = np.concatenate([scene.scores for scene in scenes])
        both = 0 < labels.sum() < len(labels)
        measured["auc"] = float(roc_auc_score(labels, scores)) if both else None
    return measured


def _detections(
    detector: OddOneOutNetwork, batch: dict[str, Tensor]
) -> tuple[SceneDetections, ...]:
    """Of each scene of a collated batch."""
    views, targets = as_model_input(batch)
    scene = detector.reconstruct(views.select(slice(0, views.images.shape[1] // 2)))
    scores = detector.classify(scene, targets.boxes, targets.present).float()
    estimated = estimate_boxes(scene.density, scene.frame, detector.config.boxes)
    rows = []
    for index, present in enumerate(targets.present):
        true = targets.boxes[index][present]
        _, _, overlap = match(estimated[index].cpu().numpy(), true.cpu().numpy())
        rows.append(
            SceneDetections(
                targets.labels[index][present].cpu().numpy(),
                scores[index][present].cpu().numpy(),
                len(overlap),
            )
        )
    return tuple(rows)


def gathered(rows: list[Any], accelerator: Accelerator) -> list[Any]:
    """The rows of all processes."""
    if accelerator.num_processes == 1:
        return rows
    from accelerate.utils import gather_object

    return gather_object(rows)
