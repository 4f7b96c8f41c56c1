"""DETR3D: views, object queries and the boxes that they end at."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import torch
from torch import Tensor, nn

from model.baseline import Baseline, Candidates, oddness
from model.detr3d.anchors import as_anchors, ground_anchors
from model.detr3d.config import Detr3dConfig
from model.detr3d.decoder import Decoder, Said, Seen, look
from model.detr3d.loss import copies_as_pairs, match, set_loss
from model.detr3d.noising import Noised, may_listen, noised
from model.encoder_2d import make_encoder
from model.frame import frame_of
from model.scenes import Targets, Views


class Detr3d(Baseline):
    """No volume is made: each query reads the views at its own box, layer by layer.

    What a query reads is the mean over the views that have the point in their image, occluders or
    not. encoder_weights: see model.encoder_2d.make_encoder, whose errors it raises.
    """

    def __init__(self, config: Detr3dConfig, encoder_weights: Path | None = None) -> None:
        super().__init__(config)
        self.config: Detr3dConfig = config
        width, queries = config.decoder.width, config.queries
        self.encoder_2d = make_encoder(config.encoder, width, encoder_weights)
        self.queries = nn.Parameter(torch.randn(queries.rows * queries.columns, width))
        start = ground_anchors(queries)
        if queries.start == "learnt":
            self.start = nn.Parameter(start)
        else:
            self.register_buffer("start", start)
        if config.set_loss.noised:
            self.copy = nn.Parameter(torch.randn(width))
        self.decoder = Decoder(config.decoder)

    def forward(self, seen: Seen, copies: Noised | None = None) -> list[Said]:
        """What the queries, and copies of true boxes after them, say after each layer."""
        batch, count = len(seen.maps), len(self.queries)
        queries = self.queries.expand(batch, -1, -1)
        anchors = self.start.expand(batch, -1, -1)
        if copies is None:
            allowed = may_listen(count, 0, self.queries.new_zeros((batch, 0), dtype=torch.bool))
        else:
            more = self.copy.expand(batch, copies.boxes.shape[1], -1)
            queries = torch.cat([queries, more], dim=1)
            anchors = torch.cat([anchors, as_anchors(copies.boxes, seen.frame)], dim=1)
            allowed = may_listen(count, self.config.set_loss.noised, copies.present)
        said: list[Said] = self.decoder(queries, anchors, allowed, seen)
        return said

    def loss(self, views: Views, targets: Targets, generator: torch.Generator) -> dict[str, Tensor]:
        """The set loss, each term summed over the layers; "denoising": all terms of the copies.

        Each layer's queries are given their objects anew.
        """
        config, frame = self.config.set_loss, frame_of(self.config.place, views)
        copies = noised(targets, config, generator) if config.noised else None
        said = self(look(self.encoder_2d, views, frame), copies)
        count, terms = (
            len(self.queries),
            defaultdict[str, Tensor](lambda: frame.voxel.new_zeros(())),
        )
        for after in said:
            own = after.select(slice(0, count))
            pairs = match(own, targets, frame, config)
            real = torch.ones_like(own.classes[..., 0], dtype=torch.bool)
            for name, term in set_loss(own, pairs, real, targets, frame, config).items():
                terms[name] = terms[name] + term
            if copies is not None:
                pairs = copies_as_pairs(copies.present, targets.boxes.shape[1])
                copied = after.select(slice(count, None))
                parts = set_loss(copied, pairs, copies.present, targets, frame, config)
                terms["denoising"] = terms["denoising"] + torch.stack(list(parts.values())).sum()
        return dict(terms) | {"loss": torch.stack(list(terms.values())).sum()}

    @torch.no_grad()
    def candidates(self, views: Views) -> list[Candidates]:
        """What all queries say at last; confidence: the likelier class's probability."""
        said = self(look(self.encoder_2d, views, frame_of(self.config.place, views)))[-1]
        confidence, odd = said.classes.sigmoid().amax(dim=-1), oddness(said.classes)
        return [Candidates(*row) for row in zip(said.boxes, confidence, odd, strict=True)]
