"""The cross-instance matching module M: from object volumes to odd or not (Sec. 3.4)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from model.attention import AttentionBlock, all_voxels, correspondences
from model.config import MatchingConfig
from model.nearest import difference, nearest
from model.objects import Objects, others
from model.volume import convolution

WORST = 5  # one voxel in so many is among an object's worst
UNLIKE = 10.0  # brings cosine distances to about 1


class Matching(nn.Module):
    """Attention blocks as configured, then 3D convolutions and a two-layer perceptron (Eq. 8).

    The paper does not give M's width: a linear layer takes d, and the channels of looks where they
    are read, to config.tokens channels first.

    siblings: every voxel is told how it differs from the most similar voxels of the other objects,
    and the head how unlike them its object is. That is not in the paper, whose attention must find
    out first that differences matter; from a few hundred scenes this is learnt much sooner
    (docs/model.md).
    """

    def __init__(self, channels: int, looks: int, roi: int, config: MatchingConfig) -> None:
        super().__init__()
        self.config = config
        self.enter = nn.Linear(channels + looks, config.tokens)
        self.level = nn.LayerNorm(looks) if looks else None
        blocks = 0 if config.attention == "none" else config.blocks
        self.blocks = nn.ModuleList(
            AttentionBlock(config.tokens, config.heads) for _ in range(blocks)
        )
        if config.siblings:
            self.apart = nn.Linear(config.tokens, config.tokens)
        self.head = Head(config.tokens, roi, config.siblings)

    def forward(self, objects: Objects, present: Tensor) -> Tensor:
        """Logits (B, N) of being odd; that of an absent object means nothing. present (B, N) bool.

        Correspondences are found by objects.features.
        """
        tokens = as_tokens(objects.volumes)
        unlike = tokens[:, :, 0, :0]
        if self.level is not None:
            tokens = torch.cat([tokens, self.level(as_tokens(objects.looks))], dim=-1)
        tokens = self.enter(tokens)
        if self.config.siblings:
            tokens, unlike = self._beside_nearest(tokens, objects, present)
        if self.config.attention != "none":
            allowed = (
                correspondences(as_tokens(objects.features), present, self.config.k)
                if self.config.attention == "sparse"
                else all_voxels(present, tokens.shape[2])
            )
            for block in self.blocks:
                tokens = block(tokens, allowed)
        size = objects.volumes.shape[-3:]
        return self.head(tokens.transpose(2, 3).unflatten(3, size), present, unlike)

    def _beside_nearest(
        self, tokens: Tensor, objects: Objects, present: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Tokens with their differences, and (B, N, 4): how unlike its siblings an object is.

        The mean over its solid voxels and over their worst fifth, by the tokens and by what needs
        no learning: looks, or the taught features where there are none.
        """
        solid = as_tokens(objects.solid)[..., 0]
        known = objects.features if self.level is None else objects.looks
        near = nearest(tokens, solid, present)
        seen = nearest(as_tokens(known).detach(), solid, present)
        unlike = torch.stack([near.unlike, seen.unlike], dim=-1) * solid[..., None]
        worst = unlike.topk(max(1, unlike.shape[2] // WORST), dim=2).values.mean(dim=2)
        mean = unlike.sum(dim=2) / solid.sum(dim=2)[..., None].clamp(min=1)
        apart = self.apart(difference(tokens, near.place, present))
        return tokens + apart, torch.cat([mean, worst], dim=-1)


class Head(nn.Module):
    """Halves r x r x r voxels until one is left, then a two-layer perceptron to one logit.

    The last convolution has no norm: over a single voxel it would wipe out what was found.

    siblings: the perceptron is told, beside an object's vector and how unlike the others it is, how
    both differ from the median over the others. That is not in the paper either.
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
            nn.Linear(3 * (channels + 4) if siblings else channels, channels),
            nn.ReLU(),
            nn.Linear(channels, 1),
        )

    def forward(self, volumes: Tensor, present: Tensor, unlike: Tensor) -> Tensor:
        """(B, N, C, r, r, r), present (B, N) bool, unlike (B, N, 4 or 0), to logits (B, N)."""
        vectors = self.shrink(volumes.flatten(0, 1)).flatten(1).unflatten(0, volumes.shape[:2])
        if self.siblings:
            vectors = torch.cat([vectors, UNLIKE * unlike], dim=-1)
            apart = vectors - median_of_others(vectors, present)
            vectors = torch.cat([vectors, apart, apart.abs()], dim=-1)
        return self.perceptron(vectors)[..., 0]


def median_of_others(vectors: Tensor, present: Tensor) -> Tensor:
    """Vectors (B, N, C), present (B, N) bool, to (B, N, C): an object's own where it is alone."""
    among = others(present)[..., None]
    median = torch.where(among, vectors[:, None], torch.nan).nanmedian(dim=2).values
    return torch.where(among.any(dim=2), median, vectors)


def as_tokens(volumes: Tensor) -> Tensor:
    """(B, N, C, r, r, r) to (B, N, r * r * r, C)."""
    return volumes.flatten(3).transpose(2, 3)
