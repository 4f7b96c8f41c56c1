"""Squares that show one object of a scene in one view, alike in scale, enlarged."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import grid_sample, interpolate

from model.rays import owners
from model.scenes import Views

INSIDE = 0.5  # of a silhouette's probability
FEWEST = 6  # pixels of a silhouette that tell where an object is
ROOM = 1.15  # a square's side over that of what it shows
USUAL = 0.5  # quantile of the sizes of a scene's objects in its views: none is shown larger
NEAREST = 0.05  # metres before a camera


@dataclass(frozen=True)
class Squares:
    """Of N objects in V views: (N, V, 3), x and y of the middle and the side.

    In shares of the image's side, from its upper left corner.
    """

    values: Tensor

    def points(self, cells: int) -> Tensor:
        """Middles of cells x cells cells (N, V, cells, cells, 2), row by row, as shares too."""
        steps = (torch.arange(cells, device=self.values.device) + 0.5) / cells - 0.5
        y, x = torch.meshgrid(steps, steps, indexing="ij")
        grid = torch.stack([x, y], dim=-1)
        middle, side = self.values[..., :2], self.values[..., 2:]
        return middle[:, :, None, None] + grid * side[:, :, None, None]


def squares(views: Views, boxes: Tensor, silhouettes: Tensor) -> Squares:
    """Where the objects in boxes (N, 2, 3), world, metres, are seen in the views of one scene.

    silhouettes (V, 1, h, w): 0..1. A square holds what the silhouette shows of its object, where
    no other box is nearer, and has about the same size in the world as the others of the scene.
    """
    height, width = silhouettes.shape[-2:]
    owner = owners(views, (height, width), boxes[None])[0]
    inside = silhouettes[:, 0].flatten(1) > INSIDE
    owner = torch.where(inside, owner.view(len(silhouettes), -1), -1)
    y, x = torch.meshgrid(
        (torch.arange(height) + 0.5) / height, (torch.arange(width) + 0.5) / width, indexing="ij"
    )
    pixels = torch.stack([x, y], dim=-1).flatten(0, 1).to(boxes)
    mine = (owner == torch.arange(len(boxes), device=boxes.device)[:, None, None])[..., None]
    low = torch.where(mine, pixels, torch.inf).amin(dim=2)
    high = torch.where(mine, pixels, -torch.inf).amax(dim=2)
    box_low, box_high, depth = _projected(views, boxes)
    known = (mine.sum(dim=2) >= FEWEST).expand_as(low)
    low, high = torch.where(known, low, box_low), torch.where(known, high, box_high)
    side = (high - low).amax(dim=-1).clamp(min=2 / height)
    focal = views.intrinsics[0, :, 0, 0] / views.images.shape[-1]
    usual = torch.quantile(side * depth / focal, USUAL)
    side = ROOM * torch.maximum(side, usual * focal / depth)
    return Squares(torch.cat([(low + high) / 2, side[..., None]], dim=-1))


def cut_out(images: Tensor, where: Squares, size: int) -> Tensor:
    """The squares of images (V, c, H, W): (N, V, c, size, size). Beyond an image its edge goes on.

    Several pixels that fall into one are averaged.
    """
    over = int((where.values[..., 2].max() * images.shape[-1] / size).ceil().clamp(1, 4))
    points = where.points(size * over) * 2 - 1
    count = len(points)
    flat = points.transpose(0, 1).reshape(len(images), count * size * over, size * over, 2)
    found = grid_sample(images, flat, padding_mode="border", align_corners=False)
    found = found.view(len(images), -1, count, size * over, size * over).permute(2, 0, 1, 3, 4)
    if over == 1:
        return found.contiguous()
    small = interpolate(found.flatten(0, 1), size=(size, size), mode="area")
    return small.view(count, len(images), -1, size, size)


def _projected(views: Views, boxes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Lowest and highest corner (N, V, 2) of the boxes' images, shares; depth (N, V), metres."""
    low, high = boxes.unbind(dim=1)
    bits = torch.tensor([[i >> 2 & 1, i >> 1 & 1, i & 1] for i in range(8)], device=boxes.device)
    corners = torch.where(bits.bool(), high[:, None], low[:, None])
    pose, matrix = views.world_to_camera[0], views.intrinsics[0]
    local = torch.einsum("vij,nkj->nvki", pose[:, :3, :3], corners) + pose[:, None, :3, 3]
    pixels = torch.einsum("vij,nvkj->nvki", matrix, local)
    shares = pixels[..., :2] / pixels[..., 2:].clamp(min=NEAREST) / views.images.shape[-1]
    depth = local[..., 2].mean(dim=2).clamp(min=NEAREST)
    return shares.amin(dim=2), shares.amax(dim=2), depth
