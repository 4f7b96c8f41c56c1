"""A scene's cloud from its views, by the back end that is chosen."""

from __future__ import annotations

import numpy as np
import torch

from benchmark.detectors.model_views import resize_images
from benchmark.training.clouds.cloud import Cloud, PosedViews
from benchmark.training.clouds.colmap import colmap_cloud
from benchmark.training.clouds.fuse import objects_only, unprojected
from benchmark.training.clouds.plane_sweep import sweep
from benchmark.training.clouds.room import Room, room_of
from datagen.errors import OddgenError
from model.dgcnn.config import ReconstructionConfig

ORACLE = "depth"  # the back end that is told what a detector cannot know


def reconstruct(views: PosedViews, config: ReconstructionConfig, device: torch.device) -> Cloud:
    """The objects' cloud: without the floor, thinned, without strays.

    Raises OddgenError where the back end needs what is not there: the labels' depth, COLMAP.
    """
    room = room_of(views)
    return objects_only(_dense(views, room, config, device), room, config)


def _dense(
    views: PosedViews, room: Room, config: ReconstructionConfig, device: torch.device
) -> Cloud:
    if config.back_end == "colmap":
        return colmap_cloud(views, room)
    if config.back_end == "plane-sweep":
        small = resized(views, config.image)
        return unprojected(sweep(small, room, config, device), small)
    if views.depth is None:
        raise OddgenError(
            "--reconstruction depth: is an oracle that takes the labels' depth, and there is none; "
            "train with --reconstruction plane-sweep."
        )
    return unprojected(views.depth, views)


def resized(views: PosedViews, size: int) -> PosedViews:
    """The views at size x size pixels, without the labels' depth."""
    height, width = views.rgb.shape[1:3]
    scale = np.array([size / width, size / height, 1.0])
    small = resize_images(views.rgb, size).permute(0, 2, 3, 1).contiguous().numpy()
    return PosedViews(small, scale[:, None] * views.intrinsics, views.world_to_camera)
