"""The choices of DETR3D, as plain data, and its sizes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from model.baseline import BaselineConfig, BaselineTraining
from model.config import PAPER as DETECTOR
from model.config import EncoderConfig
from model.grid import PAPER_GRID, VoxelGrid


@dataclass(frozen=True)
class PlaceConfig:
    """Where objects may be: the room that a grid would fill (model.frame); no voxels are made."""

    grid: VoxelGrid
    fit: Literal["metres", "cameras"]


@dataclass(frozen=True)
class QueryConfig:
    """The object queries. start: where they look first, on a fixed grid on the ground of `rows` by
    `columns`, or at as many places that are learnt.
    """

    start: Literal["ground", "learnt"]
    rows: int
    columns: int


@dataclass(frozen=True)
class DecoderConfig:
    """The decoder. width: channels; feedforward: of the perceptrons in between.

    cells: features are read at the middles of cells^3 cells of a query's box; 1 is its middle.
    """

    layers: int
    width: int
    heads: int
    feedforward: int
    cells: int


@dataclass(frozen=True)
class SetLossConfig:
    """The set loss. *_weight: of the terms, in the loss and when queries are given their objects.

    noised: how many times each true box is given as a query of its own, moved by up to `moved` of
    its edges and resized by up to e^`resized`; 0 = never.
    """

    class_weight: float
    distance_weight: float
    overlap_weight: float
    noised: int
    moved: float
    resized: float


@dataclass(frozen=True)
class Detr3dConfig(BaselineConfig):
    """All choices."""

    kind: Literal["detr3d"]
    place: PlaceConfig
    queries: QueryConfig
    decoder: DecoderConfig
    set_loss: SetLossConfig


PAPER = Detr3dConfig(
    name="paper",
    image=DETECTOR.image,
    views=DETECTOR.views,
    encoder=DETECTOR.encoder,
    least=0.2,
    training=BaselineTraining(
        epochs=100,
        batch=4,
        learning_rate=2e-4,
        decay=1e-2,
        steepest=35.0,
        augment=False,
        schedule="cosine",
    ),
    kind="detr3d",
    place=PlaceConfig(PAPER_GRID, "metres"),
    queries=QueryConfig("learnt", 30, 30),
    decoder=DecoderConfig(layers=6, width=256, heads=8, feedforward=512, cells=1),
    set_loss=SetLossConfig(2.0, 5.0, 2.0, noised=0, moved=0.0, resized=0.0),
)

SMALL = replace(
    PAPER,
    name="small",
    encoder=EncoderConfig("efficientnet_lite0", width=48),
    place=PlaceConfig(VoxelGrid((48, 48, 16), 0.03), "cameras"),
    queries=QueryConfig("ground", 4, 6),
    decoder=DecoderConfig(layers=4, width=128, heads=8, feedforward=256, cells=2),
    set_loss=SetLossConfig(2.0, 5.0, 2.0, noised=4, moved=0.3, resized=0.3),
    training=replace(PAPER.training, learning_rate=5e-4, augment=True, steepest=5.0),
)

NANO = replace(
    SMALL,
    name="nano",
    views=3,
    encoder=EncoderConfig("efficientnet_lite0", width=32),
    place=PlaceConfig(VoxelGrid((32, 32, 12), 0.04), "cameras"),
    decoder=DecoderConfig(layers=3, width=64, heads=4, feedforward=128, cells=2),
    training=replace(SMALL.training, epochs=40, learning_rate=1e-3),
)

PRESETS = {config.name: config for config in (PAPER, SMALL, NANO)}
