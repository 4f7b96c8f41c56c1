"""The teacher's features of all scenes, computed once into one HDF5 file (Sec. 4.2)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import interpolate

from benchmark.training.schema import FeatureFacts
from datagen.base.reading import reading
from datagen.base.typed import parsed, plain
from datagen.dataset.hdf5 import open_file
from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError
from model.config import DistillationConfig
from model.teacher import Reduction, Teacher, fit_reduction

FORMAT = "odd-one-out teacher features"
PCA_SCENES = 200
PCA_VIEWS = 2
BATCH = 8


def precompute(
    dataset: Dataset,
    names: Sequence[str],
    config: DistillationConfig,
    load: Callable[[], Teacher],
    checksum: str,
    path: Path,
    seed: int,
    device: torch.device,
    advance: Callable[[], None],
) -> None:
    """Write PATH unless it holds these scenes' features already; a cut-off run goes on.

    One dataset a scene, float16 (V, d_f, size, size), a chunk a view; the PCA and where the
    weights came from are attributes. The PCA is fitted once, to the patches on objects in a random
    subset of scenes. `load` is called only if features are missing. advance: after each scene.
    """
    asked = FeatureFacts(FORMAT, checksum, config.channels, config.size)
    if path.exists():
        _check(path, asked, names)
        return
    aside = path.with_name(path.name + ".part")
    teacher = load()
    asked = replace(asked, teacher=teacher.source)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _opened(aside, asked) as file:
        teacher.model.to(device)
        if "components" not in file:
            reduction = _fit(dataset, names, config, teacher, seed, device)
            file["mean"], file["components"] = reduction.mean, reduction.components
            file.attrs["explained"] = reduction.explained
        reduction = Reduction(
            file["mean"][()], file["components"][()], float(file.attrs["explained"])
        )
        for name in names:
            if name not in file:
                images, _ = _pixels(dataset, name, None)
                found = reduction(_teacher_features(teacher, images, config.size, device))
                maps = found.transpose(0, 3, 1, 2).astype(np.float16)
                file.create_dataset(name, data=maps, chunks=(1, *maps.shape[1:]))
                file.flush()
            advance()
    os.replace(aside, path)


def read_features(path: Path, name: str, views: NDArray[np.int64]) -> NDArray[np.float16]:
    """(len(views), d_f, size, size) of one scene."""
    remedy = "delete the file, and oddbench train makes it again"
    with reading(f"{path}: {name}", remedy), open_file(path) as file:
        return np.stack([file[name][view] for view in views])


def read_facts(path: Path) -> FeatureFacts:
    """What a file of features tells of itself."""
    with reading(path, "delete it, and it is made again"), open_file(path) as file:
        return parsed(FeatureFacts, _attributes(file))


def _attributes(file: h5py.File) -> dict[str, str | int | float]:
    return {key: getattr(value, "item", lambda v=value: v)() for key, value in file.attrs.items()}


def _check(path: Path, asked: FeatureFacts, names: Sequence[str]) -> None:
    found = read_facts(path)
    other = [key for key, value in plain(asked).items() if getattr(found, key) != value]
    with open_file(path) as file:
        lacking = [name for name in names if name not in file]
    if other:
        raise OddgenError(
            f"{path}: holds features of another {' and '.join(other)}; delete it or give another "
            "file with --features."
        )
    if lacking:
        raise OddgenError(
            f"{path}: lacks {len(lacking)} scenes, {lacking[0]} first; delete it or give another "
            "file with --features."
        )


def _opened(path: Path, facts: FeatureFacts) -> h5py.File:
    """A half-made file to go on with, or a new one where that is damaged or another's.

    The run's own lock keeps others off it.
    """
    attributes = plain(facts)
    if path.exists():
        try:
            file = h5py.File(path, "r+", locking=False)
        except OSError:
            path.unlink()
        else:
            if all(file.attrs.get(key) == value for key, value in attributes.items()):
                return file
            file.close()
    file = h5py.File(path, "w", libver=("v110", "v110"), locking=False)
    file.attrs.update(attributes)
    return file


def _fit(
    dataset: Dataset,
    names: Sequence[str],
    config: DistillationConfig,
    teacher: Teacher,
    seed: int,
    device: torch.device,
) -> Reduction:
    rng = np.random.default_rng([seed, 3])
    patches = []
    for index in sorted(rng.permutation(len(names))[:PCA_SCENES]):
        images, masks = _pixels(dataset, names[index], PCA_VIEWS)
        found = _teacher_features(teacher, images, config.size, device)
        covered = interpolate(torch.from_numpy(masks)[None].float(), size=config.size, mode="area")
        patches.append(found[covered[0].numpy() > 0.5])
    return fit_reduction(np.concatenate(patches), config.channels)


def _pixels(
    dataset: Dataset, name: str, count: int | None
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Images (V, H, W, 3) and object masks (V, H, W); count: so many evenly spread views."""
    with open_file(dataset.shard(name)) as file:
        group = file[name]
        total = len(group["rgb"])
        views = range(total) if count is None else [total * k // count for k in range(count)]
        images = np.stack([group["rgb"][view] for view in views])
        return images, np.stack([group["instance"][view] for view in views]) > 0


def _teacher_features(
    teacher: Teacher, images: NDArray[np.uint8], size: int, device: torch.device
) -> NDArray[np.float32]:
    """(V, H, W, 3) to (V, size, size, C)."""
    parts = []
    for start in range(0, len(images), BATCH):
        part = torch.from_numpy(images[start : start + BATCH]).to(device)
        found = teacher.features(part.permute(0, 3, 1, 2).float() / 255, size)
        parts.append(found.float().cpu().numpy())
    return np.concatenate(parts)
