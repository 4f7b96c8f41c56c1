"""Where the voxel grid stands in each scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor

from model.grid import VoxelGrid
from model.scenes import Views, camera_centres


class Placing(Protocol):
    """The choices that frame_of goes by: model.config.VolumeConfig's, or others like them."""

    @property
    def grid(self) -> VoxelGrid:
        """Voxels, and their size where it is not fitted."""

    @property
    def fit(self) -> Literal["metres", "cameras"]:
        """How the grid is placed."""


@dataclass(frozen=True)
class Frame:
    """Where the grids of B scenes stand.

    origin (B, 3): lowest corner in the world, metres. voxel (B,): edge length, metres. shape:
    voxels along x, y, z. The centre of voxel i lies at origin + (i + .5) voxel.
    """

    origin: Tensor
    voxel: Tensor
    shape: tuple[int, int, int]

    def size(self) -> Tensor:
        """(B, 3) metres along x, y, z."""
        return self.voxel[:, None] * self.voxel.new_tensor(self.shape)

    def normalised(self, points: Tensor) -> Tensor:
        """World points (B, ..., 3) in -1..1 along x, y, z, as grid_sample wants them."""
        ones = (1,) * (points.dim() - 2)
        origin = self.origin.view(-1, *ones, 3)
        return (points - origin) / self.size().view(-1, *ones, 3) * 2 - 1


def frame_of(config: Placing, views: Views) -> Frame:
    """Where the grid stands for these cameras.

    "metres" (the paper): above the world's origin, its floor on z = 0, voxels as configured. The
    paper gives no vertical origin; centred on 0, half of the voxels would lie under the floor.

    "cameras": the paper's 4 cm leave objects few voxels, so the small presets spend all of theirs
    on what is looked at. The middle is the point nearest to all optical axes, the width that of
    the images there (mean over the cameras). Labels play no part, so this works at test time;
    world units do not either.
    """
    shape = config.grid.shape
    if config.fit == "metres":
        count = len(views.images)
        voxel = views.world_to_camera.new_full((count,), config.grid.voxel).float()
        middle = torch.zeros_like(voxel)[:, None].expand(-1, 2)
    else:
        middle, width = _seen(views)
        voxel = width / max(shape[0], shape[1])
    half = voxel[:, None] * voxel.new_tensor(shape[:2]) / 2
    return Frame(torch.cat([middle - half, torch.zeros_like(half[:, :1])], dim=1), voxel, shape)


def _seen(views: Views) -> tuple[Tensor, Tensor]:
    """Middle (B, 2) of what the cameras look at and the images' width there (B,), metres."""
    poses = views.world_to_camera.double()
    centres, axes = camera_centres(poses), poses[..., 2, :3]
    across = torch.eye(3).to(axes) - axes[..., :, None] * axes[..., None, :]
    # One camera leaves its axis free; this small pull to the floor picks the point where it lands.
    pull = torch.diag(axes.new_tensor([0.0, 0.0, 1e-3]))
    normal = across.sum(1) + pull
    point = torch.linalg.solve(normal, torch.einsum("bvij,bvj->bi", across, centres))
    distance = (centres - point[:, None]).norm(dim=-1)
    focal, pixels = views.intrinsics[..., 0, 0].double(), views.images.shape[-1]
    return point[:, :2].float(), (distance / focal * pixels).mean(1).float()
