"""EdgeConv: every point hears its nearest points, nearest by what they are, not by where."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

SLOPE = 0.2  # of LeakyReLU below zero


@dataclass(frozen=True)
class Graph:
    """index (B, P, k): of each point's neighbours, itself among them; there (B, P, k): False where
    a cloud has fewer than k points."""

    index: Tensor
    there: Tensor


def nearest(features: Tensor, present: Tensor, k: int) -> Graph:
    """The k nearest of points with features (B, P, C); present (B, P) tells them from padding.

    A cloud of fewer than k points has them all as neighbours.
    """
    with torch.no_grad():
        distance = torch.cdist(features, features)
        distance = distance.masked_fill(~present[:, None], torch.inf)
        found = distance.topk(min(k, features.shape[1]), dim=-1, largest=False)
    return Graph(found.indices, found.values.isfinite())


class EdgeConv(nn.Module):
    """max over neighbours j of h(x_i, x_j - x_i), h linear, then normalised and bent.

    The original normalises and bends every edge before the maximum. Both are monotone in every
    channel, so the maximum may come first; and as h is linear, it is that of x_j alone. The points'
    channels are normalised (layer norm), not a batch's, so neither padding nor the batch counts.
    """

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.own = nn.Linear(channels, out)
        self.other = nn.Linear(channels, out, bias=False)
        self.norm = nn.LayerNorm(out)

    def forward(self, features: Tensor, graph: Graph) -> Tensor:
        """(B, P, C) to (B, P, out); what padding becomes means nothing."""
        told = self.other(features)
        heard = gathered(told, graph.index)
        lowest = torch.finfo(heard.dtype).min
        most = heard.masked_fill(~graph.there[..., None], lowest).amax(dim=2)
        most = torch.where(graph.there.any(dim=2)[..., None], most, 0.0)
        return leaky_relu(self.norm(self.own(features) + most - told), SLOPE)


def gathered(values: Tensor, index: Tensor) -> Tensor:
    """(B, P, k, C) of values (B, P, C) at index (B, P, k)."""
    batch = torch.arange(len(values), device=values.device)[:, None, None]
    return values[batch, index]
