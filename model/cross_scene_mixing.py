"""More to compare from few scenes: objects of other scenes, objects turned (not in the paper)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad

from model.objects import Objects


@dataclass(frozen=True)
class Labelled:
    """The objects of B scenes with labels (B, N), 1 = odd, and present (B, N) bool."""

    objects: Objects
    labels: Tensor
    present: Tensor


def mix_scenes(scenes: Labelled, share: float, generator: torch.Generator) -> Labelled:
    """Every scene one object longer: in `share` of them it is one of another scene of the batch.

    In the others it is absent. A guest is odd where it is, plainly so: from that the head learns
    early that comparing pays, while real defects are still too fine for it. The batch's scenes must
    differ; one alone gets no guest. The generator lies on the CPU.
    """
    batch = len(scenes.labels)
    drawn = torch.rand((batch, 3), generator=generator)
    host = torch.arange(batch)
    lender = (host + 1 + (drawn[:, 0] * (batch - 1)).long()) % batch
    counts = scenes.present.sum(dim=1).cpu()[lender]
    guest = (drawn[:, 1] * counts).long().clamp(max=scenes.labels.shape[1] - 1)
    comes = (drawn[:, 2] < share) & (lender != host) & (counts > 0)
    source = lender.to(scenes.labels.device), guest.to(scenes.labels.device)

    def joined(own: Tensor) -> Tensor:
        return torch.cat([own, own[source][:, None]], dim=1)

    return Labelled(
        scenes.objects.changed(joined, joined),
        pad(scenes.labels, (0, 1), value=1),
        torch.cat([scenes.present, comes[:, None].to(scenes.present.device)], dim=1),
    )


def turned_objects(objects: Objects, generator: torch.Generator) -> Objects:
    """Each object's volumes turned by quarter turns about z: siblings lie turned anyhow.

    The generator lies on the CPU.
    """
    turns = torch.randint(4, objects.volumes.shape[:2], generator=generator)

    def turned(volumes: Tensor) -> Tensor:
        stack = [torch.rot90(volumes, turn, dims=(-2, -1)) for turn in range(4)]
        chosen = turns.to(volumes.device).view(1, *turns.shape, *(1,) * (volumes.dim() - 2))
        return torch.stack(stack).gather(0, chosen.expand(1, *volumes.shape))[0]

    return objects.changed(turned)
