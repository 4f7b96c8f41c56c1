"""Correspondences and sparse voxel attention between objects (Sec. 3.3 and 3.4, Eq. 5 to 7)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, normalize, scaled_dot_product_attention

from model.objects import others


def correspondences(features: Tensor, present: Tensor, k: int) -> Tensor:
    """C_k (Eq. 5): which voxels of the other objects each voxel is compared with.

    features (B, N, T, d_f): beta(z_n), T voxels each. present (B, N) bool. Result (B, N, T, N, T)
    bool: for each voxel of n, the k most similar voxels of each other present object m are True;
    its own object and padding are False. Similarity is the cosine, since the features are taught
    by a cosine loss, which leaves their length free.
    """
    direction = normalize(features.detach(), dim=-1)
    similarity = torch.einsum("bnic,bmjc->bnimj", direction, direction)
    best = similarity.topk(min(k, similarity.shape[-1]), dim=-1).indices
    chosen = torch.zeros_like(similarity, dtype=torch.bool).scatter_(-1, best, True)
    return chosen & others(present)[:, :, None, :, None]


def all_voxels(present: Tensor, tokens: int) -> Tensor:
    """The vanilla attention of variants B and C: every voxel of every present object, own too.

    present (B, N) bool; tokens: T, voxels of an object. Result (B, N, T, N, T) bool, as that of
    correspondences.
    """
    batch, count = present.shape
    return present[:, None, None, :, None].expand(batch, count, tokens, count, tokens)


class VoxelAttention(nn.Module):
    """Attention of every voxel to the allowed ones (Eq. 6 and 7).

    Eq. 7 leaves open what its softmax runs over: here over all allowed voxels of all other
    objects at once, so that the result does not grow with N, which is free at test time (one
    softmax for each object would make the sum N - 1 times as long). A voxel with nothing to
    compare with receives 0.
    """

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query_key_value = nn.Linear(channels, 3 * channels)
        self.out = nn.Linear(channels, channels)

    def forward(self, tokens: Tensor, allowed: Tensor) -> Tensor:
        """tokens (B, N, T, C), allowed (B, N, T, N, T) bool, to (B, N, T, C)."""
        batch, count, voxels, channels = tokens.shape
        joined = self.query_key_value(tokens).reshape(batch, count * voxels, 3, self.heads, -1)
        query, key, value = joined.permute(2, 0, 3, 1, 4)
        mask = allowed.reshape(batch, 1, count * voxels, count * voxels)
        some = mask.any(-1, keepdim=True)
        result = scaled_dot_product_attention(query, key, value, attn_mask=mask | ~some)
        result = torch.where(some, result, 0.0)
        out: Tensor = self.out(result.transpose(1, 2).reshape(batch, count, voxels, channels))
        return out


class AttentionBlock(nn.Module):
    """Attention and a two-layer perceptron, each round a skip connection, norms first.

    The paper gives only Eq. 7; without the skip connection z_n itself would be lost.
    """

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.attention = VoxelAttention(channels, heads)
        self.norm_after = nn.LayerNorm(channels)
        self.widen = nn.Linear(channels, 2 * channels)
        self.narrow = nn.Linear(2 * channels, channels)

    def forward(self, tokens: Tensor, allowed: Tensor) -> Tensor:
        """tokens (B, N, T, C), allowed (B, N, T, N, T) bool, to (B, N, T, C)."""
        tokens = tokens + self.attention(self.norm(tokens), allowed)
        step: Tensor = self.narrow(gelu(self.widen(self.norm_after(tokens))))
        return tokens + step
