"""Baselines small enough to test in a moment, scenes for them, and how well they know these."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from benchmark.scoring.matching import match
from benchmark.training.scenes import SceneSet, as_model_input, collate
from datagen.dataset.reader import Dataset
from model.baseline import Baseline
from model.config import EncoderConfig, VolumeConfig
from model.detr3d.config import NANO as DETR3D
from model.detr3d.config import DecoderConfig
from model.grid import VoxelGrid
from model.imvoxelnet.config import NANO as IMVOXELNET
from model.scenes import Targets, Views
from tests.support.box_scenes import make_box_scenes

GRID = VoxelGrid((14, 14, 6), 0.08)
SMALL_TRAINING = replace(IMVOXELNET.training, epochs=3, batch=2)
TINY_IMVOXELNET = replace(
    IMVOXELNET,
    name="tiny",
    image=32,
    encoder=EncoderConfig("convolutional", width=8),
    training=SMALL_TRAINING,
    volume=VolumeConfig(GRID, "cameras", (16, 16), (1, 1)),
)
TINY_DETR3D = replace(
    DETR3D,
    name="tiny",
    image=32,
    encoder=EncoderConfig("convolutional", width=16),
    training=replace(DETR3D.training, epochs=3, batch=2),
    decoder=DecoderConfig(layers=2, width=32, heads=4, feedforward=64, cells=2),
)


@dataclass(frozen=True)
class Known:
    """Of all objects: the share found, their mean IoU, and the share labelled rightly.

    extra: how many boxes are of no object.
    """

    found: float
    iou: float
    right: float
    extra: int


def box_batch(out: Path, scenes: int, views: int = 4) -> tuple[Views, Targets]:
    """Scenes of three coloured boxes, the odd one of another colour; views of 32 x 32."""
    data = Dataset(make_box_scenes(out, scenes, views, 32))
    items = SceneSet(data, data.names, 32, views, None, 0, 1 << 30, fixed=True)
    return as_model_input(collate([items[index] for index in range(scenes)]))


def taught(network: Baseline, views: Views, targets: Targets, steps: int, rate: float) -> Known:
    """How well a network knows scenes after so many steps on all of them."""
    network.train()
    optimiser = torch.optim.AdamW(network.parameters(), rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, steps)
    for step in range(steps):
        terms = network.loss(views, targets, torch.Generator().manual_seed(step))
        optimiser.zero_grad()
        terms["loss"].backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 35.0)
        optimiser.step()
        schedule.step()
    return known(network.eval(), views, targets)


def known(network: Baseline, views: Views, targets: Targets) -> Known:
    """How well a network knows scenes."""
    extra, right, ious = 0, 0, []
    for row, found in enumerate(network.detect(views)):
        present = targets.present[row]
        true = targets.boxes[row][present].double().numpy()
        own, which, overlap = match(found.boxes.double().numpy(), true)
        labels = targets.labels[row][present][which] > 0.5
        ious += overlap.tolist()
        right += int(((found.scores[own] > 0.5) == labels).sum())
        extra += len(found.boxes) - len(own)
    count = int(targets.present.sum())
    return Known(len(ious) / count, float(np.mean(ious or [0.0])), right / count, extra)


def with_more_room(targets: Targets, more: int) -> Targets:
    """The same objects, with room for others that are not there: large odd ones."""
    batch = len(targets.boxes)
    box = torch.tensor([[-0.3, -0.3, 0.0], [0.3, 0.3, 0.3]])
    return replace(
        targets,
        boxes=torch.cat([targets.boxes, box.expand(batch, more, 2, 3)], dim=1),
        labels=torch.cat([targets.labels, torch.ones(batch, more)], dim=1),
        present=torch.cat([targets.present, torch.zeros(batch, more, dtype=torch.bool)], dim=1),
    )
