"""Each voxel of an object beside the voxels of the others that are most like it (not in the paper).

Objects lie turned anyhow, so voxels are compared by what they look like, never by their place.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize

from model.objects import others

EMPTY = 2.0  # less similar than opposite, since cosines reach from -1 to 1


@dataclass(frozen=True)
class Nearest:
    """unlike (B, N, T): cosine distance to the most similar voxel of each other object, mean.

    difference (B, N, T, C): the voxel less those voxels' mean. Both are 0 for an object alone.
    """

    unlike: Tensor
    difference: Tensor


def nearest(tokens: Tensor, solid: Tensor, present: Tensor) -> Nearest:
    """tokens (B, N, T, C); solid (B, N, T) bool: voxels to look among; present (B, N) bool."""
    batch, count, voxels, channels = tokens.shape
    direction = normalize(tokens, dim=-1)
    similarity = torch.einsum("bnic,bmjc->bnmij", direction, direction)
    best = (similarity - EMPTY * ~solid[:, None, :, None]).argmax(dim=-1)
    weight = others(present).to(tokens.dtype)
    weight = weight / weight.sum(dim=-1, keepdim=True).clamp(min=1)
    distance = 1 - similarity.gather(-1, best[..., None])[..., 0]
    unlike = (distance * weight[..., None]).sum(dim=2)
    place = best + voxels * torch.arange(count, device=tokens.device)[:, None]
    scene = torch.arange(batch, device=tokens.device)[:, None]
    found = tokens.flatten(1, 2)[scene, place.flatten(1)].unflatten(1, place.shape[1:])
    mean = torch.einsum("bnmic,bnm->bnic", found, weight)
    return Nearest(unlike, (tokens - mean) * (weight.sum(dim=-1) > 0)[..., None, None])
