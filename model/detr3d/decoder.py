"""The decoder: queries that speak with each other, look into the views, and move their boxes."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.functional import relu

from model.backprojection import read_views
from model.baseline import encode
from model.detr3d.anchors import as_boxes
from model.detr3d.config import DecoderConfig
from model.encoder_2d import Encoder
from model.focal import PRIOR
from model.frame import Frame
from model.roi import cell_centres
from model.scenes import Views


@dataclass(frozen=True)
class Seen:
    """What queries look into: maps (B, V, C, h, w) of views, in a frame."""

    maps: Tensor
    views: Views
    frame: Frame


@dataclass(frozen=True)
class Said:
    """What Q queries of each of B scenes say after a layer.

    classes (B, Q, 2): logits. boxes (B, Q, 2, 3): world, metres.
    """

    classes: Tensor
    boxes: Tensor

    def select(self, queries: slice) -> Said:
        """What some of the queries say."""
        return Said(self.classes[:, queries], self.boxes[:, queries])


def look(encoder: Encoder, views: Views, frame: Frame) -> Seen:
    """The views, encoded."""
    return Seen(encode(encoder, views), views, frame)


class Decoder(nn.Module):
    """Layers one after the other, each with answers of its own."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(DecoderLayer(config) for _ in range(config.layers))

    def forward(self, queries: Tensor, anchors: Tensor, allowed: Tensor, seen: Seen) -> list[Said]:
        """What queries (B, Q, C) that start at anchors (B, Q, 6) say after each layer.

        allowed (B, Q, Q) bool: whom each of them may listen to. As in the original a layer starts
        where the one before has moved a box, and its loss does not reach back over that.
        """
        said = []
        for layer in self.layers:
            queries, classes, moved = layer(queries, anchors, allowed, seen)
            said.append(Said(classes.float(), as_boxes(moved.float(), seen.frame)))
            anchors = moved.detach()
        return said


class DecoderLayer(nn.Module):
    """Self-attention, a look into the views, a perceptron; each round a skip connection."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        width, self.cells, self.heads = config.width, config.cells, config.heads
        self.place = nn.Sequential(nn.Linear(6, width), nn.ReLU(), nn.Linear(width, width))
        self.attention = nn.MultiheadAttention(width, config.heads, batch_first=True)
        self.look = nn.Linear(width * self.cells**3, width)
        self.widen = nn.Linear(width, config.feedforward)
        self.narrow = nn.Linear(config.feedforward, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.classes = _answer(width, 2, PRIOR)
        self.move = _answer(width, 6, 0.0)

    def forward(
        self, queries: Tensor, anchors: Tensor, allowed: Tensor, seen: Seen
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The queries, their classes (B, Q, 2) and where their boxes are now (B, Q, 6)."""
        place = self.place(anchors)
        asking = queries + place
        mask = ~allowed.repeat_interleave(self.heads, dim=0)
        heard, _ = self.attention(asking, asking, queries, attn_mask=mask, need_weights=False)
        queries = self.norms[0](queries + heard)
        queries = self.norms[1](queries + self.look(self._features(anchors, seen)) + place)
        queries = self.norms[2](queries + self.narrow(relu(self.widen(queries))))
        return queries, self.classes(queries), anchors + self.move(queries)

    def _features(self, anchors: Tensor, seen: Seen) -> Tensor:
        """(B, Q, cells^3 C): the maps at the middles of the box's cells, mean over the views."""
        points = cell_centres(as_boxes(anchors, seen.frame), self.cells)
        read = read_views(seen.maps, seen.views, points.flatten(1, 2))
        return read.view(*read.shape[:2], *points.shape[1:3]).permute(0, 2, 3, 1).flatten(2)


def _answer(width: int, numbers: int, usual: float) -> nn.Sequential:
    """A perceptron that at first says about the usual of everything."""
    last = nn.Linear(width, numbers)
    nn.init.normal_(last.weight, std=1e-3)
    nn.init.constant_(last.bias, usual)
    return nn.Sequential(nn.Linear(width, width), nn.ReLU(), last)
