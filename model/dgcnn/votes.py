"""From distances to scores: every object of a scene has a vote on every other one."""

from __future__ import annotations

import torch
from torch import Tensor


def vote(
    embeddings: Tensor, there: Tensor, at: Tensor, steep: Tensor, prior: Tensor
) -> tuple[Tensor, Tensor]:
    """How odd each object is (N,), 0..1, and the distances (N, N) of embeddings (N, E).

    An object votes that another one is odd as surely as their distance says that they are unlike:
    sigmoid(steep (distance - at)). The score is the mean of the votes of all others, so .5 is where
    half of the scene is against one. there (N,): False for an object without a cloud, which has no
    vote; it gets `prior`, and so does one that nobody can be compared with.
    """
    distance = torch.cdist(embeddings, embeddings)
    others = there[:, None] & there & ~torch.eye(len(there), dtype=torch.bool, device=there.device)
    votes = (steep * (distance - at)).sigmoid() * others
    count = others.sum(dim=1)
    return torch.where(count > 0, votes.sum(dim=1) / count.clamp(min=1), prior), distance
