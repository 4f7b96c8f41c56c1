"""Clouds of a dataset's scenes, one after the other; a run that was stopped goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console

from benchmark.detectors.views import fixed_views
from benchmark.training.clouds.cache import CloudCache, CloudScene
from benchmark.training.clouds.cloud import PosedViews, posed_views
from benchmark.training.clouds.quality import Quality, quality, true_cloud
from benchmark.training.clouds.reconstruct import reconstruct
from benchmark.training.clouds.room import room_of
from datagen.base.interrupts import Interrupts
from datagen.base.progress import Progress
from datagen.base.reading import reading
from datagen.dataset.hdf5 import open_file
from datagen.dataset.reader import AGAIN, Dataset
from datagen.geometry.boxes import given_boxes
from model.dgcnn.config import ReconstructionConfig


@dataclass(frozen=True)
class LabelledViews:
    """Views with their labels: instance (V, H, W), boxes (N, 2, 3) metres, odd (N,)."""

    views: PosedViews
    instance: NDArray[np.uint8]
    boxes: NDArray[np.float64]
    odd: NDArray[np.bool_]


def read_views(dataset: Dataset, name: str, most: int) -> LabelledViews:
    """At most so many views of a scene, spread evenly. Raises OddgenError where it is damaged."""
    path = dataset.shard(name)
    with reading(f"{path}: {name}", AGAIN), open_file(path) as file:
        group = file[name]
        available = len(group["rgb"])
        chosen = list(fixed_views(min(most, available), available))
        rgb, depth, instance = (
            np.stack([group[key][view] for view in chosen]) for key in ("rgb", "depth", "instance")
        )
        poses, matrix = group["world_to_camera"][()][chosen], group["intrinsics"][()]
        return LabelledViews(
            posed_views(rgb, matrix, poses, depth),
            instance,
            group["box_aabb"][()],
            group["anomalous"][()] > 0,
        )


def view_count(dataset: Dataset, name: str, most: int) -> int:
    """How many views of a scene read_views reads."""
    path = dataset.shard(name)
    with reading(f"{path}: {name}", AGAIN), open_file(path) as file:
        return min(most, len(file[name]["rgb"]))


def make_clouds(
    dataset: Dataset,
    names: Sequence[str],
    cache: CloudCache,
    config: ReconstructionConfig,
    device: torch.device,
    console: Console,
    interrupts: Interrupts,
) -> None:
    """Those that are not there yet. Raises OddgenError as of reconstruct and read_views."""
    waiting = [name for name in names if not cache.path(name).exists()]
    if not waiting:
        return
    with Progress(console, len(names), len(names) - len(waiting), "clouds") as progress:
        for name in waiting:
            found = read_views(dataset, name, config.views)
            cloud = reconstruct(found.views, config, device)
            with interrupts.held():
                cache.put(CloudScene(cloud, found.boxes, found.odd), name)
            progress.advance()


def measure_clouds(
    dataset: Dataset, names: Sequence[str], cache: CloudCache, config: ReconstructionConfig
) -> list[Quality]:
    """How good the clouds of scenes are, beside their labels' depth in the same views."""
    measured = []
    for name in names:
        found = read_views(dataset, name, config.views)
        true = true_cloud(found.views, found.instance, room_of(found.views), config)
        measured.append(quality(cache.get(name).cloud, true, given_boxes(found.boxes)))
    return measured
