"""How far boxes overlap, with gradients: IoU and GIoU in 3D; and boxes that say the same twice."""

from __future__ import annotations

import torch
from torch import Tensor


def volume(boxes: Tensor) -> Tensor:
    """(...,) of boxes (..., 2, 3); 0 of one that is inside out."""
    return (boxes[..., 1, :] - boxes[..., 0, :]).clamp(min=0).prod(dim=-1)


def overlaps(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """IoU in 0..1 and GIoU in -1..1 (Rezatofighi et al.) of boxes (..., 2, 3) that broadcast.

    GIoU is IoU less the share of the smallest box round both that is in neither: it has a gradient
    where boxes lie apart, too.
    """
    low, high = first[..., 0, :], first[..., 1, :]
    other_low, other_high = second[..., 0, :], second[..., 1, :]
    shared = volume(
        torch.stack([torch.maximum(low, other_low), torch.minimum(high, other_high)], dim=-2)
    )
    around = volume(
        torch.stack([torch.minimum(low, other_low), torch.maximum(high, other_high)], dim=-2)
    )
    union = volume(first) + volume(second) - shared
    tiny = torch.finfo(union.dtype).tiny
    iou = shared / union.clamp(min=tiny)
    return iou, iou - (around - union) / around.clamp(min=tiny)


def suppress(boxes: Tensor, scores: Tensor, most: float) -> Tensor:
    """Numbers of the boxes (K, 2, 3) that stay, best first (non-maximum suppression).

    One goes where its IoU with a better one that stays is over `most`; scores (K,).
    """
    order = scores.argsort(descending=True, stable=True)
    iou, _ = overlaps(boxes[order, None], boxes[None, order])
    stays = torch.ones(len(order), dtype=torch.bool, device=boxes.device)
    for place in range(len(order)):
        if stays[place]:
            stays[place + 1 :] &= iou[place, place + 1 :] <= most
    return order[stays]
