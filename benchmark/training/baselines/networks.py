"""The baselines by name: their sizes and their networks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from model.baseline import Baseline
from model.config import PRESETS as DETECTORS
from model.config import EncoderConfig
from model.detr3d.config import PRESETS as DETR3D
from model.detr3d.config import Detr3dConfig
from model.detr3d.network import Detr3d
from model.imvoxelnet.config import PRESETS as IMVOXELNET
from model.imvoxelnet.config import ImVoxelNetConfig
from model.imvoxelnet.network import ImVoxelNet

AnyConfig = ImVoxelNetConfig | Detr3dConfig

PRESETS: dict[str, dict[str, AnyConfig]] = {"imvoxelnet": {**IMVOXELNET}, "detr3d": {**DETR3D}}

ENCODERS: dict[str, EncoderConfig] = {
    "resnet50-fpn": DETECTORS["paper"].encoder,
    "efficientnet-lite0": DETECTORS["voxel-small"].encoder,
}


def chosen(model: str, preset: str, encoder: str | None = None, **training: Any) -> AnyConfig:
    """A preset of PRESETS[model], perhaps with another of ENCODERS and other training numbers.

    Those that are None stay.
    """
    config = PRESETS[model][preset]
    given = {key: value for key, value in training.items() if value is not None}
    return replace(
        config,
        encoder=ENCODERS[encoder] if encoder else config.encoder,
        training=replace(config.training, **given),
    )


def make_network(config: AnyConfig, encoder_weights: Path | None = None) -> Baseline:
    """With random weights, but for those of the encoder where there are some."""
    if isinstance(config, ImVoxelNetConfig):
        return ImVoxelNet(config, encoder_weights)
    return Detr3d(config, encoder_weights)
