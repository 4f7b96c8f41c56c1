"""The objects of scenes as the matching module takes them (Sec. 3.3)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Objects:
    """volumes z_n (B, N, d, r, r, r); features beta(z_n) (B, N, d_f, r, r, r).

    solid (B, N, 1, r, r, r) bool: voxels on the object, as the density has it; all where it has
    none. looks (B, N, c, r, r, r): model.looks, with no channel where there is nothing to read.
    """

    volumes: Tensor
    features: Tensor
    solid: Tensor
    looks: Tensor


def others(present: Tensor) -> Tensor:
    """present (B, N) bool to (B, N, N): object m is present and is not object n."""
    apart = ~torch.eye(present.shape[1], dtype=torch.bool, device=present.device)
    return present[:, None, :] & apart
