"""E_3D: the four-scale encoder-decoder that refines the aggregated volume (Sec. 3.2)."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn.functional import interpolate, relu


class Residual(nn.Module):
    """Two 3 x 3 x 3 convolutions round a skip connection."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = convolution(channels, channels)
        self.second = nn.Sequential(
            nn.Conv3d(channels, channels, 3, padding=1, bias=False), nn.GroupNorm(8, channels)
        )

    def forward(self, volume: Tensor) -> Tensor:
        """(B, C, Z, Y, X) to the same shape."""
        return relu(volume + self.second(self.first(volume)))


class EncoderDecoder(nn.Module):
    """E_3D. channels: of each scale, finest first, each half the size of the one before.

    blocks: residual blocks of each scale. The paper says "four-scale encoder-decoder". Here:
    residual blocks on each scale, on the way down and, but for the coarsest, on the way up; strided
    convolutions down; trilinear enlargement, a 1 x 1 x 1 convolution and a sum with the encoder's
    volume up. Group norms, as a batch of 4 is too small for batch norms.
    """

    def __init__(self, channels: tuple[int, ...], blocks: tuple[int, ...]) -> None:
        super().__init__()
        stages = list(zip(channels, blocks, strict=True))
        self.encode = nn.ModuleList(_stage(*stage) for stage in stages)
        self.decode = nn.ModuleList(_stage(*stage) for stage in stages[:-1])
        self.down = nn.ModuleList(convolution(a, b, stride=2) for a, b in pairwise(channels))
        self.up = nn.ModuleList(nn.Conv3d(b, a, 1) for a, b in pairwise(channels))

    def forward(self, volume: Tensor) -> Tensor:
        """(B, d, Z, Y, X) to the same shape; any sizes."""
        scales = [self.encode[0](volume)]
        for down, encode in zip(self.down, list(self.encode)[1:], strict=True):
            scales.append(encode(down(scales[-1])))
        volume = scales.pop()
        for up, decode in reversed(list(zip(self.up, self.decode, strict=True))):
            finer = scales.pop()
            volume = decode(
                finer + interpolate(up(volume), size=finer.shape[-3:], mode="trilinear")
            )
        return volume


def convolution(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    """3 x 3 x 3 convolution from `inside` to `outside` channels, group norm, ReLU."""
    return nn.Sequential(
        nn.Conv3d(inside, outside, 3, stride=stride, padding=1, bias=False),
        nn.GroupNorm(8, outside),
        nn.ReLU(),
    )


def _stage(channels: int, blocks: int) -> nn.Sequential:
    return nn.Sequential(*(Residual(channels) for _ in range(blocks)))
