"""ImVoxelNet: views into voxels, a 3D neck, and a head at every voxel."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from model.backprojection import back_project
from model.baseline import Baseline, Candidates, encode, oddness
from model.encoder_2d import make_encoder
from model.frame import frame_of
from model.imvoxelnet.config import ImVoxelNetConfig
from model.imvoxelnet.head import Dense, Head
from model.imvoxelnet.loss import dense_loss
from model.overlap import suppress
from model.scenes import Targets, Views
from model.volume import EncoderDecoder


class ImVoxelNet(Baseline):
    """The projection and the neck are those of the paper's detector (Sec. 4.3), the grid too.

    A voxel holds the mean over the views that have it in their image, occluders or not: nothing
    says how far away what a pixel shows is. That is the original's, and the neck must cope.
    encoder_weights: see model.encoder_2d.make_encoder, whose errors it raises.
    """

    def __init__(self, config: ImVoxelNetConfig, encoder_weights: Path | None = None) -> None:
        super().__init__(config)
        self.config: ImVoxelNetConfig = config
        channels = config.volume.channels[0]
        self.encoder_2d = make_encoder(config.encoder, channels, encoder_weights)
        self.neck = EncoderDecoder(config.volume.channels, config.volume.blocks)
        self.head = Head(channels)

    def forward(self, views: Views) -> Dense:
        """What every voxel says."""
        frame = frame_of(self.config.volume, views)
        volume = back_project(encode(self.encoder_2d, views), views, frame)
        dense: Dense = self.head(self.neck(volume), frame)
        return dense

    def loss(self, views: Views, targets: Targets, generator: torch.Generator) -> dict[str, Tensor]:
        """As of model.imvoxelnet.loss.dense_loss; nothing is drawn."""
        voxel = frame_of(self.config.volume, views).voxel
        return dense_loss(self(views), targets, voxel, self.config.head.nearest)

    @torch.no_grad()
    def candidates(self, views: Views) -> list[Candidates]:
        """The most confident voxels' boxes, but those that say the same as a better one.

        Confidence is the likelier class's probability times centreness. Classes do not count when
        boxes are compared: one object has one score.
        """
        dense = self(views)
        confidence = dense.classes.sigmoid().amax(dim=-1) * dense.centreness.sigmoid()
        return [
            self._candidates(dense.boxes[row], confidence[row], oddness(dense.classes[row]))
            for row in range(len(confidence))
        ]

    def _candidates(self, boxes: Tensor, confidence: Tensor, odd: Tensor) -> Candidates:
        best = confidence.topk(min(self.config.head.proposals, len(confidence))).indices
        kept = best[suppress(boxes[best], confidence[best], self.config.head.apart)]
        return Candidates(boxes[kept], confidence[kept], odd[kept])
