"""Every cell beside its like in each sibling, by what differs; then object by object."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from model.judge.cells import FEATURES, PLACES, Cells
from model.judge.compare import MEASURES, Compared, compare, mean_of, median_of
from model.judge.config import JudgeConfig

WORST = (0.05, 0.25, 1.0)  # shares of an object's cells whose mean distances are told
TOLD = 5  # of the measures: all but the last
ROWS = 2048  # cells compared at once where no gradient is wanted
SCALE = 10.0  # brings cosine distances to about 1
DROPPED = 0.2  # of what a layer sees in training


@dataclass(frozen=True)
class Judged:
    """odd (N,): logits of the objects. cells (P,): logits of the cells that show a defect.

    apart (N, N): mean cosine distance from an object's cells to the most similar ones of each other
    object, 0 without comparison.
    """

    odd: Tensor
    cells: Tensor
    apart: Tensor


class JudgeNetwork(nn.Module):
    """Cells of one scene to logits; whatever is said of several siblings goes by their median.

    So a defect that is shared by fewer than half of the objects stays one. What a cell shows counts
    only by how it differs from its like: the network cannot learn which shapes were odd. Without
    comparison what it shows is all there is.
    """

    def __init__(self, config: JudgeConfig) -> None:
        super().__init__()
        said = config.said
        self.compare = config.compare
        self.place = nn.Linear(PLACES, said)
        if config.compare:
            self.value = nn.Linear(FEATURES, said, bias=False)
            self.pair = nn.Sequential(
                nn.Linear(2 * said + 2, said),
                nn.GELU(),
                nn.Dropout(DROPPED),
                nn.Linear(said, said),
            )
            self.mix = nn.Linear(2 * said, said)
            self.measure = nn.Linear(MEASURES, said)
        else:
            self.own = nn.Linear(FEATURES, said)
        self.think = nn.Linear(said, said)
        self.dropped = nn.Dropout(DROPPED)
        self.defect = nn.Linear(said, 1)
        self.attend = nn.Linear(said, 1)
        self.told = TOLD * len(WORST) * config.compare
        summary = 3 * said + 1 + self.told
        self.odd = nn.Sequential(
            nn.Linear(2 * summary, said), nn.GELU(), nn.Dropout(DROPPED), nn.Linear(said, 1)
        )
        self.plain = nn.Linear(self.told, 1) if config.compare else None

    def forward(self, cells: Cells) -> Judged:
        """Logits of a scene's objects and cells."""
        seen = self.dropped(cells.features) * FEATURES**0.5
        apart_of = seen.new_zeros(cells.objects, cells.objects)
        if self.compare:
            compared = compare(cells)
            counts = torch.bincount(cells.owner, minlength=cells.objects).clamp(min=1)
            apart_of.index_add_(0, cells.owner, compared.distances[..., 0])
            apart_of = apart_of / counts[:, None]
            own = self.mix(self.dropped(self._beside(seen, compared)))
            own = own + self.measure(SCALE * compared.measures)
            told = SCALE * compared.measures[:, :TOLD]
        else:
            own, told = self.own(seen), seen.new_zeros(len(seen), 0)
        own = self.dropped(gelu(self.think(gelu(own + self.place(cells.places)))))
        defect = self.defect(own)[:, 0]
        summary = self._summary(own, defect, told, cells)
        apart = (summary - _others_median(summary)) * self.compare
        odd = self.odd(torch.cat([summary, apart], dim=-1))[:, 0]
        if self.plain is not None:
            odd = odd + self.plain(apart[:, -self.told :])[:, 0]
        return Judged(odd, defect, apart_of)

    def _beside(self, seen: Tensor, compared: Compared) -> Tensor:
        """What is said of every cell beside the other objects: median and mean (P, 2 c)."""
        value = self.value(seen)
        size = len(value) if torch.is_grad_enabled() else ROWS
        parts = [
            self._said(slice(begin, begin + size), value, compared)
            for begin in range(0, max(len(value), 1), size)
        ]
        return torch.cat(parts)

    def _said(self, rows: slice, value: Tensor, compared: Compared) -> Tensor:
        apart = value[rows, None] - value[compared.nearest[rows]]
        told = SCALE * compared.distances[rows]
        said = self.pair(torch.cat([apart, apart.abs(), told], dim=-1))
        beside = compared.beside[rows]
        return torch.cat([median_of(said, beside), mean_of(said, beside)], dim=-1)

    def _summary(self, own: Tensor, defect: Tensor, told: Tensor, cells: Cells) -> Tensor:
        """(N, c) of what an object's cells say."""
        rows = []
        choice = self.attend(own)[:, 0]
        for number in range(cells.objects):
            mine = cells.owner == number
            if not mine.any():
                rows.append(own.new_zeros(3 * own.shape[1] + 1 + self.told))
                continue
            few = max(1, int(mine.sum()) // 20)
            ranked = told[mine].sort(dim=0, descending=True).values
            rows.append(
                torch.cat(
                    [
                        choice[mine].softmax(dim=0) @ own[mine],
                        own[mine].mean(dim=0),
                        own[mine].topk(few, dim=0).values.mean(dim=0),
                        defect[mine].topk(few).values.mean()[None],
                        *(ranked[: max(1, int(part * len(ranked)))].mean(dim=0) for part in WORST),
                    ]
                )
            )
        return torch.stack(rows)


def _others_median(values: Tensor) -> Tensor:
    """(N, c) to the median of the other rows each; of one row itself."""
    count = len(values)
    if count == 1:
        return values
    others = torch.stack([torch.cat([values[:i], values[i + 1 :]]) for i in range(count)])
    return others.quantile(0.5, dim=1)
