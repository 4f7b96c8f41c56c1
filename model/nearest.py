"""Each voxel of an object beside the voxels of the others that are most like it (not in the paper).

Objects lie turned anyhow, so voxels are compared by what they look like, never by their position.
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
    """The voxels of other objects that are most like each voxel.

    unlike (B, N, T): cosine distance to the most similar voxel of each other object, mean; 0 for
    an object alone. index (B, N, N, T): which voxel of object m is most like a voxel of n.
    """

    unlike: Tensor
    index: Tensor


def nearest(tokens: Tensor, solid: Tensor, present: Tensor) -> Nearest:
    """The nearest voxels by cosine.

    tokens (B, N, T, C); solid (B, N, T) bool: voxels to look among; present (B, N) bool.
    """
    direction = normalize(tokens, dim=-1)
    similarity = torch.einsum("bnic,bmjc->bnmij", direction, direction)
    index = (similarity - EMPTY * ~solid[:, None, :, None]).argmax(dim=-1)
    distance = 1 - similarity.gather(-1, index[..., None])[..., 0]
    return Nearest(
        torch.einsum("bnmi,bnm->bni", distance, shares(others(present)).to(distance.dtype)), index
    )


def difference(tokens: Tensor, index: Tensor, present: Tensor) -> Tensor:
    """Tokens (B, N, T, C) less the mean of their nearest; 0 for an object alone.

    index (B, N, N, T): as Nearest has it; present (B, N) bool.
    """
    batch, count, voxels, _ = tokens.shape
    among_all = index + voxels * torch.arange(count, device=tokens.device)[:, None]
    scene = torch.arange(batch, device=tokens.device)[:, None]
    found = tokens.flatten(1, 2)[scene, among_all.flatten(1)]
    found = torch.unflatten(found, 1, index.shape[1:])
    weight = shares(others(present)).to(found.dtype)
    mean = torch.einsum("bnmic,bnm->bnic", found, weight)
    return (tokens - mean) * (weight.sum(dim=-1) > 0)[..., None, None]
