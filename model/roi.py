"""Object volumes z_n by RoI pooling (Sec. 3.3)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from model.frame import Frame


def pool(volume: Tensor, boxes: Tensor, frame: Frame, cells: int) -> Tensor:
    """Volume (B, d, Z, Y, X) within boxes (B, N, 2, 3) to (B, N, d, cells, cells, cells).

    Boxes in the world, metres. The volume is read trilinearly at the middle of each cell (RoI
    align rather than RoI pooling's whole voxels: objects are 3 to 10 voxels wide, so rounding
    would move a box by a good part of its size). The result's axes are z, y, x. Outside the grid
    the features are 0.
    """
    batch, count = boxes.shape[:2]
    points = torch.unflatten(cell_centres(boxes, cells), 2, (cells, cells, cells))
    where = frame.normalised(points).flatten(1, 3)[:, :, :, None].to(volume.dtype)
    read = grid_sample(volume, where, align_corners=False)
    return read.reshape(batch, -1, count, cells, cells, cells).transpose(1, 2)


def cell_centres(boxes: Tensor, cells: int) -> Tensor:
    """Boxes (B, N, 2, 3) to the middles of their cells (B, N, cells^3, 3), world, metres.

    In the order z, y, x.
    """
    share = (torch.arange(cells, device=boxes.device) + 0.5) / cells
    z, y, x = torch.meshgrid(share, share, share, indexing="ij")
    inside = torch.stack([x, y, z], dim=-1).flatten(0, 2)
    low, high = boxes[:, :, None, 0], boxes[:, :, None, 1]
    return low + inside * (high - low)
