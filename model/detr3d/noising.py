"""Denoising queries: true boxes, moved and resized, from which their objects must be told."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from model.detr3d.config import SetLossConfig
from model.scenes import Targets


@dataclass(frozen=True)
class Noised:
    """G copies of the N objects of B scenes, one after the other.

    boxes (B, G N, 2, 3): moved and resized. present (B, G N) bool.
    """

    boxes: Tensor
    present: Tensor


def noised(targets: Targets, config: SetLossConfig, generator: torch.Generator) -> Noised:
    """What is drawn for a scene's objects depends on no padding. Labels are not told.

    DN-DETR tells a query the label of its object, a fifth of them wrongly; what is asked here is
    the label, so it would be told what it has to find out.
    """
    copies = config.noised
    noise = targets.boxes.new_zeros((len(targets.boxes), copies, targets.boxes.shape[1], 2, 3))
    for row, count in enumerate(targets.present.sum(dim=1).tolist()):
        drawn = torch.rand((copies, count, 2, 3), generator=generator) * 2 - 1
        noise[row, :, targets.present[row]] = drawn.to(noise)
    boxes = targets.boxes[:, None]
    edges = boxes[..., 1, :] - boxes[..., 0, :]
    middle = boxes.mean(dim=-2) + noise[..., 0, :] * config.moved * edges
    half = edges / 2 * (noise[..., 1, :] * config.resized).exp()
    moved = torch.stack([middle - half, middle + half], dim=-2)
    return Noised(moved.flatten(1, 2), targets.present.repeat(1, copies))


def may_listen(queries: int, copies: int, present: Tensor) -> Tensor:
    """(B, Q, Q) bool: whom each query may listen to; Q = queries, then copies of present's objects.

    present (B, copies N) bool. The queries listen to each other alone, as at test time, and every
    copy to itself; absent objects are heard by nobody, but that each query hears itself.
    """
    count = present.shape[1] // copies if copies else 0
    group = torch.arange(1, copies + 1, device=present.device).repeat_interleave(count)
    group = torch.cat([group.new_zeros(queries), group])
    real = torch.cat([present.new_ones((len(present), queries)), present], dim=1)
    same = group[:, None] == group[None]
    return (same & real[:, None]) | torch.eye(len(group), dtype=torch.bool, device=group.device)
