"""Images of any size as the networks take them: square, planar, with cameras to suit."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from benchmark.detectors.interface import Observation
from model.scenes import Views


def resize_images(images: NDArray[np.uint8], size: int) -> Tensor:
    """(V, H, W, 3) to (V, 3, size, size) uint8, antialiased; W and H may differ."""
    planar = torch.from_numpy(images).permute(0, 3, 1, 2)
    if planar.shape[-2:] == (size, size):
        return planar.contiguous()
    large = interpolate(planar.float(), size=(size, size), mode="bilinear", antialias=True)
    return large.round().clamp(0, 255).to(torch.uint8)


def resize_intrinsics(matrix: NDArray[np.float64], height: int, width: int, size: int) -> Tensor:
    """(..., 3, 3) of an H x W image for the same image at size x size."""
    scale = np.array([size / width, size / height, 1.0])
    return torch.from_numpy(scale[:, None] * matrix).float()


def observed_views(scene: Observation, size: int) -> Views:
    """All views of one scene at size x size, on the CPU."""
    height, width = scene.rgb.shape[1:3]
    matrix = resize_intrinsics(scene.intrinsics, height, width, size)
    poses = torch.from_numpy(scene.world_to_camera).float()
    images = resize_images(scene.rgb, size)[None].float() / 255
    return Views(images, matrix.expand(len(poses), 3, 3)[None], poses[None])


def observed_silhouettes(scene: Observation, size: int) -> Tensor | None:
    """The capture's masks (V, 1, size, size), shares of a pixel in 0..1; None where it has none."""
    if scene.silhouettes is None:
        return None
    masks = torch.from_numpy(scene.silhouettes)[:, None].float() / 255
    return interpolate(masks, size=(size, size), mode="area")
