"""Image features into the voxel grid (Sec. 3.2, Eq. 2)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from model.frame import Frame
from model.scenes import Views


def voxel_centres(frame: Frame) -> Tensor:
    """(B, Z, Y, X, 3) the middles of the frame's voxels, world, metres."""
    axes = [torch.arange(count, device=frame.voxel.device) + 0.5 for count in frame.shape]
    x, y, z = torch.meshgrid(*axes, indexing="ij")
    index = torch.stack([x, y, z], dim=-1).permute(2, 1, 0, 3)
    return frame.origin[:, None, None, None] + index * frame.voxel[:, None, None, None, None]


def project(points: Tensor, views: Views) -> tuple[Tensor, Tensor]:
    """World points (B, P, 3), metres, to pixels (B, V, P, 2) and depths (B, V, P), metres.

    Depth is along the camera's z axis; of points behind a camera the pixels mean nothing.
    """
    rotation, shift = views.world_to_camera[..., :3, :3], views.world_to_camera[..., :3, 3]
    local = torch.einsum("bvij,bpj->bvpi", rotation, points) + shift[:, :, None]
    pixels = torch.einsum("bvij,bvpj->bvpi", views.intrinsics, local)
    depth = pixels[..., 2]
    return pixels[..., :2] / depth.clamp(min=1e-6)[..., None], depth


def back_project(features: Tensor, views: Views, frame: Frame) -> Tensor:
    """Features (B, V, d, h, w) to a volume (B, d, Z, Y, X): the mean over the views that see it.

    As read_views has it, at the middles of the voxels.
    """
    read = read_views(features, views, voxel_centres(frame).flatten(1, 3))
    return read.view(*read.shape[:2], *reversed(frame.shape))


def read_views(features: Tensor, views: Views, points: Tensor) -> Tensor:
    """Features (B, V, d, h, w) at world points (B, P, 3), metres: (B, d, P), mean over the views.

    A view sees a point that lies before its camera and inside its image; nothing else hides one
    from a view. Points that no view sees are 0. Projection is done in float32.
    """
    batch, count, channels = features.shape[:3]
    height, width = views.images.shape[-2:]
    with torch.autocast(features.device.type, enabled=False):
        pixels, depth = project(points, views)
        where = pixels / pixels.new_tensor([width, height]) * 2 - 1
        seen = (depth > 0) & (where.abs() <= 1).all(-1)
    sampled = grid_sample(
        features.flatten(0, 1),
        where.flatten(0, 1)[:, :, None].to(features.dtype),
        align_corners=False,
        padding_mode="border",
    ).view(batch, count, channels, -1)
    weight = seen[:, :, None].to(sampled.dtype)
    return (sampled * weight).sum(1) / weight.sum(1).clamp(min=1)
