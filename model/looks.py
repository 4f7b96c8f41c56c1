"""What a pretrained encoder sees at the voxels of objects, past the volume (not in the paper).

The volume learns from a few hundred scenes what the pretrained maps know already: how to tell
surfaces apart. Read at the same voxels as z_n they join it (config: MatchingConfig.looks).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import grid_sample, normalize

from model.backprojection import project
from model.roi import cell_centres
from model.scenes import Views


def read_looks(
    maps: tuple[Tensor, ...], views: Views, boxes: Tensor, solid: Tensor, cells: int
) -> Tensor:
    """Maps (B, V, c, h, w) of several sizes at the cells of boxes (B, N, 2, 3), (B, N, C, r, r, r).

    Boxes in the world, metres; cells: r. solid (B, N, 1, r, r, r) bool. Every map has length 1
    everywhere, so that all count alike. Mean over the views that have a cell on the nearer half of
    its object's solid cells; over all views where none has. Projection is done in float32.
    """
    batch, count = boxes.shape[:2]
    with torch.autocast(boxes.device.type, enabled=False):
        pixels, depth = project(cell_centres(boxes, cells).flatten(1, 2), views)
    size = pixels.new_tensor([views.images.shape[-1], views.images.shape[-2]])
    where = (pixels / size * 2 - 1).flatten(0, 1)[:, :, None]
    levels = [
        grid_sample(
            normalize(level.flatten(0, 1), dim=1),
            where.to(level.dtype),
            align_corners=False,
            padding_mode="border",
        )[..., 0]
        for level in maps
    ]
    read = torch.unflatten(torch.cat(levels, dim=1), 0, (batch, -1))
    depth = torch.unflatten(depth, 2, (count, -1))
    weight = _nearer(depth, solid.flatten(2)).flatten(2)[:, :, None]
    mean = (read * weight).sum(dim=1) / weight.sum(dim=1)
    return torch.unflatten(mean, 2, (count, cells, cells, cells)).transpose(1, 2)


def _nearer(depth: Tensor, solid: Tensor) -> Tensor:
    """Depths (B, V, N, T), solid (B, N, T) bool, to weights 0 or 1, in some view 1 for all."""
    middle = torch.where(solid[:, None], depth, torch.nan).nanmedian(dim=-1, keepdim=True).values
    nearer = depth <= middle
    return (nearer | ~nearer.any(dim=1, keepdim=True)).to(depth.dtype)
