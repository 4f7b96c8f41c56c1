"""DGCNN: a cloud into one vector, and the head that it learns kinds of things with."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from model.dgcnn.config import NetworkConfig
from model.dgcnn.edge_conv import SLOPE, EdgeConv, nearest


class Dgcnn(nn.Module):
    """One network for all objects of a scene, as of a Siamese pair.

    classes: kinds of things that the head tells apart. Buffers, of model.dgcnn.votes: at, the
    distance of two embeddings from which on they are more likely unlike; steep; prior, the share of
    odd objects.
    """

    at: Tensor
    steep: Tensor
    prior: Tensor

    def __init__(self, config: NetworkConfig, classes: int) -> None:
        super().__init__()
        self.config = config
        channels = (6 if config.colour else 3, *config.channels)
        self.convolutions = nn.ModuleList(
            EdgeConv(before, after) for before, after in zip(channels, channels[1:], strict=False)
        )
        self.wide = nn.Linear(sum(config.channels), config.width)
        self.norm = nn.LayerNorm(config.width)
        self.embed = nn.Linear(2 * config.width, config.embedding)
        self.head = nn.Sequential(
            nn.LayerNorm(config.embedding),
            nn.LeakyReLU(SLOPE),
            nn.Linear(config.embedding, classes),
        )
        for name, value in (("at", 1.0), ("steep", 1.0), ("prior", 0.5)):
            self.register_buffer(name, torch.tensor(value))

    def forward(self, points: Tensor, present: Tensor) -> Tensor:
        """(B, P, 3 or 6) positions, and colours where it takes them, to embeddings (B, E).

        present (B, P) tells points from padding. The first graph goes by positions alone, later
        ones by what the points have become. A cloud without points becomes the same as any other
        such.
        """
        features, place, layers = points, points[..., :3], []
        for convolution in self.convolutions:
            graph = nearest(place, present, self.config.neighbours)
            features = place = convolution(features, graph)
            layers.append(features)
        wide = leaky_relu(self.norm(self.wide(torch.cat(layers, dim=-1))), SLOPE)
        embedding: Tensor = self.embed(pooled(wide, present))
        return embedding

    def classify(self, embedding: Tensor) -> Tensor:
        """(B, E) to logits (B, classes)."""
        logits: Tensor = self.head(embedding)
        return logits


def pooled(features: Tensor, present: Tensor) -> Tensor:
    """(B, 2 C): maximum and mean over the points of (B, P, C) that are there, 0 where none is."""
    there = present[..., None]
    lowest = torch.finfo(features.dtype).min
    most = features.masked_fill(~there, lowest).amax(dim=1)
    most = torch.where(there.any(dim=1), most, 0.0)
    mean = (features * there).sum(dim=1) / there.sum(dim=1).clamp(min=1)
    return torch.cat([most, mean], dim=-1)
