"""The choices of colmap-dgcnn, as plain data, and its sizes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

BackEnd = Literal["plane-sweep", "depth", "colmap"]


@dataclass(frozen=True)
class ReconstructionConfig:
    """How views become a cloud.

    back_end: depth is the labels' own, an oracle. views: wanted, at most; image: pixels along a
    square one. Of the plane sweep: planes tried along a pixel; sources, the views that each is
    compared with, the nearest ones; window: pixels along the square that is compared; least:
    correlation of -1..1 below which a pixel has no depth; agreeing: views that must tell the same
    depth; tolerance: by how much that may differ, as a share. Of all: voxel, metres between points;
    floor, metres above it up to which points are taken for it.
    """

    back_end: BackEnd
    views: int
    image: int
    planes: int
    sources: int
    window: int
    least: float
    agreeing: int
    tolerance: float
    voxel: float
    floor: float


@dataclass(frozen=True)
class NetworkConfig:
    """points: of an object's cloud, at most. colour: whether points have one.

    neighbours: k. channels: of each EdgeConv. width: of what is pooled; embedding: of the result.
    """

    points: int
    colour: bool
    neighbours: int
    channels: tuple[int, ...]
    width: int
    embedding: int


@dataclass(frozen=True)
class DgcnnTraining:
    """By AdamW. pretraining_epochs: of telling kinds apart; epochs: of triplets. batch: scenes.

    decay: of the weights. augment: clouds turned about z, scenes mirrored. schedule: of the
    learning rate over the epochs of each stage.
    """

    pretraining_epochs: int
    epochs: int
    batch: int
    learning_rate: float
    decay: float
    augment: bool
    schedule: Literal["constant", "cosine"]


@dataclass(frozen=True)
class DgcnnConfig:
    """All choices. name: of the preset."""

    name: str
    kind: Literal["colmap-dgcnn"]
    reconstruction: ReconstructionConfig
    network: NetworkConfig
    training: DgcnnTraining


PAPER = DgcnnConfig(
    name="paper",
    kind="colmap-dgcnn",
    reconstruction=ReconstructionConfig(
        back_end="plane-sweep",
        views=20,
        image=256,
        planes=96,
        sources=4,
        window=7,
        least=0.5,
        agreeing=2,
        tolerance=0.01,
        voxel=0.003,
        floor=0.006,
    ),
    network=NetworkConfig(
        points=1024,
        colour=False,
        neighbours=20,
        channels=(64, 64, 128, 256),
        width=1024,
        embedding=256,
    ),
    training=DgcnnTraining(
        pretraining_epochs=50,
        epochs=50,
        batch=4,
        learning_rate=1e-3,
        decay=1e-4,
        augment=False,
        schedule="cosine",
    ),
)

SMALL = replace(
    PAPER,
    name="small",
    reconstruction=replace(PAPER.reconstruction, planes=64, voxel=0.004),
    network=replace(
        PAPER.network,
        points=512,
        colour=True,
        neighbours=16,
        channels=(64, 64, 128),
        width=512,
        embedding=128,
    ),
    training=replace(PAPER.training, augment=True),
)

NANO = replace(
    SMALL,
    name="nano",
    reconstruction=replace(
        SMALL.reconstruction, image=128, planes=48, sources=2, agreeing=1, tolerance=0.02
    ),
    network=replace(
        SMALL.network, points=256, neighbours=10, channels=(32, 32, 64), width=128, embedding=64
    ),
    training=replace(SMALL.training, pretraining_epochs=20, epochs=20),
)

PRESETS = {config.name: config for config in (PAPER, SMALL, NANO)}


def chosen(preset: str, back_end: BackEnd | None = None, **training: Any) -> DgcnnConfig:
    """A preset, perhaps with another back end and other training numbers; None stays as it is."""
    config = PRESETS[preset]
    reconstruction = config.reconstruction
    if back_end is not None:
        reconstruction = replace(reconstruction, back_end=back_end)
    given = {key: value for key, value in training.items() if value is not None}
    return replace(
        config, reconstruction=reconstruction, training=replace(config.training, **given)
    )
