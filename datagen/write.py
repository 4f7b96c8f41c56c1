"""Scenes into HDF5, whole or not at all; docs/format.md describes the content."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from datagen.reader import FORMAT, FORMAT_VERSION

if TYPE_CHECKING:
    from datagen.scene import SceneData
    from datagen.shape import Floats

LIBVER = ("v110", "v110")  # the HDF5 file format of 2018, whatever library writes it


def write_scene(scene: SceneData, path: Path) -> None:
    """One scene as a file of its own, ready to be packed into a shard."""
    write_arrays(scene.name, scene.spec, _view_arrays(scene), _object_arrays(scene), path)


def write_arrays(
    name: str,
    spec: Mapping[str, Any],
    view_arrays: Mapping[str, np.ndarray],
    object_arrays: Mapping[str, np.ndarray],
    path: Path,
) -> None:
    """The same from arrays by name; view_arrays (V, H, W, ...) get a chunk for each view."""
    import h5py

    aside = path.with_suffix(f".{os.getpid()}.part")
    try:
        with h5py.File(aside, "w", libver=LIBVER) as file:
            file.attrs["format"] = FORMAT
            file.attrs["format_version"] = FORMAT_VERSION
            group = file.create_group(name)
            group.attrs["spec"] = json.dumps(spec, sort_keys=True)
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
        _to_disk(aside)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def _view_arrays(scene: SceneData) -> dict[str, np.ndarray]:
    labels = scene.labels
    return {
        "rgb": scene.rgb,
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


def world_box(points: Floats) -> Floats:
    """(2, 3) lowest and highest corner of world points (P, 3), metres."""
    return np.stack([points.min(axis=0), points.max(axis=0)])


def oriented_box(vertices: Floats, object_to_world: Floats) -> tuple[Floats, Floats]:
    """box_to_world (4, 4), a rigid motion to the box's centre, and the edge lengths (3,)."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    scale = np.cbrt(np.linalg.det(object_to_world[:3, :3]))
    box = np.eye(4)
    box[:3, :3] = object_to_world[:3, :3] / scale
    box[:3, 3] = object_to_world[:3, :3] @ ((low + high) / 2) + object_to_world[:3, 3]
    return box, (high - low) * scale


def write_shard(path: Path, parts: Sequence[tuple[Path, str]]) -> dict[str, Any]:
    """Copy groups (file, scene name), compressed as they are; returns sha256, bytes and scenes."""
    import h5py

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with h5py.File(path, "w", libver=LIBVER) as shard:
            shard.attrs["format"] = FORMAT
            shard.attrs["format_version"] = FORMAT_VERSION
            for file, name in parts:
                with h5py.File(file, "r") as source:
                    source.copy(name, shard)
        _to_disk(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    names = [name for _, name in parts]
    return {"sha256": sha256(path), "bytes": path.stat().st_size, "scenes": names}


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(path: Path, content: Any) -> None:
    aside = path.with_suffix(".part")
    try:
        aside.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
        _to_disk(aside)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    """After a power cut, too, a renamed file is whole."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
