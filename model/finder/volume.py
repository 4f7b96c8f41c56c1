"""A volume above the ground that tells in how many views a silhouette lies behind each cell."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from model.finder.config import FinderConfig
from model.scenes import camera_centres

NEAREST = 0.05  # metres before a camera
MEASURES = 3  # channels of a slice


@dataclass(frozen=True)
class Region:
    """A square of the ground. middle (2,): world, metres; cells: along a side, of `cell` metres."""

    middle: Tensor
    cells: int
    cell: float

    def to_cells(self, points: Tensor) -> Tensor:
        """World x and y (..., 2), metres, in cells: cell i covers [i, i + 1)."""
        return (points - self.middle) / self.cell + self.cells / 2

    def to_world(self, cells: Tensor) -> Tensor:
        """The inverse of to_cells."""
        return (cells - self.cells / 2) * self.cell + self.middle


def region_of(world_to_camera: Tensor, config: FinderConfig) -> Region:
    """Round the point that cameras (V, 4, 4) look at: the one nearest to all optical axes."""
    poses = world_to_camera.double()
    centres, axes = camera_centres(poses), poses[:, 2, :3]
    across = torch.eye(3).to(axes) - axes[:, :, None] * axes[:, None, :]
    # One camera leaves its axis free; this small pull to the floor picks the point where it lands.
    normal = across.sum(0) + torch.diag(axes.new_tensor([0.0, 0.0, 1e-3]))
    point = torch.linalg.solve(normal, torch.einsum("vij,vj->i", across, centres))
    return Region(point[:2].float(), config.cells, config.cell)


def silhouette_volume(
    silhouettes: Tensor,
    intrinsics: Tensor,
    world_to_camera: Tensor,
    image: int,
    region: Region,
    config: FinderConfig,
) -> Tensor:
    """(3 levels, cells, cells), y then x: least and mean silhouette, share of views that see it.

    silhouettes (V, 1, h, w) in 0..1, of views of `image` x `image` pixels; intrinsics (V, 3, 3) of
    these; world_to_camera (V, 4, 4). The least one is a soft visual hull. What no view sees is 0.
    """
    points = _cells(region, config).to(silhouettes)
    told = measured(silhouettes, intrinsics, world_to_camera, image, points)
    return told.view(MEASURES * len(config.levels), config.cells, config.cells)


def measured(
    silhouettes: Tensor, intrinsics: Tensor, world_to_camera: Tensor, image: int, points: Tensor
) -> Tensor:
    """(3, P) of world points (P, 3), metres: least and mean silhouette, share of views that see it.

    The rest as silhouette_volume has it.
    """
    local = points @ world_to_camera[:, :3, :3].mT + world_to_camera[:, None, :3, 3]
    pixels = local @ intrinsics.mT
    where = pixels[..., :2] / pixels[..., 2:].clamp(min=1e-3) / image * 2 - 1
    found = grid_sample(silhouettes, where[:, None], align_corners=False)[:, 0, 0]
    seen = (where.abs() < 1).all(dim=-1) & (local[..., 2] > NEAREST)
    count = seen.sum(dim=0)
    least = torch.where(seen, found, 1.0).amin(dim=0) * (count > 0)
    mean = (found * seen).sum(dim=0) / count.clamp(min=1)
    return torch.stack([least, mean, count / len(seen)])


def _cells(region: Region, config: FinderConfig) -> Tensor:
    """(levels cells cells, 3) centres, world, metres; z slowest, x fastest."""
    along = region.to_world(torch.arange(config.cells)[:, None] + 0.5)
    height = torch.tensor(config.levels)
    z, y, x = torch.meshgrid(height, along[:, 1], along[:, 0], indexing="ij")
    return torch.stack([x, y, z], dim=-1).view(-1, 3)
