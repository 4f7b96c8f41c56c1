"""What the baselines of Sec. 4.3 have in common: detectors of two classes, odd and normal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from model.config import EncoderConfig
from model.detector import Detection
from model.encoder_2d import Encoder
from model.overlap import overlaps
from model.scenes import Targets, Views

ODD, NORMAL = 0, 1  # numbers of the classes


@dataclass(frozen=True)
class BaselineTraining:
    """How a baseline is trained, by AdamW.

    batch: scenes of a step. decay: of the weights. steepest: length of a step's gradient. augment:
    scenes turned, mirrored and tinted. schedule: of the learning rate over all epochs.
    """

    epochs: int
    batch: int
    learning_rate: float
    decay: float
    steepest: float
    augment: bool
    schedule: Literal["constant", "cosine"]


@dataclass(frozen=True)
class BaselineConfig:
    """What every baseline has.

    name: of the preset. image: pixels along a square input. views: M of training, free afterwards.
    least: confidence from which on a candidate is an object, before held-out scenes say better.
    """

    name: str
    image: int
    views: int
    encoder: EncoderConfig
    least: float
    training: BaselineTraining


@dataclass(frozen=True)
class Candidates:
    """Boxes of a scene that may be objects, at least one.

    boxes (K, 2, 3): world, metres, lowest corner first. confidence (K,): 0..1, that there is an
    object. odd (K,): 0..1, how odd it is.
    """

    boxes: Tensor
    confidence: Tensor
    odd: Tensor

    def surer_than(self, least: float) -> Detection:
        """Those of at least this confidence."""
        sure = self.confidence >= least
        return Detection(self.boxes[sure], self.odd[sure])


class Baseline(nn.Module, ABC):
    """A detector that labels each object by itself, trained on true boxes of two classes.

    least: confidence from which on a candidate is an object.
    """

    config: BaselineConfig
    least: Tensor

    def __init__(self, config: BaselineConfig) -> None:
        super().__init__()
        self.register_buffer("least", torch.tensor(config.least))

    @abstractmethod
    def loss(self, views: Views, targets: Targets, generator: torch.Generator) -> dict[str, Tensor]:
        """Loss terms of B scenes and, by "loss", their sum; boxes and labels are of `targets`.

        The generator lies on the CPU; what is drawn is drawn of it.
        """

    @abstractmethod
    def candidates(self, views: Views) -> list[Candidates]:
        """Of each scene, before any is left out for being unsure."""

    @torch.no_grad()
    def detect(self, views: Views) -> list[Detection]:
        """Of each scene the candidates that are sure enough, each with how odd it is."""
        return [found.surer_than(float(self.least)) for found in self.candidates(views)]

    @torch.no_grad()
    def judge(self, views: Views, boxes: list[Tensor]) -> list[Tensor]:
        """How odd the objects in given boxes are: (N,) for each scene's (N, 2, 3), world, metres.

        A given box gets the score of the candidate of the largest GIoU with it, however unsure
        that is; two given boxes may get that of the same one.
        """
        scores = []
        for found, given in zip(self.candidates(views), boxes, strict=True):
            _, giou = overlaps(given[:, None], found.boxes[None])
            scores.append(found.odd[giou.argmax(dim=1)])
        return scores


def encode(encoder: Encoder, views: Views) -> Tensor:
    """The encoder's learnt maps of all views, (B, V, d, h, w)."""
    batch, count = views.images.shape[:2]
    learnt: Tensor = encoder(views.images.flatten(0, 1))[0]
    return learnt.view(batch, count, *learnt.shape[1:])


def oddness(logits: Tensor) -> Tensor:
    """How odd, 0..1, (...) of the logits (..., 2) of both classes.

    The classes have a sigmoid each, so it is the odd one's share of both: .5 where they are alike.
    """
    probability = logits.sigmoid()
    return probability[..., ODD] / probability.sum(dim=-1).clamp(min=1e-12)
