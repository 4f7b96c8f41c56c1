"""The anchor-free head: every voxel says of which class an object is there, and its box."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from model.backprojection import voxel_centres
from model.focal import PRIOR
from model.frame import Frame
from model.volume import convolution

EDGE = 5.0  # voxels along an object, before anything is learnt
LONGEST = 3.0  # logarithm of how much longer, or shorter, an edge can be said to be


@dataclass(frozen=True)
class Dense:
    """What P voxels of each of B scenes say.

    points (B, P, 3): their middles, world, metres. classes (B, P, 2): logits. centreness (B, P):
    logits, 1 in the middle of an object. boxes (B, P, 2, 3): world, metres.
    """

    points: Tensor
    classes: Tensor
    centreness: Tensor
    boxes: Tensor


class Head(nn.Module):
    """One shared convolution and one for each answer, 3 x 3 x 3; channels: of the volume.

    The original says a box by its faces' distances from the voxel, so the voxel must lie in it.
    Things that lie flat are thinner than a voxel, and no voxel's middle need lie in them: here a
    box is said by where its middle is, and by the logarithms of its edges.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.shared = convolution(channels, channels)
        self.classes = _answer(channels, 2, PRIOR)
        self.centreness = _answer(channels, 1, 0.0)
        self.boxes = _answer(channels, 6, 0.0)

    def forward(self, volume: Tensor, frame: Frame) -> Dense:
        """Volume (B, C, Z, Y, X) in its frame."""
        shared = self.shared(volume)
        points = voxel_centres(frame).flatten(1, 3)
        told = _by_voxel(self.boxes(shared)).float()
        edge = frame.voxel[:, None, None]
        middle = points + told[..., :3] * edge
        half = told[..., 3:].clamp(-LONGEST, LONGEST).exp() * EDGE / 2 * edge
        return Dense(
            points,
            _by_voxel(self.classes(shared)).float(),
            _by_voxel(self.centreness(shared))[..., 0].float(),
            torch.stack([middle - half, middle + half], dim=-2),
        )


def _answer(channels: int, numbers: int, usual: float) -> nn.Conv3d:
    """A convolution that at first says about the usual of everything."""
    layer = nn.Conv3d(channels, numbers, 3, padding=1)
    nn.init.normal_(layer.weight, std=0.01)
    assert layer.bias is not None, "it has one unless told otherwise"
    nn.init.constant_(layer.bias, usual)
    return layer


def _by_voxel(answers: Tensor) -> Tensor:
    """(B, K, Z, Y, X) to (B, P, K)."""
    return answers.flatten(2).transpose(1, 2)
