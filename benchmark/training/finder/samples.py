"""What the finder learns from: views with instance masks, and scenes as silhouettes alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from benchmark.detectors.model_views import resize_images, resize_intrinsics
from benchmark.detectors.spoil import spoilt_images
from datagen.base.reading import reading
from datagen.dataset.hdf5 import open_file
from datagen.dataset.reader import Dataset

MIRRORED = ((-1.0, 0.0), (0.0, 1.0))
TURNED = ((0.0, -1.0), (1.0, 0.0))


@dataclass(frozen=True)
class SilhouetteScene:
    """V views of N objects. silhouettes (V, 1, h, w) uint8, 255 = surely an object.

    intrinsics (V, 3, 3) of views of the finder's size; world_to_camera (V, 4, 4); boxes (N, 2, 3)
    world, metres. predicted: whether a head has seen them in images, else they are true.
    """

    silhouettes: Tensor
    intrinsics: Tensor
    world_to_camera: Tensor
    boxes: Tensor
    predicted: bool


@dataclass(frozen=True)
class MaskedView:
    """A view (3, size, size) uint8 with its instance mask (size, size), 0 = no object."""

    image: Tensor
    instance: Tensor


def masked_view(
    dataset: Dataset, name: str, view: int, size: int, spoil: np.random.Generator | None = None
) -> MaskedView:
    """One view of a scene, resized; spoil: as photographs are, where given.

    Raises OddgenError where it cannot be read.
    """
    scene = _read(dataset, name, [view], images=True)
    assert scene.rgb is not None
    rgb = scene.rgb if spoil is None else spoilt_images(scene.rgb, spoil)
    return MaskedView(resize_images(rgb, size)[0], _resized_mask(scene.instance, size)[0])


def true_scenes(dataset: Dataset, names: Sequence[str], size: int) -> Iterator[SilhouetteScene]:
    """The scenes' own silhouettes, at half of the finder's size.

    Raises OddgenError where one cannot be read.
    """
    for name in names:
        scene = _read(dataset, name)
        mask = (torch.from_numpy(scene.instance) > 0).float()[:, None]
        half = interpolate(mask, size=(size // 2, size // 2), mode="area")
        yield _silhouette_scene(scene, half, size, predicted=False)


def looked_at(
    dataset: Dataset, name: str, size: int, look: Callable[[Tensor], Tensor]
) -> SilhouetteScene:
    """A scene with the silhouettes (V, 1, h, w) in 0..1 that `look` sees in its images.

    look: takes (V, 3, size, size) in 0..1. Raises OddgenError where the scene cannot be read.
    """
    scene = _read(dataset, name, images=True)
    assert scene.rgb is not None
    seen = look(resize_images(scene.rgb, size).float() / 255)
    return _silhouette_scene(scene, seen, size, predicted=True)


def _silhouette_scene(
    scene: _Arrays, silhouettes: Tensor, size: int, predicted: bool
) -> SilhouetteScene:
    views, height, width = scene.instance.shape
    matrix = resize_intrinsics(scene.intrinsics, height, width, size)
    return SilhouetteScene(
        (silhouettes * 255).round().to(torch.uint8),
        matrix.expand(views, 3, 3),
        torch.from_numpy(scene.world_to_camera).float(),
        torch.from_numpy(scene.box_aabb).float(),
        predicted,
    )


def spoilt(silhouettes: Tensor, rng: np.random.Generator, most: float) -> Tensor:
    """(V, 1, h, w) in 0..1 as a head might have seen them: smooth noise, coarse and finer."""
    amount = rng.uniform(0, most)
    noise = _smooth(silhouettes, rng, 12)
    if rng.uniform() < 0.3:
        noise = noise + 0.5 * _smooth(silhouettes, rng, 40)
    logits = (2 * silhouettes - 1) * rng.uniform(2.5, 5)
    return torch.sigmoid(logits + amount * noise)


def disturbed(boxes: Tensor, rng: np.random.Generator, moved: float, resized: float) -> Tensor:
    """Boxes (N, 2, 3) on the ground as a first look may find them: moved, and resized.

    By normal numbers of these spreads: in edges of the box, and of the edges' logarithms.
    """
    size = (boxes[:, 1] - boxes[:, 0]) * torch.from_numpy(
        np.exp(rng.normal(0, resized, (len(boxes), 3)))
    ).to(boxes)
    shift = torch.from_numpy(rng.normal(0, moved, (len(boxes), 2))).to(boxes) * size[:, :2]
    middle = boxes[:, :, :2].mean(dim=1) + shift
    ground = torch.zeros_like(size[:, :1])
    low = torch.cat([middle - size[:, :2] / 2, ground], dim=1)
    return torch.stack([low, torch.cat([middle + size[:, :2] / 2, size[:, 2:]], dim=1)], dim=1)


def turned(
    volume: Tensor, boxes: Tensor, middle: Tensor, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """A volume (c, cells, cells) and its boxes (N, 2, 3) mirrored and quarter-turned at random.

    middle (2,): of the volume, which stays where it is.
    """
    if rng.uniform() < 0.5:
        volume, boxes = volume.flip(2), _moved(boxes, middle, MIRRORED)
    for _ in range(int(rng.integers(4))):
        volume, boxes = volume.transpose(1, 2).flip(2), _moved(boxes, middle, TURNED)
    return volume.contiguous(), boxes


def _moved(boxes: Tensor, middle: Tensor, matrix: tuple[tuple[float, ...], ...]) -> Tensor:
    """Boxes whose x and y went through an orthogonal (2, 2) about the middle."""
    ends = (boxes[..., :2] - middle) @ boxes.new_tensor(matrix).T + middle
    low, high = ends.amin(dim=1), ends.amax(dim=1)
    return torch.cat([torch.stack([low, high], dim=1), boxes[..., 2:]], dim=2)


def _smooth(like: Tensor, rng: np.random.Generator, nodes: int) -> Tensor:
    """Noise of unit spread at nodes x nodes points, enlarged to (V, 1, h, w)."""
    coarse = torch.from_numpy(rng.normal(size=(len(like), 1, nodes, nodes)).astype(np.float32))
    return interpolate(coarse, size=like.shape[-2:], mode="bicubic", align_corners=False)


@dataclass(frozen=True)
class _Arrays:
    """As of datagen.dataset.reader.Scene; rgb: None where it is not wanted."""

    rgb: NDArray[np.uint8] | None
    instance: NDArray[np.uint8]
    intrinsics: NDArray[np.float64]
    world_to_camera: NDArray[np.float64]
    box_aabb: NDArray[np.float64]


def _read(
    dataset: Dataset, name: str, views: Sequence[int] | None = None, images: bool = False
) -> _Arrays:
    """What the finder learns from, and no more."""

    path = dataset.shard(name)
    remedy = "run oddgen verify on its dataset"
    with reading(f"{path}: {name}", remedy), open_file(path) as file:
        group = file[name]
        chosen = range(len(group["instance"])) if views is None else views
        return _Arrays(
            np.stack([group["rgb"][view] for view in chosen]) if images else None,
            np.stack([group["instance"][view] for view in chosen]),
            group["intrinsics"][()],
            group["world_to_camera"][()][list(chosen)],
            group["box_aabb"][()],
        )


def _resized_mask(instance: np.ndarray, size: int) -> Tensor:
    mask = torch.from_numpy(instance.astype(np.float32))[:, None]
    return interpolate(mask, size=(size, size), mode="nearest")[:, 0].to(torch.uint8)
