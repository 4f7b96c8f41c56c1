"""The box estimator B: clusters of dense voxels (Sec. 3.3)."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from model.config import BoxConfig
from model.frame import Frame


def estimate_boxes(density: Tensor, frame: Frame, config: BoxConfig) -> list[Tensor]:
    """For each scene the boxes (K, 2, 3) of its objects, world, metres, lowest corner first.

    density (B, 1, Z, Y, X), per voxel edge. Boxes are ordered by their lowest corner, and K may
    be 0. The paper runs DBSCAN "with default parameters", which are metres or voxels depending on
    the reader: eps = .5 makes one cluster in metres and none in voxels. Here eps is `reach`
    voxels: 1.75 joins the 26 neighbours of a voxel, so that one empty voxel parts two objects.
    `refine` > 1 reads the density that often along a voxel's edge, so that boxes are not bound to
    whole voxels; reach and neighbours then count the finer voxels.
    """
    fine = density.detach().float()
    if config.refine > 1:
        fine = interpolate(fine, scale_factor=config.refine, mode="trilinear")
    occupied = (fine[:, 0] > config.threshold).cpu().numpy()
    edges = frame.voxel / config.refine
    return [
        origin + _clusters(scene, config).to(origin) * edge
        for scene, origin, edge in zip(occupied, frame.origin, edges, strict=True)
    ]


def pad_boxes(boxes: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Boxes of B scenes as (B, N, 2, 3) and which of them are real, (B, N) bool; N is 1 or more."""
    most = max([len(scene) for scene in boxes] + [1])
    padded = boxes[0].new_zeros((len(boxes), most, 2, 3))
    present = torch.zeros((len(boxes), most), dtype=torch.bool, device=padded.device)
    for index, scene in enumerate(boxes):
        padded[index, : len(scene)] = scene
        present[index, : len(scene)] = True
    return padded, present


def _clusters(occupied: NDArray[np.bool_], config: BoxConfig) -> Tensor:
    """(Z, Y, X) to boxes (K, 2, 3) in fine voxels along x, y, z."""
    from sklearn.cluster import DBSCAN

    voxels = np.argwhere(occupied)[:, ::-1]
    if not len(voxels):
        return torch.zeros((0, 2, 3))
    labels = DBSCAN(eps=config.reach, min_samples=config.neighbours).fit_predict(voxels)
    found = [voxels[labels == label] for label in range(labels.max() + 1)]
    boxes = [[own.min(axis=0), own.max(axis=0) + 1] for own in found]
    boxes.sort(key=lambda box: box[0].tolist())
    return torch.tensor(np.array(boxes).reshape(-1, 2, 3), dtype=torch.float32)
