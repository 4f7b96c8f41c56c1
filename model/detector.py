"""The whole detector, psi: views of a scene to boxes, each with how odd it is (Eq. 1, Fig. 2)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from model.backprojection import back_project
from model.boxes import estimate_boxes, pad_boxes
from model.config import DetectorConfig
from model.encoder_2d import make_encoder
from model.fields import ColourField, DensityField, Projector
from model.frame import Frame, frame_of
from model.looks import read_looks
from model.matching import Matching
from model.objects import Objects
from model.patches import read_patches
from model.roi import pool
from model.scenes import Views
from model.volume import EncoderDecoder

SOLID = 0.1  # density, per voxel edge, from which on a voxel is part of an object


@dataclass(frozen=True)
class Reconstruction:
    """The volumes of B scenes (Sec. 3.2), (B, channels, Z, Y, X), in a frame.

    volume: F_v; colour: V_c, 0..1; density: V_sigma, per voxel edge; features: V_f, None without
    distillation. views: what they were made from; maps: what a pretrained encoder made of these,
    (B, V, c, h, w) of several sizes.
    """

    frame: Frame
    views: Views
    maps: tuple[Tensor, ...]
    volume: Tensor
    colour: Tensor
    density: Tensor
    features: Tensor | None


@dataclass(frozen=True)
class Detection:
    """What was found in a scene.

    boxes (K, 2, 3): world, metres, lowest corner first. scores (K,): 0..1, 1 = odd.
    """

    boxes: Tensor
    scores: Tensor


class OddOneOutNetwork(nn.Module):
    """The network of psi: M views in, any M; boxes and how odd each is out.

    encoder_weights: see model.encoder_2d.make_encoder, whose errors it raises.
    """

    def __init__(self, config: DetectorConfig, encoder_weights: Path | None = None) -> None:
        super().__init__()
        self.config = config
        channels = config.volume.channels[0]
        self.encoder_2d = make_encoder(config.encoder, channels, encoder_weights)
        self.encoder_3d = EncoderDecoder(config.volume.channels, config.volume.blocks)
        self.colour = ColourField(channels)
        self.density = DensityField(channels)
        taught = config.distillation
        self.projector = taught and Projector(channels, taught.width, taught.channels)
        self.matching = Matching(
            channels, self.encoder_2d.fixed_channels, config.roi, config.matching
        )

    def reconstruct(self, views: Views, frame: Frame | None = None) -> Reconstruction:
        """3D feature fusion (Sec. 3.2). frame: where the grid stands, if not as configured."""
        frame = frame or frame_of(self.config.volume, views)
        batch, count = views.images.shape[:2]
        learnt, *fixed = self.encoder_2d(views.images.flatten(0, 1))
        maps = learnt.unflatten(0, (batch, count))
        volume = self.encoder_3d(back_project(maps, views, frame))
        return Reconstruction(
            frame,
            views,
            tuple(level.unflatten(0, (batch, count)) for level in fixed),
            volume,
            self.colour(volume),
            self.density(volume),
            self.projector(volume) if self.projector else None,
        )

    def objects(self, scene: Reconstruction, boxes: Tensor) -> Objects:
        """z_n and beta(z_n) of boxes (B, N, 2, 3), world, metres (Sec. 3.3).

        Without distillation beta is not taught, so correspondences compare z_n itself.
        """
        volumes = pool(scene.volume, boxes, scene.frame, self.config.roi)
        density = pool(scene.density.detach(), boxes, scene.frame, self.config.roi)
        solid = density > SOLID
        solid = solid | ~solid.flatten(2).any(dim=2)[:, :, None, None, None, None]
        looks = volumes[:, :, :0]
        if self.config.matching.looks:
            looks = read_looks(scene.maps, scene.views, boxes, solid, self.config.roi)
        taught = volumes
        if self.projector:
            taught = self.projector(volumes.flatten(0, 1)).unflatten(0, (len(volumes), -1))
        patches = None
        if self.config.matching.patches:
            patches = read_patches(scene.maps, scene.views, boxes, scene.density, scene.frame)
        return Objects(volumes, taught, solid, looks, patches)

    def classify(self, scene: Reconstruction, boxes: Tensor, present: Tensor) -> Tensor:
        """Logits (B, N) of boxes (B, N, 2, 3), world, metres (Sec. 3.4); present (B, N) bool."""
        logits: Tensor = self.matching(self.objects(scene, boxes), present)
        return logits

    @torch.no_grad()
    def detect(self, views: Views, boxes: list[Tensor] | None = None) -> list[Detection]:
        """Boxes and scores of each scene (Eq. 1).

        boxes: given ones instead of estimated ones, (K, 2, 3) for each scene, world, metres.
        """
        scene = self.reconstruct(views)
        if boxes is None:
            boxes = estimate_boxes(scene.density, scene.frame, self.config.boxes)
        padded, present = pad_boxes(boxes)
        scores = torch.sigmoid(self.classify(scene, padded, present).float())
        return [Detection(own, score[: len(own)]) for own, score in zip(boxes, scores, strict=True)]
