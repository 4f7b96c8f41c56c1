"""Axis-aligned boxes in the world: overlap, and who is who (notes, Metrics 2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MATCH_IOU = 0.5


def pairwise_iou(first: Floats, second: Floats) -> Floats:
    """(P, N) intersection over union of the volumes of boxes (P, 2, 3) and (N, 2, 3)."""
    low = np.maximum(first[:, None, 0], second[None, :, 0])
    high = np.minimum(first[:, None, 1], second[None, :, 1])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    volumes = [(boxes[:, 1] - boxes[:, 0]).prod(axis=1) for boxes in (first, second)]
    return shared / (volumes[0][:, None] + volumes[1][None, :] - shared)


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


def box_corners(box: Floats) -> Floats:
    """(8, 3); corner k has the upper end along axis a where bit a of k is set."""
    upper = (np.arange(8)[:, None] >> np.arange(3)) & 1
    return np.where(upper == 1, box[1], box[0])
