"""World boxes of objects from what the views show of them.

The published `bbox` is the mesh's origin and its unrotated extents, which is no world box unless
the object happens to lie so. The views' pixels with their depth are points of its surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datagen.geometry.boxes import pairwise_iou, world_box
from datagen.geometry.cameras import unproject

Floats = NDArray[np.float64]

REACH = 0.0015  # metres that a point may lie outside a box that is right
FILLED = 0.5  # least share of a right box that the seen points span
UNSEEN = 0.01  # metres by which an object may be larger than what is seen of it


@dataclass(frozen=True)
class Boxes:
    """The boxes of one object, metres.

    aabb: (2, 3) in the world; box_to_world: (4, 4) rigid; size: (3,); origin: `published` or
    `measured`.
    """

    aabb: Floats
    box_to_world: Floats
    size: Floats
    origin: str


def seen_points(
    depth: NDArray[np.float32], mask: NDArray[np.bool_], intrinsics: Floats, poses: Floats
) -> Floats:
    """(P, 3) world points, metres, of the pixels of an object.

    depth: (V, H, W) planar, metres; mask: (V, H, W) bool; intrinsics: (3, 3); poses: (V, 4, 4)
    world_to_camera, OpenCV axes.
    """
    found = []
    for view, pose in enumerate(poses):
        rows, columns = np.nonzero(mask[view])
        pixels = np.column_stack([columns, rows]) + 0.5
        metres = depth[view][rows, columns].astype(np.float64)
        found.append(unproject(pixels, metres, pose, intrinsics))
    return np.concatenate(found)


def object_boxes(points: Floats, rotation_matrix: Floats, bbox: Floats) -> Boxes:
    """The boxes of an object that stands on the floor z = 0.

    points: (P, 3) seen of it, world, metres; rotation_matrix: (4, 4) mesh to world; bbox: (2, 3)
    centre and extents as published. They are taken for the world box where they agree with the
    points, else the points decide.
    """
    axes = rotation_matrix[:3, :3] / np.linalg.norm(rotation_matrix[:3, :3], axis=0)
    if not len(points):
        return _unseen(axes, bbox)
    box_to_world, size = _oriented(points, axes, bbox[1])
    given = np.stack([bbox[0] - bbox[1] / 2, bbox[0] + bbox[1] / 2])
    seen = _on_floor(world_box(points))
    if _is_world_box(given, seen):
        return Boxes(given, box_to_world, size, "published")
    return Boxes(seen, box_to_world, size, "measured")


def box_iou(first: Floats, other: Floats) -> float:
    """Intersection over union of two boxes (2, 3); 0 where both are flat."""
    return float(pairwise_iou(first[None], other[None])[0, 0])


def _is_world_box(given: Floats, seen: Floats) -> bool:
    holds = (given[0] <= seen[0] + REACH).all() and (given[1] >= seen[1] - REACH).all()
    return bool(holds) and abs(given[0, 2]) <= UNSEEN and box_iou(given, seen) >= FILLED


def _on_floor(box: Floats) -> Floats:
    """Down to z = 0: the underside is seen from nowhere."""
    low = np.array([box[0, 0], box[0, 1], min(box[0, 2], 0.0)])
    return np.stack([low, box[1]])


def _oriented(points: Floats, axes: Floats, extents: Floats) -> tuple[Floats, Floats]:
    """The box along the mesh's own axes (columns), with the published extents where they fit."""
    local = points @ axes
    low, high = local.min(axis=0), local.max(axis=0)
    upright = np.abs(axes[2]) > 1 - 1e-6
    for axis in np.flatnonzero(upright):
        if axes[2, axis] > 0:
            low[axis] = min(low[axis], 0.0)
        else:
            high[axis] = max(high[axis], 0.0)
    more = extents - (high - low)
    more = np.where((more > 0) & (more <= UNSEEN) & ~upright, more, 0.0)
    box = np.eye(4)
    box[:3, :3] = axes
    box[:3, 3] = axes @ ((low + high) / 2)
    return box, high - low + more


def _unseen(axes: Floats, bbox: Floats) -> Boxes:
    box = np.eye(4)
    box[:3, :3], box[:3, 3] = axes, bbox[0]
    return Boxes(
        np.stack([bbox[0] - bbox[1] / 2, bbox[0] + bbox[1] / 2]), box, bbox[1], "published"
    )
