"""The cross-instance matching module M: from object volumes to odd or not (Sec. 3.4)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from model.attention import AttentionBlock, all_voxels, correspondences
from model.config import MatchingConfig
from model.nearest import difference, nearest
from model.objects import Objects, others
from model.patch_summary import PatchSummary
from model.patches import compare
from model.volume import convolution

WORST = 5  # one voxel in so many is among an object's worst
UNLIKE_COUNT = 4  # numbers of how unlike its siblings an object is
UNLIKE = 10.0  # brings cosine distances to about 1


class Matching(nn.Module):
    """Attention blocks as configured, then 3D convolutions and a two-layer perceptron (Eq. 8).

    channels: d; fixed: channels of a pretrained encoder's maps; roi: r. The paper does not give M's
    width: a linear layer takes d, and the channels of looks where they are read, to config.tokens
    channels first.

    siblings: every voxel is told how it differs from the most similar voxels of the other objects,
    and the head how unlike them its object is. That is not in the paper, whose attention must find
    out first that differences matter; from a few hundred scenes this is learnt much sooner
    (docs/model.md). patches: the head is told the same of the cells of the pretrained maps.
    """

    def __init__(self, channels: int, fixed: int, roi: int, config: MatchingConfig) -> None:
        super().__init__()
        self.config = config
        looks = fixed if config.looks else 0
        self.enter = nn.Linear(channels + looks, config.tokens)
        self.level = nn.LayerNorm(looks) if looks else None
        blocks = 0 if config.attention == "none" else config.blocks
        self.blocks = nn.ModuleList(
            AttentionBlock(config.tokens, config.heads) for _ in range(blocks)
        )
        if config.siblings:
            self.apart = nn.Linear(config.tokens, config.tokens)
        self.patches = PatchSummary(fixed, config.tokens) if config.patches else None
        told = UNLIKE_COUNT * config.siblings + (self.patches.channels if self.patches else 0)
        self.head = ClassificationHead(config.tokens, told, roi, config.siblings or config.patches)

    def forward(self, objects: Objects, present: Tensor) -> Tensor:
        """Logits (B, N) of being odd; that of an absent object means nothing. present (B, N) bool.

        Correspondences are found by objects.features.
        """
        tokens = as_tokens(objects.volumes)
        told = []
        if self.level is not None:
            tokens = torch.cat([tokens, self.level(as_tokens(objects.looks))], dim=-1)
        tokens = self.enter(tokens)
        if self.config.siblings:
            tokens, unlike = self._beside_nearest(tokens, objects, present)
            told.append(UNLIKE * unlike)
        if self.patches is not None:
            assert objects.patches is not None, "this detector's objects have patches"
            told.append(self.patches(objects.patches, compare(objects.patches, present)))
        if self.config.attention != "none":
            allowed = (
                correspondences(as_tokens(objects.features), present, self.config.k)
                if self.config.attention == "sparse"
                else all_voxels(present, tokens.shape[2])
            )
            for block in self.blocks:
                tokens = block(tokens, allowed)
        size = objects.volumes.shape[-3:]
        volumes = torch.unflatten(tokens.transpose(2, 3), 3, size)
        logits: Tensor = self.head(volumes, present, told)
        return logits

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
        apart = self.apart(difference(tokens, near.index, present))
        return tokens + apart, torch.cat([mean, worst], dim=-1)


class ClassificationHead(nn.Module):
    """Halves r x r x r voxels until one is left, then a two-layer perceptron to one logit.

    The last convolution has no norm: over a single voxel it would wipe out what was found.

    told: numbers that the perceptron is told beside an object's vector. siblings: it is also told
    how all of these differ from the median over the others. That is not in the paper either.
    """

    def __init__(self, channels: int, told: int, roi: int, siblings: bool) -> None:
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
            nn.Linear((3 if siblings else 1) * (channels + told), channels),
            nn.ReLU(),
            nn.Linear(channels, 1),
        )

    def forward(self, volumes: Tensor, present: Tensor, told: list[Tensor]) -> Tensor:
        """(B, N, C, r, r, r), present (B, N) bool, told (B, N, any) each, to logits (B, N)."""
        vectors = self.shrink(volumes.flatten(0, 1)).flatten(1).unflatten(0, volumes.shape[:2])
        vectors = torch.cat([vectors, *told], dim=-1)
        if self.siblings:
            apart = vectors - median_of_others(vectors, present)
            vectors = torch.cat([vectors, apart, apart.abs()], dim=-1)
        logits: Tensor = self.perceptron(vectors)
        return logits[..., 0]


def median_of_others(vectors: Tensor, present: Tensor) -> Tensor:
    """The median over the other objects of a scene; an object's own vector where it is alone.

    vectors (B, N, C), present (B, N) bool, to (B, N, C).
    """
    among = others(present)[..., None]
    median = torch.where(among, vectors[:, None], torch.nan).nanmedian(dim=2).values
    return torch.where(among.any(dim=2), median, vectors)


def as_tokens(volumes: Tensor) -> Tensor:
    """(B, N, C, r, r, r) to (B, N, r * r * r, C)."""
    return volumes.flatten(3).transpose(2, 3)
