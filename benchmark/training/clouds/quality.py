"""How good a reconstruction is, by the labels' depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from benchmark.training.clouds.cloud import Cloud, Floats, PosedViews
from benchmark.training.clouds.cut import cut
from benchmark.training.clouds.fuse import objects_only, unprojected
from benchmark.training.clouds.room import Room
from model.dgcnn.config import ReconstructionConfig

NEAR = 0.01  # metres


@dataclass(frozen=True)
class Quality:
    """Of the points in the objects' boxes, metres, None where there are none.

    accuracy: median distance of a point to the true surface; accurate: share within 1 cm.
    completeness: median distance of the surface to a point; complete: share within 1 cm. without:
    share of objects that have no cloud.
    """

    accuracy: float | None
    accurate: float | None
    completeness: float | None
    complete: float
    without: float


def true_cloud(
    views: PosedViews, instance: NDArray[np.uint8], room: Room, config: ReconstructionConfig
) -> Cloud:
    """What the labels' depth shows of the objects; instance (V, H, W), 0 for the floor."""
    assert views.depth is not None, "the labels have a depth"
    seen = np.where(instance > 0, views.depth, 0).astype(np.float32)
    return objects_only(unprojected(seen, views), room, config)


def quality(cloud: Cloud, true: Cloud, boxes: Floats) -> Quality:
    """Of a cloud beside the true one, within boxes (N, 2, 3); both without the floor."""
    own = [one.points for one in cut(cloud, boxes)]
    points = np.concatenate(own)
    without = float(np.mean([not len(one) for one in own]))
    surface = np.concatenate([one.points for one in cut(true, boxes)])
    if not len(points) or not len(surface):
        return Quality(None, None, None, 0.0, without)
    off, missing = (
        cKDTree(there).query(asked)[0] for there, asked in ((surface, points), (points, surface))
    )
    return Quality(
        float(np.median(off)),
        float((off <= NEAR).mean()),
        float(np.median(missing)),
        float((missing <= NEAR).mean()),
        without,
    )


def mean_quality(found: Sequence[Quality]) -> Quality:
    """The mean over scenes, of medians over those that have them; at least one scene."""

    def mean(key: str) -> float:
        known = [getattr(one, key) for one in found if getattr(one, key) is not None]
        return float(np.mean(known)) if known else np.nan

    def told(key: str) -> float | None:
        value = mean(key)
        return None if np.isnan(value) else value

    return Quality(
        told("accuracy"), told("accurate"), told("completeness"), mean("complete"), mean("without")
    )
