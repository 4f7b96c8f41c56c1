"""The cross-instance matching module M: from object volumes to odd or not (Sec. 3.4)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from model.attention import AttentionBlock, all_voxels, correspondences
from model.config import MatchingConfig
from model.volume import convolution


class Matching(nn.Module):
    """Attention blocks as configured, then 3D convolutions and a two-layer perceptron (Eq. 8).

    The paper does not give M's width: a linear layer takes d to config.tokens channels first.
    """

    def __init__(self, channels: int, roi: int, config: MatchingConfig) -> None:
        super().__init__()
        self.config = config
        self.enter = nn.Linear(channels, config.tokens)
        blocks = 0 if config.attention == "none" else config.blocks
        self.blocks = nn.ModuleList(
            AttentionBlock(config.tokens, config.heads) for _ in range(blocks)
        )
        self.head = Head(config.tokens, roi, config.siblings)

    def forward(self, volumes: Tensor, features: Tensor, present: Tensor) -> Tensor:
        """Logits (B, N) of being odd.

        volumes: z_n, (B, N, d, r, r, r). features: what correspondences are found by, beta(z_n),
        (B, N, d_f, r, r, r). present (B, N) bool; the logit of an absent object means nothing.
        """
        tokens = self.enter(as_tokens(volumes))
        if self.config.attention != "none":
            allowed = (
                correspondences(as_tokens(features), present, self.config.k)
                if self.config.attention == "sparse"
                else all_voxels(present, tokens.shape[2])
            )
            for block in self.blocks:
                tokens = block(tokens, allowed)
        size = volumes.shape[-3:]
        return self.head(tokens.transpose(2, 3).unflatten(3, size), present)


class Head(nn.Module):
    """Halves r x r x r voxels until one is left, then a two-layer perceptron to one logit.

    The last convolution has no norm: over a single voxel it would wipe out what was found.

    siblings: the perceptron is told, beside an object's vector, how it differs from the median of
    the other objects' vectors. That is not in the paper. Its attention must first find out that
    differences matter; from a few hundred scenes this is learnt much sooner (docs/model.md).
    """

    def __init__(self, channels: int, roi: int, siblings: bool = False) -> None:
        super().__init__()
        steps = roi.bit_length() - 1
        assert roi == 1 << steps and steps > 0, f"roi must be a power of two, not {roi}"
        self.siblings = siblings
        self.shrink = nn.Sequential(
            *(convolution(channels, channels, stride=2) for _ in range(steps - 1)),
            nn.Conv3d(channels, channels, 3, stride=2, padding=1),
            nn.ReLU(),
        )
        self.perceptron = nn.Sequential(
            nn.Linear(3 * channels if siblings else channels, channels),
            nn.ReLU(),
            nn.Linear(channels, 1),
        )

    def forward(self, volumes: Tensor, present: Tensor) -> Tensor:
        """(B, N, C, r, r, r), present (B, N) bool, to logits (B, N)."""
        vectors = self.shrink(volumes.flatten(0, 1)).flatten(1).unflatten(0, volumes.shape[:2])
        if self.siblings:
            apart = vectors - median_of_others(vectors, present)
            vectors = torch.cat([vectors, apart, apart.abs()], dim=-1)
        return self.perceptron(vectors)[..., 0]


def median_of_others(vectors: Tensor, present: Tensor) -> Tensor:
    """Vectors (B, N, C), present (B, N) bool, to (B, N, C): an object's own where it is alone."""
    apart = ~torch.eye(present.shape[1], dtype=torch.bool, device=present.device)
    others = (present[:, None, :] & apart)[..., None]
    median = torch.where(others, vectors[:, None], torch.nan).nanmedian(dim=2).values
    return torch.where(others.any(dim=2), median, vectors)


def as_tokens(volumes: Tensor) -> Tensor:
    """(B, N, C, r, r, r) to (B, N, r * r * r, C)."""
    return volumes.flatten(3).transpose(2, 3)
