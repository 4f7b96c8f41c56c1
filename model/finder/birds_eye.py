"""Where objects stand and how large they are, from the silhouette volume seen from above.

As CenterNet finds objects in images (Zhou et al. 2019) and MVDet people on the ground (Hou et al.
2020): per cell the heat of a centre, and what a box there would be.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, l1_loss, max_pool2d, relu

from model.finder.volume import Region

UNIT = 0.1  # metres: edges are logarithms of multiples of it
SMALLEST = 0.01  # metres
PEAK = 5  # cells: a peak is the highest of so many along x and y
NEIGHBOURS = tuple((dx, dy) for dy in (-1, 0, 1) for dx in (-1, 0, 1))
MIDDLE_WEIGHT = 4.0  # of a centre's own cell against those round it, which learn the box too
WEIGHTS = (0.5, 0.5, 2.0, 2.0, 2.0)  # of x and y, width, length and top


class BirdsEyeNetwork(nn.Module):
    """A four-scale U-net; (B, c, cells, cells) to (B, 6, cells, cells).

    Of each cell the logit of the heat; x and y of the centre from the cell's middle, cells; the
    logarithms of width, length and top over UNIT.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.down = nn.ModuleList(
            [Block(channels, width), *(Block(width, width) for _ in range(3))]
        )
        self.up = nn.ModuleList(Block(2 * width, width) for _ in range(3))
        last = nn.Conv2d(width, 6, 1)
        nn.init.constant_(last.bias[:1], -4.0)  # type: ignore[index]  # centres are rare
        self.out = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.ReLU(), last)

    def forward(self, volume: Tensor) -> Tensor:
        """See the class."""
        levels = [self.down[0](volume)]
        for block in self.down[1:]:
            levels.append(block(avg_pool2d(levels[-1], 2)))
        x = levels.pop()
        for block in self.up:
            fine = levels.pop()
            x = block(torch.cat([interpolate(x, scale_factor=2.0, mode="bilinear"), fine], dim=1))
        said: Tensor = self.out(x)
        return said


class Block(nn.Module):
    """Two 3 x 3 convolutions and what goes round them; (B, inside, h, w) to (B, outside, h, w)."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inside, outside, 3, padding=1, bias=False)
        self.second = nn.Conv2d(outside, outside, 3, padding=1, bias=False)
        self.norms = nn.ModuleList([nn.GroupNorm(8, outside), nn.GroupNorm(8, outside)])
        self.skip = nn.Conv2d(inside, outside, 1) if inside != outside else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        hidden = relu(self.norms[0](self.first(x)))
        return relu(self.norms[1](self.second(hidden)) + self.skip(x))


@dataclass(frozen=True)
class CentreTargets:
    """What the network should say of a scene of K objects within the region.

    heat (cells, cells): 1 at centres, falling off with the object's size. cell (K, 2): x and y of
    the centre's cell. values (K, 5): offset of the centre from the cell's middle, logarithms of
    width, length and top.
    """

    heat: Tensor
    cell: Tensor
    values: Tensor


def centre_targets(boxes: Tensor, region: Region) -> CentreTargets:
    """boxes (N, 2, 3), world, metres; those whose centre lies outside the region are left out."""
    size = (boxes[:, 1] - boxes[:, 0]).clamp(min=SMALLEST)
    at = region.to_cells(boxes[:, :, :2].mean(dim=1))
    cell = at.floor().long()
    inside = ((cell >= 0) & (cell < region.cells)).all(dim=1)
    at, cell, size, top = at[inside], cell[inside], size[inside], boxes[inside, 1, 2:]
    steps = torch.arange(region.cells)
    spread = (size[:, :2] / region.cell / 6).clamp(min=0.8)
    away = (steps - cell[:, :, None]) / spread[:, :, None]
    bell = torch.exp(-(away**2) / 2)
    heat = (bell[:, 1, :, None] * bell[:, 0, None, :]).amax(dim=0) if len(cell) else None
    values = torch.cat(
        [at - cell - 0.5, torch.log(size[:, :2] / UNIT), torch.log(top.clamp(min=SMALLEST) / UNIT)],
        dim=1,
    )
    return CentreTargets(
        torch.zeros(region.cells, region.cells) if heat is None else heat, cell, values
    )


def centre_loss(said: Tensor, targets: list[CentreTargets]) -> Tensor:
    """Focal loss of the heat as in CenterNet, and L1 of the boxes round each centre: a scalar."""
    losses = [_scene_loss(one, wanted) for one, wanted in zip(said, targets, strict=True)]
    return torch.stack(losses).mean()


def _scene_loss(said: Tensor, wanted: CentreTargets) -> Tensor:
    heat = said[0].sigmoid().clamp(1e-4, 1 - 1e-4)
    x, y = wanted.cell.unbind(dim=1)
    centre = torch.zeros_like(heat, dtype=torch.bool)
    centre[y, x] = True
    there = (1 - heat) ** 2 * heat.log()
    elsewhere = (1 - wanted.heat) ** 4 * heat**2 * (1 - heat).log()
    count = len(wanted.cell)
    loss = -torch.where(centre, there, elsewhere).sum() / max(count, 1)
    if not count:
        return loss
    weights, last = said.new_tensor(WEIGHTS), said.shape[-1] - 1
    total = said.new_zeros(count)
    for dx, dy in NEIGHBOURS:
        shifted = wanted.values - wanted.values.new_tensor([dx, dy, 0, 0, 0])
        there = said[1:, (y + dy).clamp(0, last), (x + dx).clamp(0, last)].T
        error = l1_loss(there, shifted, reduction="none") @ weights
        total = total + error * (MIDDLE_WEIGHT if dx == dy == 0 else 1.0)
    return loss + total.mean() / (MIDDLE_WEIGHT + len(NEIGHBOURS) - 1)


@dataclass(frozen=True)
class FoundBoxes:
    """boxes (K, 2, 3): world, metres, on the ground, lowest corner first. sure (K,): 0..1."""

    boxes: Tensor
    sure: Tensor


def peaks(said: Tensor, region: Region, least: float) -> FoundBoxes:
    """The boxes of a scene's peaks (6, cells, cells) hotter than `least`, hottest first."""
    heat = said[0].sigmoid()
    highest = max_pool2d(heat[None], PEAK, 1, PEAK // 2)[0]
    y, x = torch.where((heat == highest) & (heat > least))
    order = heat[y, x].argsort(descending=True, stable=True)
    y, x = y[order], x[order]
    values = said[1:, y, x].T
    middle = region.to_world(torch.stack([x, y], dim=1) + 0.5 + values[:, :2])
    size = UNIT * values[:, 2:].exp()
    ground = torch.zeros_like(size[:, :1])
    low = torch.cat([middle - size[:, :2] / 2, ground], dim=1)
    high = torch.cat([middle + size[:, :2] / 2, size[:, 2:]], dim=1)
    return FoundBoxes(torch.stack([low, high], dim=1), heat[y, x])
