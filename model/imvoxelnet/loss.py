"""What every voxel is taught: whether it is near an object's middle, of which class, its box."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, one_hot

from model.baseline import NORMAL, ODD
from model.focal import focal_loss
from model.imvoxelnet.head import Dense
from model.overlap import overlaps, volume
from model.scenes import Targets

THINNEST = 1.5  # voxels: an object counts as so thick when voxels in it are sought


@dataclass(frozen=True)
class Assigned:
    """What P voxels of a scene are taught. index (P,): of an object, -1 = none. centreness (P,)."""

    index: Tensor
    centreness: Tensor


def assign(points: Tensor, boxes: Tensor, voxel: Tensor, nearest: int) -> Assigned:
    """Voxels whose middles (P, 3) are in a box (N, 2, 3), the `nearest` to its middle, N >= 0.

    voxel: metres of an edge. A voxel in several boxes is taught the smallest. Centreness is 1 at an
    object's middle and falls to 0 at its faces: the root of the product over the axes of the nearer
    face's distance by the farther one's.
    """
    if not len(boxes):
        return Assigned(points.new_full((len(points),), -1, dtype=torch.long), points[:, 0] * 0)
    middle = boxes.mean(dim=1)
    half = ((boxes[:, 1] - boxes[:, 0]) / 2).clamp(min=THINNEST / 2 * voxel)
    away = (points[:, None] - middle).abs()
    ratio = (half - away).clamp(min=0) / (half + away)
    inside = (away < half).all(dim=-1)
    distance = torch.where(inside, away.norm(dim=-1), torch.inf)
    candidate = torch.zeros_like(inside)
    best = distance.topk(min(nearest, len(points)), dim=0, largest=False).indices
    candidate = candidate.scatter_(0, best, True) & inside
    size = torch.where(candidate, volume(boxes), torch.inf)
    index = torch.where(candidate.any(dim=1), size.argmin(dim=1), -1)
    centreness = ratio.prod(dim=-1).sqrt().gather(1, index.clamp(min=0)[:, None])[:, 0]
    return Assigned(index, torch.where(index >= 0, centreness, 0.0))


def dense_loss(dense: Dense, targets: Targets, voxel: Tensor, nearest: int) -> dict[str, Tensor]:
    """Focal classification, centreness and GIoU, and by "loss" their sum; voxel (B,), metres.

    All are means over the voxels that are taught an object, those of boxes weighted by centreness.
    """
    rows = range(len(dense.points))
    with torch.no_grad():
        found = [
            assign(dense.points[row], targets.boxes[row][targets.present[row]], voxel[row], nearest)
            for row in rows
        ]
    index = torch.stack([one.index for one in found])
    centreness = torch.stack([one.centreness for one in found])
    taught = index >= 0
    label = targets.labels.gather(1, index.clamp(min=0))
    number = torch.where(label > 0.5, ODD, NORMAL)
    wanted = one_hot(number, 2) * taught[..., None]
    boxes = targets.boxes[
        torch.arange(len(index), device=index.device)[:, None], index.clamp(min=0)
    ]
    _, giou = overlaps(dense.boxes[taught], boxes[taught])
    count, weight = taught.sum().clamp(min=1), centreness[taught]
    middle = binary_cross_entropy_with_logits(dense.centreness[taught], weight, reduction="sum")
    terms = {
        "classification": focal_loss(dense.classes, wanted.to(dense.classes)).sum() / count,
        "centreness": middle / count,
        "box": ((1 - giou) * weight).sum() / weight.sum().clamp(min=1e-6),
    }
    return terms | {"loss": torch.stack(list(terms.values())).sum()}
