"""Depth from photographs alone: planes in front of a view, and how alike the others are there.

Every view is swept with planes of one depth each. The other views are laid onto a plane; where it
meets what a pixel shows, they look as it does round the pixel (normalised cross-correlation of
windows). What another view does not confirm is left out.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d, grid_sample

from benchmark.training.clouds.cloud import PosedViews
from benchmark.training.clouds.room import Room
from model.dgcnn.config import ReconstructionConfig
from model.scenes import camera_centres

AT_ONCE = 8  # planes
LEAST_CONTRAST = 1e-4  # variance within a window, of grey values 0 to 1


def sweep(
    views: PosedViews, room: Room, config: ReconstructionConfig, device: torch.device
) -> NDArray[np.float32]:
    """(V, H, W) metres along each camera's z axis, 0 where no depth is sure.

    Deterministic on one machine; a single view has no depth.
    """
    grey = torch.from_numpy(views.rgb).to(device).float().mean(dim=-1)[:, None] / 255
    matrix = torch.tensor(views.intrinsics, device=device)
    poses = torch.tensor(views.world_to_camera, device=device)
    images = normalised(grey, config.window)
    size = matrix.new_tensor([grey.shape[-1], grey.shape[-2]])
    sources = nearest_views(views.world_to_camera, config.sources)
    found = []
    for view, others in enumerate(sources):
        steps = [_between(matrix, poses, view, other, size).float() for other in others]
        between = torch.stack(steps) if steps else images.new_zeros(0, 3, 4)
        planes = torch.linspace(1 / room.far[view], 1 / room.near[view], config.planes)
        planes = planes.to(device)
        found.append(_depth(images[view : view + 1], images[others], between, planes, config))
    kept = consistent(torch.stack(found), matrix.float(), poses.float(), sources, config)
    return kept.cpu().numpy()


def nearest_views(world_to_camera: NDArray[np.float64], count: int) -> list[list[int]]:
    """Of each view the numbers of so many others that look from the nearest directions."""
    poses = torch.tensor(world_to_camera)
    axes = poses[:, 2, :3]
    centres = camera_centres(poses)
    apart = torch.arccos((axes @ axes.T).clamp(-1, 1)) + 1e-6 * torch.cdist(centres, centres)
    apart.fill_diagonal_(torch.inf)
    return torch.argsort(apart, dim=1, stable=True)[:, : min(count, len(poses) - 1)].tolist()


def _depth(
    own: Tensor, others: Tensor, between: Tensor, planes: Tensor, config: ReconstructionConfig
) -> Tensor:
    """(H, W) of one view: the plane of the highest correlation, between its neighbours' too.

    own (1, 1, H, W) and others (S, 1, H, W), normalised. between (S, 3, 4): from own pixels times
    depth to the others' in -1..1. planes (D,): inverse depths, evenly spaced.
    """
    if not len(others):
        return torch.zeros_like(own[0, 0])
    rays = _pixels(*own.shape[-2:]).to(own)
    rotated = torch.einsum("sij,hwj->sihw", between[..., :3], rays)
    parts = planes.split(AT_ONCE)
    agreement = torch.cat(
        [_agreement(own, others, rotated, between[..., 3], part, config.window) for part in parts]
    )
    best = agreement.argmax(dim=0).clamp(1, len(planes) - 2)
    below, at, above = (agreement.gather(0, (best + step)[None])[0] for step in (-1, 0, 1))
    bend = (below - 2 * at + above).clamp(max=-1e-6)
    shift = ((below - above) / (2 * bend)).clamp(-1, 1)
    depth = 1 / (planes[best] + shift * (planes[1] - planes[0]))
    return torch.where(at >= config.least, depth, 0.0)


def _agreement(
    own: Tensor, others: Tensor, rotated: Tensor, moved: Tensor, inverse: Tensor, window: int
) -> Tensor:
    """(D, H, W) correlation on planes of these inverse depths (D,), of the better half of views.

    Half, since what one view shows another one often hides. A view that does not show a place has
    a correlation of 0 there.
    """
    found = []
    for image, turned, shift in zip(others, rotated, moved, strict=True):
        x, y, z = (turned[axis] + inverse[:, None, None] * shift[axis] for axis in range(3))
        per = 1 / z.clamp(min=1e-6)
        where = torch.stack([x * per, y * per], dim=-1)
        laid = grid_sample(image.expand(len(where), -1, -1, -1), where, align_corners=False)
        found.append(_window_mean(own * laid, window)[:, 0])
    best = torch.stack(found).topk((len(found) + 1) // 2, dim=0).values
    return best.mean(dim=0)


def _between(matrix: Tensor, poses: Tensor, view: int, other: int, size: Tensor) -> Tensor:
    """(3, 4) from homogeneous pixels of a view, times depth, to those of another in -1..1.

    size (2,): pixels along x and y.
    """
    motion = poses[other] @ torch.linalg.inv(poses[view])
    scale = torch.diag(torch.cat([2 / size, size.new_ones(1)]))
    scale[:2, 2] = -1
    to = scale @ matrix[other]
    back = torch.linalg.inv(matrix[view])
    return torch.cat([to @ motion[:3, :3] @ back, to @ motion[:3, 3:4]], dim=1)


def normalised(images: Tensor, window: int) -> Tensor:
    """(V, 1, H, W) less the mean round every pixel, by the deviation there; 0 where all is one.

    So the mean of two of them, multiplied, over a window is about their correlation.
    """
    mean = _window_mean(images, window)
    variance = (_window_mean(images * images, window) - mean * mean).clamp(min=0)
    return (images - mean) / (variance + LEAST_CONTRAST).sqrt()


def _pixels(height: int, width: int) -> Tensor:
    """(H, W, 3) middles of pixels, homogeneous."""
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    return torch.stack([x, y, torch.ones_like(x)], dim=-1)


def _window_mean(images: Tensor, window: int) -> Tensor:
    """Over window x window pixels of (D, 1, H, W), fewer at the edges."""
    half = window // 2
    across = avg_pool2d(images, (1, window), 1, (0, half), count_include_pad=False)
    return avg_pool2d(across, (window, 1), 1, (half, 0), count_include_pad=False)


def consistent(
    depth: Tensor,
    matrix: Tensor,
    poses: Tensor,
    sources: list[list[int]],
    config: ReconstructionConfig,
) -> Tensor:
    """The depths (V, H, W) that enough of the views' sources confirm, 0 elsewhere.

    A source confirms a point that it has at the same depth, within the tolerance; with fewer
    sources than `agreeing`, all of them must.
    """
    height, width = depth.shape[1:]
    kept = []
    for view, others in enumerate(sources):
        rays = _pixels(height, width).to(depth) @ torch.linalg.inv(matrix[view]).T
        local = rays * depth[view][..., None]
        votes = torch.zeros_like(depth[view])
        for other in others:
            between = poses[other] @ torch.linalg.inv(poses[view])
            seen = local @ between[:3, :3].T + between[:3, 3]
            pixel = seen @ matrix[other].T
            where = (pixel[..., :2] / pixel[..., 2:].clamp(min=1e-9)).floor().long()
            column, row = where[..., 0], where[..., 1]
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            told = depth[other][row.clamp(0, height - 1), column.clamp(0, width - 1)]
            alike = (told - seen[..., 2]).abs() <= config.tolerance * seen[..., 2]
            votes += inside & (told > 0) & alike
        enough = (votes >= min(config.agreeing, max(len(others), 1))) & (depth[view] > 0)
        kept.append(torch.where(enough, depth[view], 0.0))
    return torch.stack(kept)
