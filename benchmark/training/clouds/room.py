"""Where the objects can be, as far as the cameras tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from benchmark.training.clouds.cloud import Floats, PosedViews
from model.frame import frame_of
from model.grid import VoxelGrid
from model.scenes import Views

NEAREST = 0.1  # of the farthest depth: in front of it nothing is looked for


@dataclass(frozen=True)
class _OneVoxel:
    """A grid whose only voxel is the room."""

    grid: VoxelGrid = VoxelGrid((1, 1, 1), 1.0)
    fit: Literal["metres", "cameras"] = "cameras"


@dataclass(frozen=True)
class Room:
    """middle (2,): what the cameras look at, on the floor, metres. width: of the images there.

    near, far (V,): depths of each view between which the objects are.
    """

    middle: Floats
    width: float
    near: Floats
    far: Floats


def room_of(views: PosedViews) -> Room:
    """Of all cameras together: as wide as their images are where they look, as near and as far."""
    poses = torch.tensor(views.world_to_camera)[None]
    images = torch.empty(1, len(poses[0]), 3, 1, views.rgb.shape[2])
    frame = frame_of(_OneVoxel(), Views(images, torch.tensor(views.intrinsics)[None], poses))
    width = float(frame.voxel[0])
    middle = frame.origin[0, :2].double().numpy() + width / 2
    depth = views.world_to_camera[:, 2, :2] @ middle + views.world_to_camera[:, 2, 3]
    far = depth + width / 2
    return Room(middle, width, np.maximum(depth - width / 2, NEAREST * far), far)
