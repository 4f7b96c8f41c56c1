"""Every figure of a split (docs/scoring.md), for many weightings of its scenes.

A figure of the split as it is has all weights 1; a bootstrap draw counts how often each scene was
drawn.
"""

from __future__ import annotations

import numpy as np

from benchmark.scoring.outcome import Bools, Outcome
from datagen.base.ranking import auc, average_precision, f1_max
from datagen.geometry.shape import Floats

TITLES = {
    "auc": "AUC",
    "auc_matched": "AUC, matched objects only",
    "auc_scene": "AUC, mean over scenes",
    "accuracy": "accuracy",
    "floor": "  floor: all called normal",
    "balanced_accuracy": "balanced accuracy",
    "ap": "average precision",
    "f1_max": "F1, best threshold",
    "exact_set": "scenes wholly right",
    "recall": "objects found (IoU > .5)",
    "iou": "IoU of those",
    "extra": "boxes too many, per object",
    "detection_ap": "detection AP of the odd",
    "ece": "calibration error (ECE)",
    "brier": "Brier score",
    "pixel_auroc": "pixel AUROC",
    "pixel_auroc_objects": "pixel AUROC on objects",
    "pixel_aupro": "pixel AUPRO (FPR < .3)",
}
LOWER_IS_BETTER = ("ece", "brier", "extra")
CALIBRATION_BINS = 10


def measures(outcome: Outcome, weights: Floats) -> dict[str, Floats]:
    """The figures of TITLES but the pixels', each (D,), for weights (D, S); NaN where undefined.

    auc: all objects of the split pooled. auc_scene: mean over the scenes that hold both labels.
    ap, f1_max: a missed odd object is found at no threshold. detection_ap: all boxes ranked by
    score, right where matched with an odd object. extra: boxes without an object, over objects.
    ece, brier: of matched objects.
    """
    w = weights[:, outcome.scene]
    odd, matched, right = outcome.anomalous, outcome.matched, outcome.right
    ranked, odd_weight = outcome.ranked, w @ odd.astype(float)
    seen = matched | ~odd
    box_odd = (outcome.box_object >= 0) & np.append(odd, False)[outcome.box_object]
    share_odd = _mean(right[odd], w[:, odd])
    share_normal = _mean(right[~odd], w[:, ~odd])
    found = w[:, matched]
    return {
        "auc": auc(ranked, odd, w),
        "auc_matched": auc(outcome.score[matched], odd[matched], found),
        "auc_scene": _mean_where_known(scene_auc(outcome), weights),
        "accuracy": _mean(right, w),
        "floor": _mean(~odd, w),
        "balanced_accuracy": (share_odd + share_normal) / 2,
        "ap": average_precision(ranked[seen], odd[seen], w[:, seen], odd_weight),
        "f1_max": f1_max(ranked[seen], odd[seen], w[:, seen], odd_weight),
        "exact_set": _mean(outcome.exact, weights),
        "recall": _mean(matched, w),
        "iou": _mean(outcome.iou[matched], found),
        "extra": _ratio(weights[:, outcome.box_scene] @ (outcome.box_object < 0), w.sum(axis=1)),
        "detection_ap": average_precision(
            outcome.box_score, box_odd, weights[:, outcome.box_scene], odd_weight
        ),
        "ece": calibration_error(outcome.score[matched], odd[matched], found),
        "brier": _mean(np.square(outcome.score[matched] - odd[matched]), found),
    }


def scene_auc(outcome: Outcome) -> Floats:
    """(S,) AUC within each scene, NaN where it does not hold both labels."""
    result = np.full(len(outcome.names), np.nan)
    ranked = outcome.ranked
    for index in range(len(result)):
        inside = outcome.scene == index
        labels = outcome.anomalous[inside]
        result[index] = auc(ranked[inside], labels, np.ones((1, len(labels))))[0]
    return result


def calibration_error(scores: Floats, positive: Bools, weights: Floats) -> Floats:
    """(D,) expected calibration error: ten equal bins of score, weighted by what is in them."""
    gap = np.zeros(len(weights))
    bins = calibration_bin(scores)
    for number in range(CALIBRATION_BINS):
        inside = bins == number
        gap += np.abs(weights[:, inside] @ (scores[inside] - positive[inside]))
    total = weights.sum(axis=1)
    return np.divide(gap, total, out=np.full(len(weights), np.nan), where=total > 0)


def calibration_bin(scores: Floats) -> np.ndarray:
    """(N,) bins 0 to 9; a score of 1 is in the last."""
    return np.minimum((scores * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)


def _mean(values: Floats | Bools, weights: Floats) -> Floats:
    return _ratio(weights @ values.astype(float), weights.sum(axis=1))


def _ratio(sums: Floats, total: Floats) -> Floats:
    return np.divide(sums, total, out=np.full(len(sums), np.nan), where=total > 0)


def _mean_where_known(values: Floats, weights: Floats) -> Floats:
    known = ~np.isnan(values)
    return _mean(values[known], weights[:, known])
