"""Boxes: round points, their corners, and how far two of them overlap."""

from __future__ import annotations

import numpy as np

from datagen.geometry.shape import Floats

GIVEN_STEP = 0.04  # metres


def world_box(points: Floats) -> Floats:
    """(2, 3) lowest and highest corner of world points (P, 3), metres."""
    return np.stack([points.min(axis=0), points.max(axis=0)])


def oriented_box(vertices: Floats, object_to_world: Floats) -> tuple[Floats, Floats]:
    """The box along the shape's own axes, in the world.

    vertices: (V, 3) of the shape; object_to_world: (4, 4) similarity. Returns box_to_world (4, 4),
    a rigid motion to the box's centre, and the edge lengths (3,), metres.
    """
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    scale = np.cbrt(np.linalg.det(object_to_world[:3, :3]))
    box = np.eye(4)
    box[:3, :3] = object_to_world[:3, :3] / scale
    box[:3, 3] = object_to_world[:3, :3] @ ((low + high) / 2) + object_to_world[:3, 3]
    return box, (high - low) * scale


def box_corners(box: Floats) -> Floats:
    """(8, 3) of a box (2, 3); corner k has the upper end along axis a where bit a of k is set."""
    upper = (np.arange(8)[:, None] >> np.arange(3)) & 1
    return np.where(upper == 1, box[1], box[0])


def rounded_outward(boxes: Floats, step: float) -> Floats:
    """Boxes (..., 2, 3), every face moved out to the next multiple of step, metres."""
    near = 1e-6 * step  # a face that lies on the grid but for rounding errors stays
    low = np.floor((boxes[..., :1, :] + near) / step) * step
    high = np.ceil((boxes[..., 1:, :] - near) / step) * step
    return np.concatenate([low, high], axis=-2)


def given_boxes(true_boxes: Floats) -> Floats:
    """What the protocol true-boxes hands out for (N, 2, 3): rounded outward to a 4 cm grid.

    Exact ones give the answer away: copies of one rigid shape in the same pose are equally high to
    a tenth of a millimetre, and an odd one is not (docs/scoring.md).
    """
    return rounded_outward(true_boxes, GIVEN_STEP)


def pairwise_iou(first: Floats, second: Floats) -> Floats:
    """(P, N) intersection over union of the volumes of boxes (P, 2, 3) and (N, 2, 3)."""
    low = np.maximum(first[:, None, 0], second[None, :, 0])
    high = np.minimum(first[:, None, 1], second[None, :, 1])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    volumes = [(boxes[:, 1] - boxes[:, 0]).prod(axis=1) for boxes in (first, second)]
    union = volumes[0][:, None] + volumes[1][None, :] - shared
    iou: Floats = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return iou
