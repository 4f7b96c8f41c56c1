"""Which found object is which true one: by the overlap of their boxes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from datagen.geometry.boxes import pairwise_iou

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MATCH_IOU = 0.5


def match(predicted: Floats, true: Floats) -> tuple[Ints, Ints, Floats]:
    """Pairs of predicted and true boxes, and their IoU, each (M,).

    One to one with the largest sum of IoU (Hungarian); pairs of IoU > .5 are kept.
    """
    from scipy.optimize import linear_sum_assignment

    overlap = pairwise_iou(predicted, true)
    rows, columns = linear_sum_assignment(overlap, maximize=True)
    iou = overlap[rows, columns]
    keep = iou > MATCH_IOU
    return rows[keep], columns[keep], iou[keep]
