"""The choices of ImVoxelNet, as plain data, and its sizes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from model.baseline import BaselineConfig, BaselineTraining
from model.config import PAPER as DETECTOR
from model.config import EncoderConfig, VolumeConfig
from model.grid import VoxelGrid


@dataclass(frozen=True)
class HeadConfig:
    """The head, and what is made of it.

    nearest: voxels of an object that are taught it, those nearest to its middle. proposals: voxels
    whose boxes are looked at, the most confident ones. apart: IoU of two boxes from which on they
    are one.
    """

    nearest: int
    proposals: int
    apart: float


@dataclass(frozen=True)
class ImVoxelNetConfig(BaselineConfig):
    """All choices. volume: the grid and the 3D neck."""

    kind: Literal["imvoxelnet"]
    volume: VolumeConfig
    head: HeadConfig


PAPER = ImVoxelNetConfig(
    name="paper",
    image=DETECTOR.image,
    views=DETECTOR.views,
    encoder=DETECTOR.encoder,
    least=0.2,
    training=BaselineTraining(
        epochs=100,
        batch=4,
        learning_rate=1e-4,
        decay=1e-4,
        steepest=35.0,
        augment=False,
        schedule="cosine",
    ),
    kind="imvoxelnet",
    volume=DETECTOR.volume,
    head=HeadConfig(nearest=18, proposals=200, apart=0.25),
)

SMALL = replace(
    PAPER,
    name="small",
    encoder=EncoderConfig("efficientnet_lite0", width=48),
    volume=VolumeConfig(VoxelGrid((48, 48, 16), 0.03), "cameras", (32, 64, 96, 128), (1, 1, 1, 1)),
    training=replace(PAPER.training, learning_rate=5e-4, augment=True),
)

NANO = replace(
    SMALL,
    name="nano",
    views=3,
    encoder=EncoderConfig("efficientnet_lite0", width=32),
    volume=VolumeConfig(VoxelGrid((32, 32, 12), 0.04), "cameras", (16, 24, 32, 48), (1, 1, 1, 1)),
    training=replace(SMALL.training, epochs=40, learning_rate=1e-3),
)

PRESETS = {config.name: config for config in (PAPER, SMALL, NANO)}
