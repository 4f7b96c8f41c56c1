"""The triplet loss of Hoffer and Ailon ([22] of the paper), within a scene."""

from __future__ import annotations

import torch
from torch import Tensor


def triplet_loss(embeddings: Tensor, odd: Tensor) -> tuple[Tensor, int]:
    """Mean over all triplets of a scene, and how many there are; 0 of none.

    embeddings (N, E); odd (N,) bool. A triplet is two normal objects and an odd one: of the two
    distances from the first normal one, softmax makes the share of the other normal one's, and its
    square is the loss. 0 where the odd one is far, a quarter where both are as far.
    """
    distance = torch.cdist(embeddings, embeddings)
    normal = ~odd
    pairs = normal[:, None] & normal & ~torch.eye(len(odd), dtype=torch.bool, device=odd.device)
    triplets = pairs[:, :, None] & odd
    count = int(triplets.sum())
    if not count:
        return embeddings.sum() * 0, 0
    share = (distance[:, :, None] - distance[:, None, :]).sigmoid()
    return (share[triplets] ** 2).mean(), count
