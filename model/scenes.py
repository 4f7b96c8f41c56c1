"""What the detector sees of B scenes at once, and what it is taught."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class Views:
    """V views of each of B scenes.

    images (B, V, 3, H, W) in 0..1, sRGB. intrinsics (B, V, 3, 3) in pixels, pixel i covers
    [i, i + 1). world_to_camera (B, V, 4, 4), OpenCV axes, metres.
    """

    images: Tensor
    intrinsics: Tensor
    world_to_camera: Tensor

    def select(self, chosen: slice) -> Views:
        """Some of the views."""
        return Views(
            self.images[:, chosen], self.intrinsics[:, chosen], self.world_to_camera[:, chosen]
        )


@dataclass(frozen=True)
class Targets:
    """What only training sees, of the same views.

    masks (B, V, H, W) bool, True on an object. features (B, V, d_f, h_f, w_f) of the teacher, or
    None. boxes (B, N, 2, 3) world, metres. labels (B, N), 1 = anomalous. present (B, N) bool:
    False where a scene has fewer than N objects.
    """

    masks: Tensor
    features: Tensor | None
    boxes: Tensor
    labels: Tensor
    present: Tensor

    def select(self, chosen: slice) -> Targets:
        """What is told of some of the views; boxes and labels are of the whole scene."""
        return replace(
            self,
            masks=self.masks[:, chosen],
            features=None if self.features is None else self.features[:, chosen],
        )


def camera_centres(world_to_camera: Tensor) -> Tensor:
    """(..., 3) world positions of cameras (..., 4, 4), metres."""
    rotation, shift = world_to_camera[..., :3, :3], world_to_camera[..., :3, 3]
    return -torch.einsum("...ji,...j->...i", rotation, shift)
