"""Every cell beside its like in each sibling, found by what is learnt; then object by object."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, normalize

from model.judge.cells import FEATURES, PLACES, Cells
from model.judge.config import JudgeConfig

WORST = (0.05, 0.25, 1.0)  # shares of an object's cells whose mean distance is told
ROWS = 2048  # cells compared at once where no gradient is wanted
SCALE = 5.0  # brings cosine distances to about 1


@dataclass(frozen=True)
class Judged:
    """odd (N,): logits of the objects. cells (P,): logits of the cells that show a defect.

    mass: for each object the attention (P, T) of every cell to its T cells, in their order; empty
    where no gradient is wanted and it would be large.
    """

    odd: Tensor
    cells: Tensor
    mass: tuple[Tensor, ...]


class JudgeNetwork(nn.Module):
    """Cells of one scene to logits; whatever is said of several siblings goes by their median.

    So a defect that is shared by fewer than half of the objects stays one.
    """

    def __init__(self, config: JudgeConfig) -> None:
        super().__init__()
        width, said = config.width, config.said
        self.side, self.compare = config.cells, config.compare
        self.enter = nn.Linear(FEATURES, width)
        self.place = nn.Linear(PLACES, width)
        self.around = nn.ModuleList(_Around(width) for _ in range(2))
        self.key = nn.Linear(width, config.key)
        self.value = nn.Linear(width, said)
        self.sharpness = nn.Parameter(torch.tensor(2.5))
        self.pair = nn.Sequential(nn.Linear(2 * said + 2, said), nn.GELU(), nn.Linear(said, said))
        self.mix = nn.Linear(2 * said + width, said)
        self.about = _Around(said)
        self.defect = nn.Linear(said, 1)
        self.attend = nn.Linear(said, 1)
        summary = 2 * said + 1 + 2 * len(WORST)
        self.odd = nn.Sequential(
            nn.Linear(2 * summary, said), nn.GELU(), nn.Dropout(0.2), nn.Linear(said, 1)
        )
        self.plain = nn.Linear(2 * len(WORST), 1)

    def forward(self, cells: Cells, likeness: Tensor) -> Judged:
        """likeness (P, N): cosine of the raw features to the most similar cell of each object."""
        unit = FEATURES**0.5
        hidden = self.enter(cells.features * unit) + self.place(cells.places)
        for block in self.around:
            hidden = block(hidden, cells, self.side)
        key = normalize(self.key(hidden), dim=1)
        value = self.value(hidden)
        size = len(key) if torch.is_grad_enabled() else ROWS
        parts = [
            self._beside(slice(begin, begin + size), key, value, likeness, cells)
            for begin in range(0, max(len(key), 1), size)
        ]
        said, distances = (
            torch.cat(values) for values in zip(*(p[:2] for p in parts), strict=True)
        )
        mass = parts[0][2] if len(parts) == 1 else ()
        own = gelu(self.mix(torch.cat([said, hidden], dim=-1)))
        own = self.about(own, cells, self.side)
        defect = self.defect(own)[:, 0]
        summary = self._summary(own, defect, distances, cells)
        apart = (summary - _others_median(summary)) * self.compare
        odd = self.odd(torch.cat([summary, apart], dim=-1))[:, 0]
        odd = odd + self.plain(apart[:, -2 * len(WORST) :])[:, 0]
        return Judged(odd, defect, mass)

    def _beside(
        self, rows: slice, key: Tensor, value: Tensor, likeness: Tensor, cells: Cells
    ) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
        """What is said of some cells beside the other objects: median and mean (R, 2 c).

        And the median of their distances (R, 2), and Judged.mass of these cells.
        """
        counts = torch.bincount(cells.owner, minlength=cells.objects)
        mass, found, best = self._alike(key[rows], key, value, counts.tolist())
        apart = value[rows, None] - found
        told = torch.stack([1 - best, 1 - likeness[rows]], dim=-1) * SCALE
        said = self.pair(torch.cat([apart, apart.abs(), told], dim=-1))
        others = cells.owner[rows, None] != torch.arange(cells.objects, device=counts.device)
        beside = others & (counts > 0) & self.compare
        summed = torch.cat([_median(said, beside), _mean(said, beside)], dim=-1)
        return summed, _median(told, beside), mass

    def _alike(
        self, rows: Tensor, key: Tensor, value: Tensor, counts: list[int]
    ) -> tuple[tuple[Tensor, ...], Tensor, Tensor]:
        """Of keys (R, k): Judged.mass, the values (R, N, c) found, the best cosines (R, N)."""
        sharp = rows * self.sharpness.exp()
        mass, found, best = [], [], []
        for keys, values in zip(torch.split(key, counts), torch.split(value, counts), strict=True):
            if not len(keys):
                mass.append(key.new_zeros(len(rows), 0))
                found.append(value.new_zeros(len(rows), value.shape[1]))
                best.append(key.new_full((len(rows),), -1.0))
                continue
            logits = sharp @ keys.T
            mass.append(logits.softmax(dim=1))
            found.append(mass[-1] @ values)
            best.append(logits.amax(dim=1) / self.sharpness.exp())
        return tuple(mass), torch.stack(found, dim=1), torch.stack(best, dim=1)

    def _summary(self, own: Tensor, defect: Tensor, distances: Tensor, cells: Cells) -> Tensor:
        """(N, c) of what an object's cells say."""
        rows = []
        choice = self.attend(own)[:, 0]
        for number in range(cells.objects):
            mine = cells.owner == number
            if not mine.any():
                rows.append(own.new_zeros(2 * own.shape[1] + 1 + 2 * len(WORST)))
                continue
            share = choice[mine].softmax(dim=0)
            count = int(mine.sum())
            worst = defect[mine].topk(max(1, count // 20)).values.mean()
            ranked = distances[mine].sort(dim=0, descending=True).values
            apart = [ranked[: max(1, int(part * count))].mean(dim=0) for part in WORST]
            rows.append(torch.cat([share @ own[mine], own[mine].mean(dim=0), worst[None], *apart]))
        return torch.stack(rows)


class _Around(nn.Module):
    """What lies round a cell in its cut-out."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.near = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.mix = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, width))

    def forward(self, hidden: Tensor, cells: Cells, side: int) -> Tensor:
        normed = self.norm(hidden)
        crops = normed.new_zeros(cells.objects * cells.views, side * side, normed.shape[1])
        crop = cells.owner * cells.views + cells.view
        crops[crop, cells.at] = normed
        grid = crops.transpose(1, 2).unflatten(2, (side, side))
        near = self.near(grid).flatten(2).transpose(1, 2)[crop, cells.at]
        mixed: Tensor = hidden + self.mix(near + normed)
        return mixed


def _median(values: Tensor, allowed: Tensor) -> Tensor:
    """Of values (P, N, c) over the objects allowed (P, N); 0 where there is none."""
    count = allowed.sum(dim=1)
    ranked = torch.where(allowed[..., None], values, torch.inf).sort(dim=1).values
    lower = ((count - 1) // 2).clamp(min=0)[:, None, None].expand(-1, 1, values.shape[2])
    upper = (count // 2).clamp(max=values.shape[1] - 1)[:, None, None].expand_as(lower)
    middle = (ranked.gather(1, lower) + ranked.gather(1, upper))[:, 0] / 2
    return torch.where((count > 0)[:, None], middle, 0.0)


def _mean(values: Tensor, allowed: Tensor) -> Tensor:
    share = allowed.float() / allowed.sum(dim=1, keepdim=True).clamp(min=1)
    return torch.einsum("pnc,pn->pc", values, share)


def _others_median(values: Tensor) -> Tensor:
    """(N, c) to the median of the other rows each; of one row itself."""
    count = len(values)
    if count == 1:
        return values
    others = torch.stack([torch.cat([values[:i], values[i + 1 :]]) for i in range(count)])
    return others.quantile(0.5, dim=1)
