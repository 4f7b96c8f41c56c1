"""Where an object looks odd: what its cells say, put back into the views."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import grid_sample, interpolate

from model.judge.cells import Cells
from model.judge.cutouts import INSIDE, Squares


def heat_maps(
    cells: Cells, where: Squares, shown: Tensor, silhouettes: Tensor, size: int, side: int
) -> Tensor:
    """(N, V, size, size) of what cells say, shown (P,) in 0..1; 0 off the objects.

    silhouettes (V, 1, h, w): 0..1. side: cells along a cut-out. Between cells the values blend;
    where an object has no cell near, the silhouette shows another one.
    """
    grid = shown.new_zeros(cells.objects, cells.views, 2, side, side)
    row, column = cells.at // side, cells.at % side
    grid[cells.owner, cells.view, 0, row, column] = shown
    grid[cells.owner, cells.view, 1, row, column] = 1.0
    outline = interpolate(silhouettes, size=(size, size), mode="bilinear", align_corners=False)
    steps = (torch.arange(size, device=shown.device) + 0.5) / size
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    pixels = torch.stack([x, y], dim=-1)
    heat = shown.new_zeros(cells.objects, cells.views, size, size)
    for number in range(cells.objects):
        middle, length = where.values[number, :, None, None, :2], where.values[number, :, 2]
        at = (pixels - middle) / length[:, None, None, None] * 2
        found = grid_sample(grid[number], at, align_corners=False)
        value, known = found.unbind(dim=1)
        told = known > 0
        heat[number] = torch.where(told, value / known.clamp(min=1e-6), 0.0)
    return heat * (outline[:, 0] > INSIDE)
