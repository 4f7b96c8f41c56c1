"""The box estimator B: clusters of dense voxels (Sec. 3.3)."""

from __future__ import annotations

from collections.abc import Callable

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
    whole voxels; reach and neighbours then count the finer voxels. With `seeds` the clusters are of
    voxels denser than that, and grow downhill (a watershed) to all that are denser than the
    threshold: soft densities run together between objects, and are cut there.
    """
    fine = density.detach().float()
    if config.refine > 1:
        fine = interpolate(fine, scale_factor=config.refine, mode="trilinear")
    edges = frame.voxel / config.refine
    return [
        origin + _boxes(_labelled(scene, config)).to(origin) * edge
        for scene, origin, edge in zip(fine[:, 0].cpu().numpy(), frame.origin, edges, strict=True)
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


def _labelled(density: NDArray[np.float32], config: BoxConfig) -> NDArray[np.int64]:
    """(Z, Y, X): which object, from 1, a fine voxel belongs to, or 0."""
    from skimage import segmentation
    from sklearn.cluster import DBSCAN

    watershed: Callable[..., NDArray[np.int64]] = segmentation.watershed
    dense = density > (config.threshold if config.seeds is None else config.seeds)
    labels = np.zeros(density.shape, np.int64)
    if dense.any():
        clusters = DBSCAN(eps=config.reach, min_samples=config.neighbours)
        labels[dense] = clusters.fit_predict(np.argwhere(dense)) + 1
    if config.seeds is None or not labels.any():
        return labels
    return watershed(-density, labels, mask=density > config.threshold)


def _boxes(labels: NDArray[np.int64]) -> Tensor:
    """The bounds of the labels (Z, Y, X), (K, 2, 3) in fine voxels along x, y, z."""
    from scipy.ndimage import find_objects

    found = [
        [[side.start for side in reversed(sides)], [side.stop for side in reversed(sides)]]
        for sides in find_objects(labels)
        if sides is not None
    ]
    found.sort(key=lambda box: box[0])
    return torch.tensor(np.array(found).reshape(-1, 2, 3), dtype=torch.float32)
