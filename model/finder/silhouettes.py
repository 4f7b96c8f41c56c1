"""Object or not, pixel by pixel, from a pretrained encoder's maps and the raw image."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import (
    avg_pool2d,
    binary_cross_entropy_with_logits,
    interpolate,
    max_pool2d,
)

BORDER = 5  # pixels: objects nearer than half of that to one another have a border between them
BORDER_WEIGHT = 3.0  # borders are few


class SilhouetteHead(nn.Module):
    """Maps at 1/2, 1/4, 1/8 and 1/16 of an image's size to two logits at 1/2.

    The first tells whether a pixel shows an object, the second whether it lies on a border between
    two objects. channels: of the four maps, finest first.
    """

    def __init__(self, channels: tuple[int, ...], width: int) -> None:
        super().__init__()
        fine, *coarse = channels
        self.lateral = nn.ModuleList(nn.Conv2d(count, width, 1) for count in coarse)
        self.context = nn.Sequential(
            nn.GroupNorm(8, width),
            nn.Conv2d(width, width, 3, padding=1),
            nn.GroupNorm(8, width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=2, dilation=2),
            nn.GroupNorm(8, width),
            nn.ReLU(),
        )
        self.raw = nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 16, 3, padding=1),
            nn.ReLU(),
        )
        self.fine = nn.Conv2d(fine, 16, 1)
        self.out = nn.Sequential(
            nn.Conv2d(width + 32, 32, 3, padding=1),
            nn.GroupNorm(8, 32),
            nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(32, 2, 1),
        )

    def forward(self, images: Tensor, maps: list[Tensor]) -> Tensor:
        """images (B, 3, H, W) in 0..1 and their maps, finest first, to logits (B, 2, H/2, W/2)."""
        fine, *coarse = maps
        size = coarse[0].shape[-2:]
        levels = [
            interpolate(lay(level), size=size, mode="bilinear")
            for lay, level in zip(self.lateral, coarse, strict=True)
        ]
        summed = torch.stack(levels).sum(0)
        wide = interpolate(self.context(summed) + summed, size=fine.shape[-2:], mode="bilinear")
        logits: Tensor = self.out(torch.cat([wide, self.raw(images - 0.5), self.fine(fine)], dim=1))
        return logits


def silhouette_targets(instance: Tensor) -> Tensor:
    """What the head should say of instance masks (B, H, W), 0 = no object: (B, 2, H/2, W/2)."""
    mask = (instance > 0).float()[:, None]
    return torch.cat([avg_pool2d(mask, 2), max_pool2d(_borders(instance), 2)], dim=1)


def silhouette_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy and soft Dice of silhouettes, and cross-entropy of borders: a scalar."""
    inside, border = logits.unbind(dim=1)
    wanted, between = targets.unbind(dim=1)
    share = inside.sigmoid()
    both, either = (share * wanted).sum(dim=(1, 2)), (share + wanted).sum(dim=(1, 2))
    weight = logits.new_tensor(BORDER_WEIGHT)
    return (
        binary_cross_entropy_with_logits(inside, wanted)
        + (1 - (2 * both + 1) / (either + 1)).mean()
        + 0.5 * binary_cross_entropy_with_logits(border, between, pos_weight=weight)
    )


def overlap(logits: Tensor, targets: Tensor) -> Tensor:
    """(B,) intersection over union of the silhouettes."""
    said, true = logits[:, 0] > 0, targets[:, 0] > 0.5
    union = (said | true).sum(dim=(1, 2)).clamp(min=1)
    return (said & true).sum(dim=(1, 2)) / union


def _borders(instance: Tensor) -> Tensor:
    """(B, 1, H, W): 1 where two objects are seen within BORDER pixels."""
    number = instance.float()[:, None]
    beyond = number.new_tensor(256.0)
    high = max_pool2d(number, BORDER, 1, BORDER // 2)
    low = -max_pool2d(-torch.where(number > 0, number, beyond), BORDER, 1, BORDER // 2)
    return ((high != low) & (high > 0) & (low < beyond)).float()
