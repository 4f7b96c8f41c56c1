"""Camera rays of pixels, and where they cross the voxel grid (Sec. 3.2)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from model.frame import Frame
from model.scenes import Views, camera_centres


@dataclass(frozen=True)
class Rays:
    """R rays of each scene. origin, direction (B, R, 3): world, metres, unit length.

    near, far (B, R): metres along the ray where it enters and leaves the grid; equal if it
    misses.
    """

    origin: Tensor
    direction: Tensor
    near: Tensor
    far: Tensor


def cast(views: Views, frame: Frame, view: Tensor, pixels: Tensor) -> Rays:
    """Rays through pixels (B, R, 2), x and y in pixels, of the views numbered (B, R).

    near and far are those of the frame's grid.
    """
    origin, direction = lines_of_sight(views, view, pixels)
    low = frame.origin[:, None]
    return Rays(origin, direction, *crossing(origin, direction, low, low + frame.size()[:, None]))


def lines_of_sight(views: Views, view: Tensor, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Origins, metres, and unit directions (B, R, 3) of such rays, world."""
    scene = torch.arange(len(view), device=view.device)[:, None]
    pose, matrix = views.world_to_camera[scene, view], views.intrinsics[scene, view]
    local = torch.cat([pixels, torch.ones_like(pixels[..., :1])], dim=-1)
    local = torch.linalg.solve(matrix, local[..., None])[..., 0]
    direction = torch.einsum("brji,brj->bri", pose[..., :3, :3], local)
    return camera_centres(pose), direction / direction.norm(dim=-1, keepdim=True)


def crossing(origin: Tensor, direction: Tensor, low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    """Entry and exit (...) of boxes from low to high (..., 3), metres along rays, both 0 or more.

    origin, direction (..., 3): world, metres, unit length. Equal where a ray misses its box.
    """
    safe = torch.where(direction.abs() < 1e-9, torch.full_like(direction, 1e-9), direction)
    first, second = (low - origin) / safe, (high - origin) / safe
    near = torch.minimum(first, second).amax(-1).clamp(min=0)
    far = torch.maximum(first, second).amin(-1)
    return near, torch.maximum(near, far)


def first_met(views: Views, view: Tensor, pixels: Tensor, boxes: Tensor) -> tuple[Tensor, Rays]:
    """Number of the box (B, N, 2, 3) that each ray meets first, or -1: (B, R); its ray within that.

    view, pixels: as in cast. near and far are both 0 where none is met.
    """
    origin, direction = lines_of_sight(views, view, pixels)
    low, high = boxes[:, None].unbind(dim=3)
    near, far = crossing(origin[:, :, None], direction[:, :, None], low, high)
    first, owner = torch.where(near < far, near, torch.inf).min(dim=-1)
    met = first.isfinite()
    leaves = far.gather(-1, owner[..., None])[..., 0]
    begins = torch.where(met, first, 0.0)
    within = Rays(origin, direction, begins, torch.where(met, leaves, begins))
    return torch.where(met, owner, -1), within


def owners(views: Views, size: tuple[int, int], boxes: Tensor) -> tuple[Tensor, Rays]:
    """As first_met, for the V h w cells that the images of the views are divided into."""
    batch, count = views.images.shape[:2]
    (height, width), device = size, boxes.device
    step = boxes.new_tensor([views.images.shape[-1] / width, views.images.shape[-2] / height])
    y, x = torch.meshgrid(
        torch.arange(height, device=device), torch.arange(width, device=device), indexing="ij"
    )
    pixels = (torch.stack([x, y], dim=-1).flatten(0, 1) + 0.5) * step
    pixels = pixels.repeat(count, 1).expand(batch, -1, 2)
    view = torch.arange(count, device=device).repeat_interleave(height * width).expand(batch, -1)
    return first_met(views, view, pixels, boxes)
