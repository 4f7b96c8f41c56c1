"""Colour, density and neural features of every voxel (Sec. 3.2): alpha_c, alpha_sigma, beta."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

EMPTY = -3.0


class ColourField(nn.Module):
    """alpha_c: two 1 x 1 x 1 convolutions to colours in 0..1."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = pointwise(channels, channels, 3)

    def forward(self, volume: Tensor) -> Tensor:
        """(B, d, Z, Y, X) to (B, 3, Z, Y, X)."""
        return torch.sigmoid(self.layers(volume))


class DensityField(nn.Module):
    """alpha_sigma: two 1 x 1 x 1 convolutions to densities, 0 or more.

    The paper gives density no unit. Here it is per voxel edge: the threshold .2 of the box
    estimator then stands for 18 % opacity along one voxel, whatever the voxel's size. It starts
    nearly empty, so that light reaches every voxel at first.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = pointwise(channels, channels, 1)
        last = self.layers[-1]
        assert isinstance(last, nn.Conv3d) and last.bias is not None
        nn.init.constant_(last.bias, EMPTY)

    def forward(self, volume: Tensor) -> Tensor:
        """(B, d, Z, Y, X) to (B, 1, Z, Y, X)."""
        return softplus(self.layers(volume))


class Projector(nn.Module):
    """beta: four 1 x 1 x 1 convolutions from d to d_f channels, the neural feature field V_f."""

    def __init__(self, channels: int, width: int, out: int) -> None:
        super().__init__()
        self.layers = pointwise(channels, width, width, width, out)

    def forward(self, volume: Tensor) -> Tensor:
        """(B, d, Z, Y, X) to (B, d_f, Z, Y, X)."""
        features: Tensor = self.layers(volume)
        return features


def pointwise(*channels: int) -> nn.Sequential:
    """1 x 1 x 1 convolutions between these channel counts, ReLU between them."""
    layers: list[nn.Module] = []
    for inside, outside in pairwise(channels):
        layers += [nn.Conv3d(inside, outside, 1), nn.ReLU()]
    return nn.Sequential(*layers[:-1])
