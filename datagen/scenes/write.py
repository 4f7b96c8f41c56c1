"""Scenes into HDF5, whole or not at all; docs/format.md describes the content."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from datagen.base.files import sha256
from datagen.dataset.hdf5 import new_file, open_file
from datagen.dataset.schema import FORMAT, FORMAT_VERSION, SceneSpec, ShardEntry
from datagen.geometry.boxes import oriented_box, world_box

if TYPE_CHECKING:
    from datagen.scenes.scene import SceneData


def write_scene(scene: SceneData, path: Path) -> None:
    """One scene as a file of its own, ready to be packed into a shard. Raises OSError."""
    write_arrays(scene.name, scene.spec, _view_arrays(scene), _object_arrays(scene), path)


def write_arrays(
    name: str,
    spec: SceneSpec,
    view_arrays: Mapping[str, np.ndarray],
    object_arrays: Mapping[str, np.ndarray],
    path: Path,
) -> None:
    """One scene as a file of its own from arrays by name (docs/format.md).

    view_arrays: (V, H, W, ...), which get a chunk for each view; object_arrays: all others. Raises
    OSError.
    """
    with new_file(path) as file:
        file.attrs["format"] = FORMAT
        file.attrs["format_version"] = FORMAT_VERSION
        group = file.create_group(name)
        group.attrs["spec"] = json.dumps(spec.to_json(), sort_keys=True)
        for key, array in view_arrays.items():
            group.create_dataset(
                key,
                data=array,
                chunks=(1, *array.shape[1:]),
                compression="gzip",
                compression_opts=6,
                shuffle=array.dtype.itemsize > 1,
                track_times=False,
            )
        for key, array in object_arrays.items():
            group.create_dataset(key, data=array, track_times=False)


def _view_arrays(scene: SceneData) -> dict[str, np.ndarray]:
    labels = scene.labels
    images = {} if scene.rgb is None else {"rgb": scene.rgb}
    return {
        **images,
        "depth": labels.depth,
        "instance": labels.instance,
        "part": labels.part,
        "defect": labels.defect,
        "normal": labels.normal,
    }


def _object_arrays(scene: SceneData) -> dict[str, np.ndarray]:
    labels = scene.labels
    boxes = [oriented_box(o.shape.vertices, o.object_to_world) for o in scene.objects]
    return {
        "intrinsics": scene.intrinsics,
        "world_to_camera": scene.world_to_camera,
        "object_to_world": np.stack([o.object_to_world for o in scene.objects]),
        "anomalous": np.array([o.normal_shape is not None for o in scene.objects], np.uint8),
        "visible_fraction": labels.visible_fraction,
        "defect_pixels": labels.defect_pixels,
        "box_aabb": np.stack([world_box(o.world_vertices) for o in scene.objects]),
        "box_oriented": np.stack([box[0] for box in boxes]),
        "box_size": np.stack([box[1] for box in boxes]),
        "box_2d": labels.box_2d,
    }


def write_shard(path: Path, parts: Sequence[tuple[Path, str]]) -> ShardEntry:
    """Copy scenes into a shard, compressed as they are; returns what index.json tells of it.

    parts: for each scene its file and its name there. Raises OSError.
    """

    with new_file(path) as shard:
        shard.attrs["format"] = FORMAT
        shard.attrs["format_version"] = FORMAT_VERSION
        for file, name in parts:
            with open_file(file) as source:
                source.copy(name, shard)
    names = tuple(name for _, name in parts)
    return ShardEntry(f"{path.parent.name}/{path.name}", sha256(path), path.stat().st_size, names)
