"""What the detector is made of (Sec. 4.2), as plain data; the presets and the paper's variants."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from model.grid import PAPER_GRID, VoxelGrid

Attention = Literal["none", "vanilla", "sparse"]


@dataclass(frozen=True)
class EncoderConfig:
    """E_2D (Sec. 3.2).

    kind: resnet50_fpn; efficientnet_lite0, pretrained and fixed; or convolutional, small.
    width: channels of the pyramid, or of the convolutional encoder's first layer.
    """

    kind: Literal["resnet50_fpn", "efficientnet_lite0", "convolutional"]
    width: int


@dataclass(frozen=True)
class VolumeConfig:
    """E_3D (Sec. 3.2).

    grid: voxels and their size. channels: of each scale, finest first; blocks: residual blocks of
    each. fit: "metres" puts the grid at the world's origin with grid.voxel metres a voxel, as the
    paper does; "cameras" moves and scales it to what the cameras look at (model.frame).
    """

    grid: VoxelGrid
    fit: Literal["metres", "cameras"]
    channels: tuple[int, ...]
    blocks: tuple[int, ...]


@dataclass(frozen=True)
class RenderingConfig:
    """The renderer R (Sec. 3.2).

    samples: along a ray; rays: of a scene in a training step; object_share: of these on objects.
    """

    samples: int
    rays: int
    object_share: float


@dataclass(frozen=True)
class DistillationConfig:
    """What the teacher teaches (Sec. 3.2 and 4.2).

    channels: d_f of its features after the PCA; size: h_f = w_f; width: of beta's layers.
    """

    channels: int
    size: int
    width: int


@dataclass(frozen=True)
class BoxConfig:
    """The box estimator B (Sec. 3.3, model.boxes).

    threshold: of density, per voxel edge, from which on a voxel is an object's. reach: DBSCAN's eps
    in voxels; neighbours: its min_samples; refine: density is read at so many points along a
    voxel's edge. seeds: density from which on clusters are sought, which then grow to the
    threshold; None: they are sought from the threshold on.
    """

    threshold: float
    reach: float
    neighbours: int
    refine: int
    seeds: float | None = None


@dataclass(frozen=True)
class MatchingConfig:
    """The matching module M (Sec. 3.4, Table 2).

    attention: none (variant A), vanilla (B and C) or sparse (the full model); blocks, heads: of
    attention; k: correspondences for each voxel in each other object; tokens: channels inside M.
    The rest is not in the paper: looks: M is also shown a pretrained encoder's maps (model.looks);
    siblings: voxels are compared with their nearest, objects as wholes (model.matching); patches:
    so are the cells of those maps, view by view (model.patches).
    """

    attention: Attention
    blocks: int
    heads: int
    k: int
    tokens: int
    looks: bool = False
    siblings: bool = False
    patches: bool = False


@dataclass(frozen=True)
class TrainingConfig:
    """How the detector is trained (Sec. 4.2 and A.2).

    pretraining_epochs, epochs: of stage 1 and 2; batch: scenes of a step. mask_weight:
    lambda_sigma; feature_weight: lambda_f; reconstruction_weight: lambda_p. jitter: of a true box's
    faces, share of its edge, while training. augment: scenes turned, mirrored and tinted, objects
    turned. schedule: of the learning rate over each stage. foreign: share of the scenes that get an
    object of another scene, which is odd there (model.cross_scene_mixing; the name is that of
    0.6.0's checkpoints).
    """

    pretraining_epochs: int
    epochs: int
    batch: int
    learning_rate: float
    mask_weight: float
    feature_weight: float
    reconstruction_weight: float
    jitter: float
    augment: bool
    schedule: Literal["constant", "cosine"]
    foreign: float = 0.0


@dataclass(frozen=True)
class DetectorConfig:
    """All choices.

    name: of the preset. image: pixels along a square input; views: M of training, free afterwards.
    roi: voxels along an object's volume z_n. distillation: None switches it off.
    """

    name: str
    image: int
    views: int
    roi: int
    encoder: EncoderConfig
    volume: VolumeConfig
    rendering: RenderingConfig
    distillation: DistillationConfig | None
    boxes: BoxConfig
    matching: MatchingConfig
    training: TrainingConfig


PAPER = DetectorConfig(
    name="paper",
    image=256,
    views=5,
    roi=8,
    encoder=EncoderConfig("resnet50_fpn", width=256),
    volume=VolumeConfig(PAPER_GRID, "metres", channels=(32, 64, 128, 256), blocks=(1, 2, 3, 4)),
    rendering=RenderingConfig(samples=128, rays=1024, object_share=0.5),
    distillation=DistillationConfig(channels=128, size=32, width=128),
    boxes=BoxConfig(threshold=0.2, reach=1.75, neighbours=5, refine=1),
    matching=MatchingConfig("sparse", blocks=3, heads=8, k=20, tokens=64),
    training=TrainingConfig(
        pretraining_epochs=50,
        epochs=50,
        batch=4,
        learning_rate=2e-5,
        mask_weight=1.0,
        feature_weight=1.0,
        reconstruction_weight=1.0,
        jitter=0.05,
        augment=False,
        schedule="constant",
    ),
)

SMALL = replace(
    PAPER,
    name="voxel-small",
    encoder=EncoderConfig("efficientnet_lite0", width=48),
    volume=VolumeConfig(VoxelGrid((48, 48, 16), 0.03), "cameras", (32, 64, 96, 128), (1, 1, 1, 1)),
    rendering=RenderingConfig(samples=64, rays=512, object_share=0.5),
    distillation=DistillationConfig(channels=64, size=32, width=64),
    boxes=BoxConfig(threshold=0.5, reach=1.75, neighbours=18, refine=2, seeds=1.2),
    matching=replace(PAPER.matching, looks=True, siblings=True, patches=True),
    training=replace(
        PAPER.training, learning_rate=5e-4, augment=True, schedule="cosine", foreign=1.0
    ),
)

NANO = replace(
    PAPER,
    name="voxel-nano",
    views=3,
    roi=4,
    encoder=EncoderConfig("efficientnet_lite0", width=32),
    volume=VolumeConfig(VoxelGrid((32, 32, 12), 0.04), "cameras", (16, 24, 32, 48), (1, 1, 1, 1)),
    rendering=RenderingConfig(samples=32, rays=256, object_share=0.5),
    distillation=DistillationConfig(channels=32, size=16, width=32),
    boxes=BoxConfig(threshold=0.5, reach=1.75, neighbours=18, refine=2, seeds=1.2),
    matching=replace(SMALL.matching, k=8, tokens=48),
    training=replace(
        PAPER.training,
        pretraining_epochs=20,
        epochs=20,
        learning_rate=1e-3,
        augment=True,
        schedule="cosine",
        foreign=1.0,
    ),
)

PRESETS = {config.name: config for config in (PAPER, SMALL, NANO)}

VARIANTS: dict[str, tuple[bool, Attention]] = {
    "A": (False, "none"),
    "B": (False, "vanilla"),
    "C": (True, "vanilla"),
    "full": (True, "sparse"),
}
"""Whether it distils, and its attention."""


def chosen(preset: str, variant: str = "full", distil: bool = True) -> DetectorConfig:
    """A preset, one of PRESETS, as one of Table 2's rows: A, B, C or full.

    distil: False leaves the teacher out. A compares nothing: it has no siblings or patches, and no
    objects of other scenes, which it could not tell.
    """
    config, (distils, attention) = PRESETS[preset], VARIANTS[variant]
    compares = attention != "none"
    return replace(
        config,
        distillation=config.distillation if distils and distil else None,
        matching=replace(
            config.matching,
            attention=attention,
            siblings=config.matching.siblings and compares,
            patches=config.matching.patches and compares,
        ),
        training=replace(config.training, foreign=config.training.foreign if compares else 0.0),
    )


def changed(config: DetectorConfig, **training: Any) -> DetectorConfig:
    """The configuration with other training numbers; None leaves one as it is."""
    given = {key: value for key, value in training.items() if value is not None}
    return replace(config, training=replace(config.training, **given))
