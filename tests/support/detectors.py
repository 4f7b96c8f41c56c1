"""Cameras, a coloured box and a detector small enough to test in a moment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from datagen.geometry.cameras import draw_ring, intrinsics, place
from model.config import (
    NANO,
    BoxConfig,
    DetectorConfig,
    DistillationConfig,
    EncoderConfig,
    MatchingConfig,
    RenderingConfig,
    VolumeConfig,
)
from model.frame import Frame
from model.grid import VoxelGrid
from model.scenes import Targets, Views

TINY = replace(
    NANO,
    name="tiny",
    image=32,
    views=1,
    roi=4,
    encoder=EncoderConfig("convolutional", width=8),
    volume=VolumeConfig(VoxelGrid((16, 16, 8), 0.07), "cameras", (8, 8, 8, 8), (1, 1, 1, 1)),
    rendering=RenderingConfig(samples=16, rays=64, object_share=0.5),
    distillation=DistillationConfig(channels=8, size=8, width=8),
    boxes=BoxConfig(threshold=0.2, reach=1.75, neighbours=5, refine=1),
    matching=MatchingConfig("sparse", blocks=2, heads=2, k=5, tokens=8),
    training=replace(NANO.training, pretraining_epochs=2, epochs=2, batch=2),
)

BOXES = torch.tensor(
    [
        [[-0.30, -0.30, 0.0], [-0.10, -0.12, 0.20]],
        [[0.10, 0.08, 0.0], [0.30, 0.30, 0.16]],
        [[-0.28, 0.10, 0.0], [-0.08, 0.32, 0.24]],
    ]
)


def cameras(views: int, size: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The generator's intrinsics (3, 3) and world_to_camera (views, 4, 4) of a small scene."""
    corners = np.array(
        [[x, y, z] for x in (-0.35, 0.35) for y in (-0.35, 0.35) for z in (0.0, 0.25)]
    )
    poses = place(draw_ring(np.random.default_rng(seed), views), corners, size)
    return intrinsics(size), poses


def some_views(scenes: int, views: int, size: int, seed: int = 0) -> Views:
    matrix, poses = cameras(views, size, seed)
    images = torch.rand(
        (scenes, views, 3, size, size), generator=torch.Generator().manual_seed(seed)
    )
    return Views(
        images,
        torch.from_numpy(matrix).float().expand(scenes, views, 3, 3),
        torch.from_numpy(poses).float().expand(scenes, views, 4, 4),
    )


def some_targets(scenes: int, views: int, config: DetectorConfig, seed: int = 1) -> Targets:
    generator = torch.Generator().manual_seed(seed)
    size, taught = config.image, config.distillation
    features = taught and torch.randn(
        (scenes, views, taught.channels, taught.size, taught.size), generator=generator
    )
    return Targets(
        torch.rand((scenes, views, size, size), generator=generator) > 0.7,
        features,
        BOXES.expand(scenes, *BOXES.shape),
        torch.tensor([1.0, 0.0, 0.0]).expand(scenes, 3),
        torch.ones((scenes, 3), dtype=torch.bool),
    )


def world_frame(shape: tuple[int, int, int], voxel: float) -> Frame:
    """A grid on the floor with its middle at the world's origin, for one scene."""
    origin = torch.tensor([[-shape[0] * voxel / 2, -shape[1] * voxel / 2, 0.0]])
    return Frame(origin, torch.tensor([voxel]), shape)
