"""The set loss: every object is given one query, and what the queries say is compared with it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from model.baseline import NORMAL, ODD
from model.detr3d.anchors import in_widths
from model.detr3d.config import SetLossConfig
from model.detr3d.decoder import Said
from model.focal import focal_cost, focal_loss
from model.frame import Frame
from model.overlap import overlaps
from model.scenes import Targets


@dataclass(frozen=True)
class Pairs:
    """M pairs: numbers of the scene, of its query and of its object, (M,) each."""

    scene: Tensor
    query: Tensor
    object: Tensor


def classes_of(labels: Tensor) -> Tensor:
    """Numbers of the classes of labels, 1 = anomalous."""
    return torch.where(labels > 0.5, ODD, NORMAL)


@torch.no_grad()
def match(said: Said, targets: Targets, frame: Frame, config: SetLossConfig) -> Pairs:
    """Queries for all objects, at most one each, at the least cost (Hungarian).

    The cost of a pair: what it adds to the focal loss, the L1 distance of middles and edges, less
    their GIoU, weighted as in the loss. Objects that are more than the queries get none.
    """
    from scipy.optimize import linear_sum_assignment

    wanted = classes_of(targets.labels)[:, None].expand(-1, said.classes.shape[1], -1)
    class_cost = focal_cost(said.classes).gather(2, wanted)
    distance = torch.cdist(in_widths(said.boxes, frame), in_widths(targets.boxes, frame), p=1.0)
    _, giou = overlaps(said.boxes[:, :, None], targets.boxes[:, None])
    cost = config.class_weight * class_cost + config.distance_weight * distance
    # Of answers that are no numbers the loss is none either, which is for the training to tell.
    cost = (cost - config.overlap_weight * giou).nan_to_num().cpu()
    rows = []
    for scene, present in enumerate(targets.present.cpu()):
        real = present.nonzero()[:, 0]
        query, number = map(
            torch.from_numpy, linear_sum_assignment(cost[scene][:, real].double().numpy())
        )
        rows.append(torch.stack([torch.full_like(query, scene), query, real[number]]))
    return Pairs(*torch.cat(rows, dim=1).to(said.classes.device))


def copies_as_pairs(present: Tensor, objects: int) -> Pairs:
    """Every denoising query with the object that it is a copy of; present (B, copies objects)."""
    scene, query = present.nonzero(as_tuple=True)
    return Pairs(scene, query, query % objects)


def set_loss(
    said: Said, pairs: Pairs, real: Tensor, targets: Targets, frame: Frame, config: SetLossConfig
) -> dict[str, Tensor]:
    """Focal classification of real queries (B, Q) bool; L1 and GIoU of those with an object.

    Weighted, and sums over the queries divided by the number of pairs.
    """
    count = max(len(pairs.query), 1)
    number = classes_of(targets.labels[pairs.scene, pairs.object])
    wanted = torch.zeros_like(said.classes)
    wanted[pairs.scene, pairs.query] = one_hot(number, 2).to(wanted)
    focal = (focal_loss(said.classes, wanted) * real[..., None]).sum()
    boxes, true = said.boxes, targets.boxes
    distance = (
        in_widths(boxes, frame)[pairs.scene, pairs.query]
        - in_widths(true, frame)[pairs.scene, pairs.object]
    )
    _, giou = overlaps(boxes[pairs.scene, pairs.query], true[pairs.scene, pairs.object])
    return {
        "classification": config.class_weight * focal / count,
        "distance": config.distance_weight * distance.abs().sum() / count,
        "overlap": config.overlap_weight * (1 - giou).sum() / count,
    }
