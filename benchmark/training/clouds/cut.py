"""A scene's cloud into its objects', by boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.training.clouds.cloud import Cloud, Floats

FEWEST = 16  # points of an object that has a cloud
REACH = 95.0  # percentile of distances from the middle that is an object's size


@dataclass(frozen=True)
class ObjectClouds:
    """Of N objects, as the network takes them.

    points (N, P, 6) float32: positions from the middle of their own, in sizes of the scene's
    objects, and colours in -1..1. present (N, P): False for padding.
    """

    points: NDArray[np.float32]
    present: NDArray[np.bool_]

    @property
    def there(self) -> NDArray[np.bool_]:
        """(N,): whether an object has a cloud."""
        return self.present.any(axis=1)


def cut(cloud: Cloud, boxes: Floats) -> list[Cloud]:
    """Of each box (2, 3) of N, metres, what is in it; of several the one it is most inside of.

    An object of fewer than FEWEST points has none.
    """
    middle, half = boxes.mean(axis=1), (boxes[:, 1] - boxes[:, 0]) / 2
    away = (np.abs(cloud.points[:, None] - middle) / half).max(axis=2)
    owner = np.where(away.min(axis=1) <= 1, away.argmin(axis=1), -1)
    counts = np.bincount(owner[owner >= 0], minlength=len(boxes))
    empty = np.zeros(0, dtype=np.int64)
    return [
        cloud.at(np.flatnonzero(owner == number) if count >= FEWEST else empty)
        for number, count in enumerate(counts)
    ]


def object_clouds(clouds: Sequence[Cloud], points: int, rng: np.random.Generator) -> ObjectClouds:
    """At most so many points of each, drawn; all in one unit: the objects' median size.

    One unit for all, so that an object of another size is told from its siblings.
    """
    sizes = [_size(cloud) for cloud in clouds if len(cloud.points)]
    unit = float(np.median(sizes)) if sizes else 1.0
    values = np.zeros((len(clouds), points, 6), np.float32)
    present = np.zeros((len(clouds), points), bool)
    for row, cloud in enumerate(clouds):
        count = min(points, len(cloud.points))
        chosen = rng.permutation(len(cloud.points))[:count]
        if count:
            values[row, :count, :3] = (cloud.points[chosen] - _middle(cloud)) / unit
            values[row, :count, 3:] = cloud.colours[chosen] * 2 - 1
            present[row, :count] = True
    return ObjectClouds(values, present)


def _middle(cloud: Cloud) -> Floats:
    middle: Floats = cloud.points.mean(axis=0)
    return middle


def _size(cloud: Cloud) -> float:
    distance = np.linalg.norm(cloud.points - _middle(cloud), axis=1)
    return max(float(np.percentile(distance, REACH)), 1e-6)
