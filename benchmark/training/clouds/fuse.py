"""Depths of all views into one cloud, without the floor and without strays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.training.clouds.cloud import Cloud, PosedViews
from benchmark.training.clouds.room import Room
from datagen.geometry.cameras import unproject
from model.dgcnn.config import ReconstructionConfig

STRAY_AMONG, STRAY_AT = 16, 2.0  # neighbours, and deviations from the mean distance to them
FEWEST = 2 * STRAY_AMONG  # points of which strays can be told


def unprojected(depth: NDArray[np.float32], views: PosedViews) -> Cloud:
    """Every pixel of (V, H, W) that has a depth, metres, as a point with its colour."""
    points, colours = [], []
    for image, known, matrix, pose in zip(
        views.rgb, depth, views.intrinsics, views.world_to_camera, strict=True
    ):
        row, column = np.nonzero(known > 0)
        pixels = np.column_stack([column, row]) + 0.5
        points.append(unproject(pixels, known[row, column].astype(np.float64), pose, matrix))
        colours.append(image[row, column] / 255.0)
    return Cloud(np.concatenate(points), np.concatenate(colours))


def objects_only(cloud: Cloud, room: Room, config: ReconstructionConfig) -> Cloud:
    """What is above the floor (z = 0) and within the room, thinned, without strays.

    Of points within one voxel their mean is kept. A stray is farther from its neighbours than
    others are from theirs, by some deviations.
    """
    import open3d as o3d

    height = cloud.points[:, 2]
    within = (np.abs(cloud.points[:, :2] - room.middle) <= room.width / 2).all(axis=1)
    kept = cloud.at((height > config.floor) & (height < room.width / 2) & within)
    content = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(kept.points))
    content.colors = o3d.utility.Vector3dVector(kept.colours)
    if len(kept.points):
        content = content.voxel_down_sample(config.voxel)
    if len(content.points) >= FEWEST:
        content, _ = content.remove_statistical_outlier(STRAY_AMONG, STRAY_AT)
    return Cloud(np.asarray(content.points), np.asarray(content.colors))
