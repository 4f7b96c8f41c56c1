"""What the network learns from: the objects' clouds of a scene, cut out and drawn anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmark.training.clouds.cache import CloudScene
from benchmark.training.clouds.cloud import Floats
from benchmark.training.clouds.cut import ObjectClouds, cut, object_clouds
from datagen.geometry.boxes import GIVEN_STEP, given_boxes
from model.dgcnn.config import DgcnnConfig


@dataclass(frozen=True)
class Batch:
    """N objects of several scenes.

    points (N, P, C); present (N, P); odd (N,) bool; kind (N,): number of its category, -1 where it
    is odd or of none that is known. scene (N,): which one it is of, from 0.
    """

    points: Tensor
    present: Tensor
    odd: Tensor
    kind: Tensor
    scene: Tensor

    @property
    def there(self) -> Tensor:
        """(N,): whether an object has a cloud."""
        return self.present.any(dim=1)


def drawn(scene: CloudScene, config: DgcnnConfig, rng: np.random.Generator) -> ObjectClouds:
    """A training scene's objects: other boxes, other points, and turned where configured.

    Boxes are wider than the true ones by up to a step of what true-boxes hands out, face by face;
    found ones are as wide or tighter.
    """
    wider = rng.uniform(0, GIVEN_STEP, scene.boxes.shape) * np.array([[-1.0], [1.0]])
    clouds = object_clouds(cut(scene.cloud, scene.boxes + wider), config.network.points, rng)
    if config.training.augment:
        clouds = ObjectClouds(_turned(clouds.points, rng), clouds.present)
    return clouds


def fixed(scene: CloudScene, config: DgcnnConfig) -> ObjectClouds:
    """A held-out scene's objects: by the boxes of true-boxes, and the same points always."""
    return told_objects(scene, given_boxes(scene.boxes), config)


def told_objects(scene: CloudScene, boxes: Floats, config: DgcnnConfig) -> ObjectClouds:
    """Of boxes (N, 2, 3), metres."""
    rng = np.random.default_rng(0)
    return object_clouds(cut(scene.cloud, boxes), config.network.points, rng)


def batched(
    clouds: Sequence[ObjectClouds],
    odd: Sequence[np.ndarray],
    kinds: Sequence[int],
    config: DgcnnConfig,
) -> Batch:
    """Of scenes: their objects, which of them are odd, and the number of the scene's category."""
    channels = 6 if config.network.colour else 3
    labels = torch.from_numpy(np.concatenate(odd))
    counts = torch.tensor([len(one) for one in odd])
    scene = torch.arange(len(counts)).repeat_interleave(counts)
    kind = torch.tensor(kinds)[scene]
    return Batch(
        torch.from_numpy(np.concatenate([one.points[..., :channels] for one in clouds])),
        torch.from_numpy(np.concatenate([one.present for one in clouds])),
        labels,
        torch.where(labels, -1, kind),
        scene,
    )


def _turned(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(N, P, 6): every object about z by an angle of its own, and all mirrored or none."""
    angle = rng.uniform(0, 2 * np.pi, len(points))
    zero, one = np.zeros_like(angle), np.ones_like(angle)
    rows = [[np.cos(angle), -np.sin(angle), zero], [np.sin(angle), np.cos(angle), zero]]
    turn = np.array([*rows, [zero, zero, one]]).transpose(2, 0, 1)
    turn[:, 0] *= rng.choice([-1.0, 1.0])
    places = np.einsum("nij,npj->npi", turn, points[..., :3]).astype(np.float32)
    return np.concatenate([places, points[..., 3:]], axis=-1)
