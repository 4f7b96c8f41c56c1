"""Each voxel of an object beside the voxels of the others that are most like it (not in the paper).

Objects lie turned anyhow, so voxels are compared by what they look like, never by their place.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize

from model.objects import others, shares

EMPTY = 2.0  # less similar than opposite, since cosines reach from -1 to 1


@dataclass(frozen=True)
class Nearest:
    """unlike (B, N, T): cosine distance to the most similar voxel of each other object, mean; 0 for
    an object alone. place (B, N, N, T): which voxel of object m is most like a voxel of n.
    """

    unlike: Tensor
    place: Tensor


def nearest(tokens: Tensor, solid: Tensor, present: Tensor) -> Nearest:
    """tokens (B, N, T, C); solid (B, N, T) bool: voxels to look among; present (B, N) bool."""
    direction = normalize(tokens, dim=-1)
    similarity = torch.einsum("bnic,bmjc->bnmij", direction, direction)
    place = (similarity - EMPTY * ~solid[:, None, :, None]).argmax(dim=-1)
    distance = 1 - similarity.gather(-1, place[..., None])[..., 0]
    return Nearest(
        torch.einsum("bnmi,bnm->bni", distance, shares(others(present)).to(distance.dtype)), place
    )


def difference(tokens: Tensor, place: Tensor, present: Tensor) -> Tensor:
    """Tokens (B, N, T, C) less the mean of their nearest; 0 for an object alone."""
    batch, count, voxels, _ = tokens.shape
    among_all = place + voxels * torch.arange(count, device=tokens.device)[:, None]
    scene = torch.arange(batch, device=tokens.device)[:, None]
    found = tokens.flatten(1, 2)[scene, among_all.flatten(1)].unflatten(1, place.shape[1:])
    weight = shares(others(present)).to(found.dtype)
    mean = torch.einsum("bnmic,bnm->bnic", found, weight)
    return (tokens - mean) * (weight.sum(dim=-1) > 0)[..., None, None]
