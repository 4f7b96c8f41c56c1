"""The objects of scenes as the matching module takes them (Sec. 3.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class ObjectPatches:
    """T cells of pretrained maps that show each object (model.patches), in any order.

    there (B, N, T) bool: False where an object has fewer. maps (B, N, T, c): of length 1.
    solid (B, N, T): share of the cell's light that the object stops, by the density. ground
    (B, N, T): cosine to the most similar cell outside all boxes.
    """

    maps: Tensor
    there: Tensor
    solid: Tensor
    ground: Tensor


@dataclass(frozen=True)
class Objects:
    """The objects of B scenes, N at most.

    volumes z_n (B, N, d, r, r, r); features beta(z_n) (B, N, d_f, r, r, r).
    solid (B, N, 1, r, r, r) bool: voxels on the object, as the density has it; all where it has
    none. looks (B, N, c, r, r, r): model.looks, with no channel where there is nothing to read.
    patches: model.patches, where they are compared.
    """

    volumes: Tensor
    features: Tensor
    solid: Tensor
    looks: Tensor
    patches: ObjectPatches | None = None

    def changed(
        self,
        volumes: Callable[[Tensor], Tensor],
        patches: Callable[[Tensor], Tensor] | None = None,
    ) -> Objects:
        """The same function of all volumes, and one of all tensors of the patches, if any."""
        own = self.patches
        if own is not None and patches is not None:
            own = ObjectPatches(*(patches(values) for values in vars(own).values()))
        return Objects(
            volumes(self.volumes),
            volumes(self.features),
            volumes(self.solid),
            volumes(self.looks),
            own,
        )


def others(present: Tensor) -> Tensor:
    """present (B, N) bool to (B, N, N) bool: object m is present and is not object n."""
    apart = ~torch.eye(present.shape[1], dtype=torch.bool, device=present.device)
    return present[:, None, :] & apart


def shares(allowed: Tensor) -> Tensor:
    """Weights of a mean over those allowed along the last axis of a bool tensor; 0 if none is."""
    return allowed.float() / allowed.sum(dim=-1, keepdim=True).clamp(min=1)
