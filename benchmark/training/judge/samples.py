"""What the judge learns from: cells of a scene's cut-outs, and what is true of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from benchmark.detectors.model_views import resize_images, resize_intrinsics
from benchmark.detectors.spoil import spoilt_images, spoilt_poses
from benchmark.training.judge.synthetic_defects import DefectMaker
from datagen.base.reading import reading
from datagen.dataset.hdf5 import open_file
from datagen.dataset.reader import Dataset
from datagen.geometry.boxes import given_boxes
from model.efficientnet import FrozenTrunk
from model.judge.cells import Cells, read_cells
from model.judge.config import JudgeConfig
from model.judge.cutouts import Squares, cut_out
from model.judge.losses import JudgeTargets
from model.scenes import Views

GAIN, GAMMA = (0.75, 1.3), (0.75, 1.3)
Look = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class JudgeScene:
    """Cells of all views of a scene, and the targets."""

    cells: Cells
    targets: JudgeTargets

    def of_objects(self, numbers: Sequence[int]) -> JudgeScene:
        """The scene with these objects alone, as if the others were not there."""
        chosen = torch.tensor(list(numbers))
        kept = torch.isin(self.cells.owner, chosen)
        number = torch.zeros(self.cells.objects, dtype=torch.long)
        number[chosen] = torch.arange(len(chosen))
        cells = Cells(
            self.cells.features[kept],
            number[self.cells.owner[kept]],
            self.cells.view[kept],
            self.cells.at[kept],
            self.cells.places[kept],
            len(chosen),
            self.cells.views,
        )
        return JudgeScene(cells, JudgeTargets(self.targets.odd[chosen], self.targets.defect[kept]))

    def drawn(self, views: Sequence[int], most: int | None, rng: np.random.Generator) -> JudgeScene:
        """What these views show of it, of at most about so many cells."""
        chosen = torch.tensor(list(views))
        kept = torch.isin(self.cells.view, chosen)
        count = int(kept.sum())
        if most is not None and count > most:
            kept &= torch.from_numpy(rng.random(len(kept)) < most / count)
        number = torch.zeros(self.cells.views, dtype=torch.long)
        number[chosen] = torch.arange(len(chosen))
        cells = Cells(
            self.cells.features[kept].float(),
            self.cells.owner[kept],
            number[self.cells.view[kept]],
            self.cells.at[kept],
            self.cells.places[kept].float(),
            self.cells.objects,
            len(chosen),
        )
        return JudgeScene(cells, JudgeTargets(self.targets.odd, self.targets.defect[kept].float()))


def judge_scene(
    dataset: Dataset,
    name: str,
    trunk: FrozenTrunk,
    look: Look,
    config: JudgeConfig,
    defects: np.random.Generator | None = None,
) -> JudgeScene:
    """All views of a scene; numbers in half precision.

    defects: where given, a copy in other light, spoilt as photographs are, with synthetic defects
    in normal objects. look: takes (V, 3, H, W) in 0..1 to silhouettes (V, 1, h, w). Raises
    OddgenError where the scene cannot be read.
    """
    stored = _read(dataset, name)
    size = min(config.largest, max(stored.rgb.shape[1:3]))
    rgb, known = stored.rgb, stored.world_to_camera
    if defects is not None:
        rgb, known = spoilt_images(rgb, defects), spoilt_poses(known, defects)
    images = resize_images(rgb, size).float() / 255
    if defects is not None:
        gains = torch.from_numpy(defects.uniform(*GAIN, 3)).float().view(3, 1, 1)
        images = (images ** defects.uniform(*GAMMA) * gains).clamp(0, 1)
    height, width = stored.rgb.shape[1:3]
    matrix = resize_intrinsics(stored.intrinsics, height, width, size)
    poses = torch.from_numpy(known).float()
    views = Views(images[None], matrix.expand(len(poses), 3, 3)[None], poses[None])
    boxes = torch.from_numpy(given_boxes(stored.box_aabb)).float()
    silhouettes = look(images)
    odd = torch.from_numpy(stored.anomalous.astype(np.float32))
    change = None if defects is None else DefectMaker(views, boxes, silhouettes, odd, defects)
    cells, where = read_cells(trunk, views, boxes, silhouettes, config, change)
    targets = _targets(stored, cells, where, config)
    if change is not None:
        targets = _with_defects(targets, cells, change.changed, config)
    return JudgeScene(
        replace(cells, features=cells.features.half(), places=cells.places.half()),
        replace(targets, defect=targets.defect.half()),
    )


@dataclass(frozen=True)
class _Arrays:
    """As of datagen.dataset.reader.Scene."""

    rgb: np.ndarray
    defect: np.ndarray
    intrinsics: np.ndarray
    world_to_camera: np.ndarray
    box_aabb: np.ndarray
    anomalous: np.ndarray


def _read(dataset: Dataset, name: str) -> _Arrays:
    path = dataset.shard(name)
    remedy = (
        "it is damaged or lacks what the judge learns from: train on scenes of oddgen generate, "
        "and run oddgen verify on them"
    )
    with reading(f"{path}: {name}", remedy), open_file(path) as file:
        return _Arrays(**{key: file[name][key][()] for key in _Arrays.__annotations__})


def _with_defects(
    targets: JudgeTargets, cells: Cells, changed: dict[int, Tensor], config: JudgeConfig
) -> JudgeTargets:
    """The same where these objects have become odd."""
    odd, defect = targets.odd.clone(), targets.defect.clone()
    size = (config.cells, config.cells)
    for number, where in changed.items():
        odd[number] = 1.0
        share = interpolate(where[:, None], size=size, mode="area").flatten(1)
        mine = cells.owner == number
        defect[mine] = share[cells.view[mine], cells.at[mine]]
    return JudgeTargets(odd, defect)


def _targets(stored: _Arrays, cells: Cells, where: Squares, config: JudgeConfig) -> JudgeTargets:
    side = config.cells
    index = cells.owner, cells.view, cells.at // side, cells.at % side
    defects = torch.from_numpy(stored.defect.astype(np.float32))[:, None]
    defect = cut_out(defects, where, side)[:, :, 0][index]
    odd = torch.from_numpy(stored.anomalous.astype(np.float32))
    return JudgeTargets(odd, defect)
