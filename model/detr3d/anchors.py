"""Where queries look: boxes as six free numbers, of which any values are a box in the frame."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from model.detr3d.config import QueryConfig
from model.frame import Frame

HEIGHT = 0.2  # of the frame: where queries on the ground look first
EDGE = 0.2  # of the frame's width: a box before anything is known
NEAREST = 1e-3  # to the frame's faces that a box's middle is taken to be
LONGEST = 3.0  # logarithm of how many times EDGE, or what part of it, an edge can be


@dataclass(frozen=True)
class Sides:
    """Frames of B scenes beside (B, Q, ...): origin, size (B, 1, 3), width (B, 1, 1), metres."""

    origin: Tensor
    size: Tensor
    width: Tensor


def sides_of(frame: Frame) -> Sides:
    """width: of the longer side on the ground."""
    size = frame.size()[:, None]
    return Sides(frame.origin[:, None], size, size[..., :2].amax(dim=-1, keepdim=True))


def as_boxes(anchors: Tensor, frame: Frame) -> Tensor:
    """Anchors (B, Q, 6) to boxes (B, Q, 2, 3), world, metres.

    An anchor: logits of the middle's place along the frame's axes, logarithms of edges in EDGE of
    the frame's width.
    """
    sides = sides_of(frame)
    middle = sides.origin + anchors[..., :3].sigmoid() * sides.size
    half = anchors[..., 3:].clamp(-LONGEST, LONGEST).exp() * EDGE / 2 * sides.width
    return torch.stack([middle - half, middle + half], dim=-2)


def as_anchors(boxes: Tensor, frame: Frame) -> Tensor:
    """Boxes (B, Q, 2, 3), world, metres, to anchors (B, Q, 6); those outside are moved in."""
    sides = sides_of(frame)
    share = (boxes.mean(dim=-2) - sides.origin) / sides.size
    edges = (boxes[..., 1, :] - boxes[..., 0, :]).clamp(min=1e-6) / (EDGE * sides.width)
    return torch.cat([share.logit(NEAREST), edges.log()], dim=-1)


def in_widths(boxes: Tensor, frame: Frame) -> Tensor:
    """Middles and edges (B, Q, 6) of boxes (B, Q, 2, 3), in widths of the frame."""
    sides = sides_of(frame)
    middle = boxes.mean(dim=-2) - sides.origin
    return torch.cat([middle, boxes[..., 1, :] - boxes[..., 0, :]], dim=-1) / sides.width


def ground_anchors(config: QueryConfig) -> Tensor:
    """(rows * columns, 6): evenly over the frame's ground, a little above it."""
    y = (torch.arange(config.rows) + 0.5) / config.rows
    x = (torch.arange(config.columns) + 0.5) / config.columns
    place = torch.cartesian_prod(y, x).flip(-1)
    middle = torch.cat([place, torch.full_like(place[:, :1], HEIGHT)], dim=-1)
    return torch.cat([middle.logit(), torch.zeros_like(middle)], dim=-1)
