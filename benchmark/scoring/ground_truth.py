"""What is true of a dataset's scenes: boxes, labels and anomaly types, without their images."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.base.reading import reading
from datagen.dataset.hdf5 import open_file
from datagen.dataset.reader import Dataset, read_spec
from datagen.dataset.schema import DatasetIndex
from datagen.dataset.seal import opened
from datagen.dataset.splits import is_for_training
from datagen.errors import OddgenError


@dataclass(frozen=True)
class SceneTruth:
    """N objects. boxes: (N, 2, 3) world, metres. anomalous: (N,) bool. kinds: "" for a normal.

    seen: None where an imported scene does not tell. training: whether a recorded split keeps it
    for training; None where none is recorded. has_defects: whether its defect masks are known.
    defect_pixels: (N, V) of every view; None where they are not known. alike: (N,) of an odd
    object how many odd ones of the scene are copies of one odd version, itself among them; else 0.
    """

    name: str
    boxes: NDArray[np.float64]
    anomalous: NDArray[np.bool_]
    kinds: tuple[str, ...]
    seen: bool | None
    has_defects: bool = True
    training: bool | None = None
    defect_pixels: NDArray[np.int64] | None = None
    alike: tuple[int, ...] = ()


@dataclass(frozen=True)
class Truth:
    """digest: tells datasets apart. views: that every scene has at least."""

    out: Path
    digest: str
    views: int
    scenes: dict[str, SceneTruth]

    def split(self, name: str) -> list[SceneTruth]:
        """The scenes of `all`, `seen`, `unseen` or `test`; all but `all` without training scenes.

        Raises OddgenError where there is none.
        """
        chosen = [scene for scene in self.scenes.values() if _is_of(scene, name)]
        if not chosen and name == "test":
            raise OddgenError(
                f"{self.out}: records no test scenes; make it with --preset toysad-8k or "
                "partsad-15k, or choose another --split."
            )
        if not chosen:
            raise OddgenError(f"{self.out}: holds no scene of {name} shapes; choose another split.")
        return chosen


def _is_of(scene: SceneTruth, split: str) -> bool:
    if split == "all":
        return True
    if split == "test":
        return scene.training is False
    return not scene.training and scene.seen is (split == "seen")


def read_truth(out: Path) -> Truth:
    """Raises OddgenError where the dataset is missing, empty or damaged."""

    dataset = Dataset(out)
    scenes: dict[str, SceneTruth] = {}
    views = []
    for entry in dataset.index.shards:
        path = out / entry.file
        with reading(path, f"run oddgen verify {out}"), open_file(path) as shard:
            for name in entry.scenes:
                scenes[name] = _scene(name, shard[name])
                views.append(len(shard[name]["instance"]))
    if not scenes:
        raise OddgenError(f"{out}: holds no finished scene; run oddgen generate first.")
    return Truth(out, data_digest(dataset.index), min(views), scenes)


def data_digest(index: DatasetIndex) -> str:
    """Hex; equal for datasets of the same shards."""
    shards = [[entry.sha256, list(entry.scenes)] for entry in index.shards]
    return hashlib.sha256(json.dumps(shards).encode()).hexdigest()[:16]


def unsealed(truth: Truth, labels: Path) -> Truth:
    """The truth of a sealed dataset, from the labels that were kept apart.

    Raises OddgenError where they are not its own.
    """
    scenes = {}
    for name, told in opened(truth.out, labels).items():
        if name not in truth.scenes:
            raise OddgenError(f"{labels}: tells of {name}, which {truth.out} does not hold.")
        pixels = told.defect_pixels
        scenes[name] = replace(
            truth.scenes[name],
            boxes=np.array(told.boxes, float),
            anomalous=np.array(told.anomalous, bool),
            kinds=told.kinds,
            alike=told.alike,
            defect_pixels=None if pixels is None else np.array(pixels, np.int64),
        )
    return replace(truth, scenes=scenes)


def _scene(name: str, group: Any) -> SceneTruth:
    spec = read_spec(group)
    anomalous = group["anomalous"][()].astype(bool)
    has_defects = spec.knows_defects
    return SceneTruth(
        name,
        boxes=group["box_aabb"][()],
        anomalous=anomalous,
        kinds=spec.kinds(anomalous),
        seen=spec.shape.seen,
        training=None if spec.split is None else is_for_training(spec.split),
        has_defects=has_defects,
        defect_pixels=group["defect_pixels"][()].astype(np.int64) if has_defects else None,
        alike=spec.alike(anomalous),
    )
