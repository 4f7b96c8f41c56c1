"""One vector for what an object's patches say beside its siblings' (not in the paper)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from model.objects import ObjectPatches
from model.patches import MEASURES, Compared

WORST = (20, 5)  # one cell in so many is among an object's worst
DISTANCES = MEASURES - 1
SCALE = 10.0  # brings cosine distances to about 1


class PatchSummary(nn.Module):
    """Cells through a small perceptron, then their mean, their worst and an attention's choice.

    Beside these, the measures of Compared themselves, which need no learning: their mean over what
    is solid and over the worst cells. channels: c of the maps; width: channels of the perceptron.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.enter = nn.Linear(2 * channels, width)
        self.judge = nn.Linear(MEASURES, width)
        self.mix = nn.Linear(width, width)
        self.attend = nn.Linear(width, 1)
        self.channels = 3 * width + (1 + len(WORST)) * DISTANCES

    def forward(self, patches: ObjectPatches, compared: Compared) -> Tensor:
        """(B, N, self.channels); 0 for an object without cells."""
        there, solid = patches.there, patches.solid[..., None]
        unit = patches.maps.shape[-1] ** 0.5
        seen = torch.cat([patches.maps[there], compared.apart[there]], dim=-1) * unit
        own = self.mix(gelu(self.enter(seen) + self.judge(SCALE * compared.measures[there])))
        cells = own.new_zeros((*there.shape, own.shape[-1]))
        cells[there] = gelu(own)
        choice = self.attend(cells).masked_fill(~there[..., None], -torch.inf)
        choice = choice.softmax(dim=2).nan_to_num()
        distances = SCALE * compared.measures[..., :DISTANCES] * solid
        told = [
            _mean(cells, solid),
            (choice * cells).sum(dim=2),
            _worst(cells * solid, there, WORST[0]),
            _mean(distances, solid),
            *(_worst(distances, there, one_in) for one_in in WORST),
        ]
        return torch.cat(told, dim=-1)


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    """(B, N, T, c), weights (B, N, T, 1), to (B, N, c)."""
    return (values * weight).sum(dim=2) / weight.sum(dim=2).clamp(min=1)


def _worst(values: Tensor, there: Tensor, one_in: int) -> Tensor:
    """Mean of the largest values (B, N, T, c), one in so many of those there: (B, N, c)."""
    count = there.sum(dim=2)
    wanted = (count // one_in).clamp(min=1).minimum(count)[..., None]
    most = max(1, int(wanted.max()))
    ranked = values.masked_fill(~there[..., None], -torch.inf).topk(most, dim=2).values
    rank = torch.arange(most, device=values.device)
    chosen = (rank < wanted)[..., None]
    return torch.where(chosen, ranked, 0.0).sum(dim=2) / wanted.clamp(min=1)
