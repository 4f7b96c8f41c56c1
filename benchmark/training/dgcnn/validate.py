"""How good the comparison is on held-out scenes, and how distances become votes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from benchmark.training.dgcnn.samples import Batch
from model.dgcnn.network import Dgcnn
from model.dgcnn.triplets import triplet_loss
from model.dgcnn.votes import vote


def scene_loss(embeddings: Tensor, batch: Batch) -> tuple[Tensor, int]:
    """The triplet loss of all scenes of a batch, by triplets, and how many there are."""
    total, count = embeddings.sum() * 0, 0
    for number in range(int(batch.scene.max()) + 1):
        own = (batch.scene == number) & batch.there
        loss, triplets = triplet_loss(embeddings[own], batch.odd[own])
        total, count = total + loss * triplets, count + triplets
    return total / max(count, 1), count


def kind_loss(logits: Tensor, batch: Batch) -> tuple[Tensor, int, int]:
    """Cross-entropy over objects with a kind and a cloud; how many are right, and are there."""
    known = batch.there & (batch.kind >= 0)
    count = int(known.sum())
    if not count:
        return logits.sum() * 0, 0, 0
    right = int((logits[known].argmax(dim=1) == batch.kind[known]).sum())
    return cross_entropy(logits[known], batch.kind[known]), right, count


@torch.no_grad()
def validate_kinds(network: Dgcnn, batches: Sequence[Batch]) -> dict[str, float | None]:
    """Mean loss and share of kinds told rightly, None where no object is of a known one."""
    total, right, count = 0.0, 0, 0
    for batch in batches:
        loss, good, known = kind_loss(network.classify(network(batch.points, batch.present)), batch)
        total, right, count = total + float(loss) * known, right + good, count + known
    return {
        "loss": total / count if count else None,
        "right": right / count if count else None,
    }


@torch.no_grad()
def validate_triplets(network: Dgcnn, batches: Sequence[Batch]) -> dict[str, float | None]:
    """Mean triplet loss, AUC over all objects, and the share of objects without a cloud.

    None where there are no triplets, or objects of one label only. Chooses the network's `at`,
    `steep` and `prior` first.
    """
    from sklearn.metrics import roc_auc_score

    embedded = [network(batch.points, batch.present) for batch in batches]
    calibrate(network, embedded, batches)
    total, triplets, scores, labels, there = 0.0, 0, [], [], []
    for embeddings, batch in zip(embedded, batches, strict=True):
        loss, count = scene_loss(embeddings, batch)
        total, triplets = total + float(loss) * count, triplets + count
        for number in range(int(batch.scene.max()) + 1):
            own = batch.scene == number
            found = vote(
                embeddings[own], batch.there[own], network.at, network.steep, network.prior
            )
            scores.append(found[0].cpu().numpy())
        labels.append(batch.odd.cpu().numpy())
        there.append(batch.there.cpu().numpy())
    odd = np.concatenate(labels)
    both = 0 < odd.sum() < len(odd)
    return {
        "loss": total / triplets if triplets else None,
        "auc": float(roc_auc_score(odd, np.concatenate(scores))) if both else None,
        "without": float(1 - np.concatenate(there).mean()),
    }


def calibrate(network: Dgcnn, embedded: Sequence[Tensor], batches: Sequence[Batch]) -> None:
    """Sets the buffers of the votes by a scene's pairs: a normal and an odd, or two normal objects.

    Logistic regression of which of both a pair is on its distance, both as frequent. prior: the
    share of odd objects. Without pairs of both sorts, or where odd ones are nearer, votes go by the
    median distance.
    """
    distances, unlike = _pairs(embedded, batches)
    odd = torch.cat([batch.odd for batch in batches]).float().mean()
    at, steep = _boundary(distances, unlike)
    network.prior.fill_(float(odd))
    network.at.fill_(at)
    network.steep.fill_(steep)


def _pairs(embedded: Sequence[Tensor], batches: Sequence[Batch]) -> tuple[np.ndarray, np.ndarray]:
    """(K,) distances, and whether one of a pair is odd."""
    distances, unlike = [], []
    for embeddings, batch in zip(embedded, batches, strict=True):
        odd = batch.odd
        same = (batch.scene[:, None] == batch.scene) & batch.there[:, None] & batch.there
        chosen = same.triu(1) & ~(odd[:, None] & odd)
        distances.append(torch.cdist(embeddings, embeddings)[chosen].cpu().numpy())
        unlike.append((odd[:, None] ^ odd)[chosen].cpu().numpy())
    return np.concatenate(distances), np.concatenate(unlike)


def _boundary(distances: np.ndarray, unlike: np.ndarray) -> tuple[float, float]:
    """The distance from which on a pair is unlike, and how steeply."""
    from sklearn.linear_model import LogisticRegression

    if not len(distances):
        return 1.0, 1.0
    spread = max(float(distances.std()), 1e-3)
    middle = float(np.median(distances))
    if 0 < unlike.sum() < len(unlike):
        scaled = (distances - middle) / spread
        fitted = LogisticRegression(class_weight="balanced").fit(scaled[:, None], unlike)
        slope, shift = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
        if slope > 1e-3:
            return middle - spread * shift / slope, slope / spread
    return middle, 1 / spread
