"""E_2D, shared by all views (Sec. 3.2): ResNet50-FPN, or small ones for small machines."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from datagen.errors import OddgenError
from model.config import EncoderConfig
from model.efficientnet import MEAN, SPREAD, load_efficientnet_lite0, trunk_maps


class Encoder(nn.Module):
    """Called with images (B, 3, H, W) in 0..1; returns a list of maps (B, c, h, w).

    The first is learnt and has d channels. Others are a pretrained network's own, and have
    fixed_channels together.
    """

    fixed_channels: int = 0


class ResNetFPN(Encoder):
    """ResNet50 with a feature pyramid; its levels are added up at a quarter of the image's size.

    The paper does not say which level d x h x w is: here every level goes through a 3 x 3
    convolution to d channels and is enlarged to the finest, and they are summed. weights: folder
    of a transformers ResNet-50 (microsoft/resnet-50); then its batch norms stay as they are, since
    4 scenes are too few to estimate them. Without weights they are trained.
    """

    def __init__(self, width: int, out: int, weights: Path | None = None) -> None:
        super().__init__()
        from transformers import ResNetBackbone, ResNetConfig

        stages = [f"stage{number}" for number in (1, 2, 3, 4)]
        if weights is None:
            config: Any = ResNetConfig
            self.backbone: Any = ResNetBackbone(config(out_features=stages))
        else:
            self.backbone = _pretrained(weights, stages)
        self.norms_frozen = weights is not None
        self.lateral = nn.ModuleList(nn.Conv2d(c, width, 1) for c in self.backbone.channels)
        self.smooth = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in stages)
        self.head = nn.ModuleList(nn.Conv2d(width, out, 3, padding=1) for _ in stages)

    def train(self, mode: bool = True) -> ResNetFPN:
        """As of any module, but that batch norms of given weights stay in evaluation."""
        super().train(mode)
        if self.norms_frozen:
            for module in self.backbone.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        return self

    def forward(self, images: Tensor) -> list[Tensor]:
        """(B, 3, H, W) in 0..1 to one map (B, d, H / 4, W / 4)."""
        mean, spread = (images.new_tensor(v).view(3, 1, 1) for v in (MEAN, SPREAD))
        maps = self.backbone((images - mean) / spread).feature_maps
        levels = [lateral(level) for lateral, level in zip(self.lateral, maps, strict=True)]
        for coarse, fine in pairwise(reversed(range(len(levels)))):
            levels[fine] = levels[fine] + interpolate(levels[coarse], scale_factor=2.0)
        size = levels[0].shape[-2:]
        heads = zip(self.smooth, self.head, levels, strict=True)
        enlarged = [
            interpolate(head(smooth(level)), size=size, mode="bilinear")
            for smooth, head, level in heads
        ]
        return [torch.stack(enlarged).sum(0)]


class ConvolutionalEncoder(Encoder):
    """Six convolutions with a skip connection, to half of the image's size."""

    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        self.fine = nn.Sequential(_step(3, width, 2), _step(width, width, 1))
        self.coarse = nn.Sequential(_step(width, 2 * width, 2), _step(2 * width, 2 * width, 1))
        self.lateral = nn.Conv2d(2 * width, width, 1)
        self.out = nn.Conv2d(width, out, 3, padding=1)

    def forward(self, images: Tensor) -> list[Tensor]:
        """(B, 3, H, W) in 0..1 to one map (B, d, H / 2, W / 2)."""
        fine = self.fine(images - 0.5)
        coarse = interpolate(self.lateral(self.coarse(fine)), size=fine.shape[-2:], mode="bilinear")
        return [self.out(fine + coarse)]


class FrozenEfficientNet(Encoder):
    """EfficientNet-Lite0 as ImageNet taught it, which stays as it is; what is learnt lies on it.

    A few hundred scenes are too few to learn how things look. The trunk's maps at an eighth and a
    sixteenth of the image's size (TAPS) go through 1 x 1 convolutions, are enlarged to those at a
    quarter, and summed.
    """

    TAPS = (2, 4, 10)  # the last blocks at 1/4, 1/8 and 1/16, with 24, 40 and 112 channels

    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        trunk, _ = load_efficientnet_lite0()
        self.trunk = trunk.to(memory_format=torch.channels_last)
        del self.trunk._blocks[self.TAPS[-1] + 1 :]
        del self.trunk._conv_head, self.trunk._bn1, self.trunk._fc
        channels = [self.trunk._blocks[tap]._block_args.output_filters for tap in self.TAPS]
        self.fixed_channels = sum(channels)
        self.lateral = nn.ModuleList(nn.Conv2d(count, width, 1) for count in channels)
        self.out = nn.Sequential(_step(width, width, 1), nn.Conv2d(width, out, 3, padding=1))

    def train(self, mode: bool = True) -> FrozenEfficientNet:
        """As of any module, but that the trunk stays in evaluation."""
        super().train(mode)
        self.trunk.eval()
        return self

    def forward(self, images: Tensor) -> list[Tensor]:
        """(B, 3, H, W) in 0..1 to (B, d, H / 4, W / 4), learnt, and the trunk's own maps."""
        fixed = self.fixed_maps(images)
        levels = [lay(level) for lay, level in zip(self.lateral, fixed, strict=True)]
        size = levels[0].shape[-2:]
        learnt = self.out(sum(interpolate(level, size=size, mode="bilinear") for level in levels))
        return [learnt, *fixed]

    @torch.no_grad()
    def fixed_maps(self, images: Tensor) -> list[Tensor]:
        """(B, 3, H, W) in 0..1 to the trunk's maps (B, c, h, w) at TAPS, finest first."""
        return trunk_maps(self.trunk, images, self.TAPS)


def make_encoder(config: EncoderConfig, out: int, weights: Path | None = None) -> Encoder:
    """The encoder of a configuration, whose learnt map has `out` channels (d).

    weights: folder of pretrained ones, for resnet50_fpn only. Raises OddgenError where they do not
    fit.
    """
    if config.kind == "resnet50_fpn":
        return ResNetFPN(config.width, out, weights)
    if config.kind == "efficientnet_lite0" and weights is None:
        return FrozenEfficientNet(config.width, out)
    if weights is not None:
        raise OddgenError(
            f"{weights}: the {config.kind} encoder takes no weights; leave them out or use a "
            "preset with resnet50_fpn."
        )
    return ConvolutionalEncoder(config.width, out)


def _step(inside: int, outside: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride=stride, padding=1),
        nn.GroupNorm(8, outside),
        nn.ReLU(),
    )


def _pretrained(folder: Path, stages: list[str]) -> Any:
    from transformers import ResNetBackbone

    if not (folder / "config.json").is_file():
        raise OddgenError(
            f"{folder}: holds no config.json; give the folder of a transformers ResNet-50, "
            "such as a download of microsoft/resnet-50."
        )
    load: Any = ResNetBackbone.from_pretrained
    try:
        backbone, report = load(
            folder, out_features=stages, local_files_only=True, output_loading_info=True
        )
    except (OSError, ValueError, RuntimeError) as error:
        first = str(error).strip().splitlines()[0]
        raise OddgenError(
            f"{folder}: not a ResNet that can be loaded ({first}); give the folder of a "
            "transformers ResNet-50."
        ) from error
    if report["missing_keys"]:
        raise OddgenError(
            f"{folder}: {len(report['missing_keys'])} weights are missing; give the folder of a "
            "transformers ResNet-50."
        )
    return backbone
