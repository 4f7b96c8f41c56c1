"""Scenes from shards as the detector takes them: decoded and resized once, kept as uint8."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from benchmark.detectors.model_views import resize_images, resize_intrinsics
from benchmark.training.augment import augmented
from benchmark.training.features import read_features
from datagen.base.reading import reading
from datagen.dataset.hdf5 import open_file
from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError
from model.scenes import Targets, Views

VERIFY = "oddgen verify tells what is damaged"


@dataclass(frozen=True)
class ModelScene:
    """V views of S x S pixels. images (V, 3, S, S) uint8; masks (V, S, S) bool, on an object.

    intrinsics (3, 3) of these pixels; world_to_camera (V, 4, 4); boxes (N, 2, 3); labels (N,).
    """

    images: Tensor
    masks: Tensor
    intrinsics: Tensor
    world_to_camera: Tensor
    boxes: Tensor
    labels: Tensor


def read_model_scene(
    dataset: Dataset, name: str, size: int, views: Sequence[int] | None = None
) -> ModelScene:
    """A scene, or only these views. Reads images and masks alone, not depth or normals."""
    path = dataset.shard(name)
    with reading(f"{path}: {name}", VERIFY):
        with open_file(path) as file:
            group = file[name]
            chosen = range(len(group["rgb"])) if views is None else views
            images = np.stack([group["rgb"][view] for view in chosen])
            masks = np.stack([group["instance"][view] for view in chosen]) > 0
            matrix, poses = group["intrinsics"][()], group["world_to_camera"][()]
            boxes, labels = group["box_aabb"][()], group["anomalous"][()]
        return model_scene(images, masks, matrix, poses[list(chosen)], boxes, labels, size)


def model_scene(
    images: NDArray[np.uint8],
    masks: NDArray[np.bool_],
    matrix: NDArray[np.float64],
    poses: NDArray[np.float64],
    boxes: NDArray[np.float64],
    labels: NDArray[np.uint8],
    size: int,
) -> ModelScene:
    """Of arrays as they are stored, the images and masks of any size."""
    height, width = masks.shape[1:]
    covered = interpolate(torch.from_numpy(masks)[None].float(), size=(size, size), mode="area")
    return ModelScene(
        resize_images(images, size),
        covered[0] >= 0.5,
        resize_intrinsics(matrix, height, width, size),
        torch.from_numpy(poses).float(),
        torch.from_numpy(boxes).float(),
        torch.from_numpy(labels).float(),
    )


class SceneSet(torch.utils.data.Dataset):
    """Scenes with views drawn anew in every epoch, a function of seed, stage, epoch and scene.

    features: the teacher's file, or None. memory: bytes of decoded images to keep; scenes beyond
    are read from the shards again, only the views drawn. fixed: the same evenly spread views
    always, for validation. augment: turned, mirrored and tinted as well. Raises OddgenError where
    scenes have fewer than `views` views.
    """

    def __init__(
        self,
        dataset: Dataset,
        names: Sequence[str],
        size: int,
        views: int,
        features: Path | None,
        seed: int,
        memory: int,
        fixed: bool = False,
        augment: bool = False,
    ) -> None:
        self.dataset, self.names, self.size, self.views = dataset, list(names), size, views
        self.features, self.seed = features, seed
        self.fixed, self.augment = fixed, augment
        self.epoch = (1, 0)
        self.counts = [_view_count(dataset, name, views) for name in self.names]
        self._kept: dict[str, ModelScene] = {}
        room = memory
        for name, count in zip(self.names, self.counts, strict=True):
            room -= count * size * size * 4
            if room < 0:
                break
            self._kept[name] = self.read(name)

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        name = self.names[index]
        chosen = self.drawn_views(index)
        kept = self._kept.get(name)
        scene = kept or self.read(name, chosen.tolist())
        index_of = torch.from_numpy(chosen) if kept else slice(None)
        item = {
            "images": scene.images[index_of],
            "masks": scene.masks[index_of],
            "intrinsics": scene.intrinsics.expand(len(chosen), 3, 3),
            "world_to_camera": scene.world_to_camera[index_of],
            "boxes": scene.boxes,
            "labels": scene.labels,
        }
        if self.features is not None:
            item["features"] = torch.from_numpy(read_features(self.features, name, chosen))
        if self.augment:
            return augmented(item, np.random.default_rng([self.seed, 3, *self.epoch, index]))
        return item

    def read(self, name: str, views: Sequence[int] | None = None) -> ModelScene:
        """A scene, or only these views of it, from the shards."""
        return read_model_scene(self.dataset, name, self.size, views)

    def drawn_views(self, index: int) -> NDArray[np.int64]:
        """Numbers of the views of a scene in the present epoch."""
        count = self.counts[index]
        if self.fixed:
            # Alternating halves, so that each of the two sets is spread round the scene too.
            spread = np.arange(self.views) * count // self.views
            return np.concatenate([spread[0::2], spread[1::2]])
        rng = np.random.default_rng([self.seed, 1, *self.epoch, index])
        return rng.permutation(count)[: self.views]


class EpochOrder(torch.utils.data.Sampler[int]):
    """All scenes in an order that is a function of seed, stage and epoch; fixed ones in order."""

    def __init__(self, scenes: SceneSet) -> None:
        self.scenes = scenes

    def __len__(self) -> int:
        return len(self.scenes)

    def __iter__(self):
        if self.scenes.fixed:
            return iter(range(len(self)))
        rng = np.random.default_rng([self.scenes.seed, 2, *self.scenes.epoch])
        return iter(rng.permutation(len(self)).tolist())


def collate(items: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Scenes of any object counts as one batch; `present` tells which objects are real."""
    most = max(len(item["labels"]) for item in items)
    batch = {
        key: torch.stack([item[key] for item in items])
        for key in items[0]
        if key not in ("boxes", "labels")
    }
    batch["boxes"] = torch.zeros(len(items), most, 2, 3)
    batch["labels"] = torch.zeros(len(items), most)
    batch["present"] = torch.zeros(len(items), most, dtype=torch.bool)
    for row, item in enumerate(items):
        count = len(item["labels"])
        batch["boxes"][row, :count] = item["boxes"]
        batch["labels"][row, :count] = item["labels"]
        batch["present"][row, :count] = True
    return batch


def as_model_input(batch: dict[str, Tensor]) -> tuple[Views, Targets]:
    """A collated batch, on any device, as what TrainingStep takes."""
    views = Views(batch["images"].float() / 255, batch["intrinsics"], batch["world_to_camera"])
    targets = Targets(
        batch["masks"], batch.get("features"), batch["boxes"], batch["labels"], batch["present"]
    )
    return views, targets


def _view_count(dataset: Dataset, name: str, wanted: int) -> int:
    path = dataset.shard(name)
    with reading(f"{path}: {name}", VERIFY), open_file(path) as file:
        count = len(file[name]["rgb"])
    if count < wanted:
        raise OddgenError(
            f"{path}: {name} has {count} views, and {wanted} are needed; make scenes with "
            f"--views {wanted} or more, or use a preset with fewer."
        )
    return count
