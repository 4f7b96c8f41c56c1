"""A published scene folder as arrays, checked against itself.

What a scene is (images, masks, depth, cameras, names) must be there and right: SceneFailed. What
only repeats it may be missing, which is noted, or may disagree, which is a fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.dataset.names import file_name
from datagen.errors import SceneFailed
from datagen.exchange.published import files
from datagen.exchange.published.names import ObjectName, folder_shape, object_name

Floats = NDArray[np.float64]

MOST_OBJECTS = 255
OVERLAP = 0.01  # share of the objects' pixels that two masks may both claim
DISAGREE = 0.005  # share of the pixels of a redundant mask that may differ
LEVELS = 2  # of depth_png's 65536
BOX_PIXELS = 2


@dataclass(frozen=True)
class PublishedObject:
    """One entry of `objects`.

    rotation_matrix: (4, 4) mesh to world; bbox: (2, 3) centre and extents, as published; parsed:
    what the path says; kind: our name of the anomaly where the file was exported from ours.
    """

    name: str
    path: str
    parsed: ObjectName
    rotation_matrix: Floats
    bbox: Floats
    kind: str | None


@dataclass(frozen=True)
class PublishedScene:
    """V views of H x W pixels; objects in the file's order, instance k + 1 is object k.

    rgb: (V, H, W, 3) uint8 sRGB. depth: (V, H, W) planar, metres, 0 = nothing hit. instance: (V, H,
    W). intrinsics: (3, 3). world_to_camera: (V, 4, 4), OpenCV axes. missing and faults: a few words
    each.
    """

    folder: str
    rgb: NDArray[np.uint8]
    depth: NDArray[np.float32]
    instance: NDArray[np.uint8]
    intrinsics: Floats
    world_to_camera: Floats
    objects: tuple[PublishedObject, ...]
    floor: str
    hdri: str
    missing: tuple[str, ...]
    faults: tuple[str, ...]


def read_scene_folder(folder: Path) -> PublishedScene:
    """The scene in a folder. Raises SceneFailed naming the file that is missing or wrong."""
    metadata = files.read_json(folder / files.METADATA_3D)
    objects = _objects(folder, metadata)
    intrinsics, poses = _cameras(folder, metadata)
    rgb = _images(folder, len(poses))
    shape = (rgb.shape[1], rgb.shape[2])
    depth = np.stack(
        [
            files.read_depth(folder / "depth_exr" / files.frame(view, "exr"), shape)
            for view in range(len(poses))
        ]
    )
    faults = _foreign(folder, objects)
    instance = _instances(folder, objects, rgb.shape[:3], faults)
    if ((instance > 0) & (depth == 0)).any():
        raise SceneFailed(
            f"{folder}: an object's mask covers pixels without depth; restore segmentations/ "
            "and depth_exr/ from the download."
        )
    missing = _check_repeated(folder, objects, instance, depth, faults)
    around = metadata.get("scene") or {}
    return PublishedScene(
        folder.name,
        rgb,
        depth,
        instance,
        intrinsics,
        poses,
        objects,
        str(around.get("floor_pbr") or "not stated"),
        str(around.get("background_hdr") or "not stated"),
        tuple(missing),
        tuple(faults),
    )


def _objects(folder: Path, metadata: dict[str, Any]) -> tuple[PublishedObject, ...]:
    path, entries = folder / files.METADATA_3D, metadata.get("objects")
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_OBJECTS:
        raise SceneFailed(f"{path}: objects is no list of 1 to {MOST_OBJECTS} entries; restore it.")
    objects = tuple(_object(path, k, entry) for k, entry in enumerate(entries))
    if len({item.name for item in objects}) < len(objects):
        raise SceneFailed(f"{path}: two objects have the same name; restore it.")
    if folder_shape(folder.name) is None:
        raise SceneFailed(
            f"{folder}: is not named <shape>-<number>, as banana_028-001; give it that name."
        )
    _check_labels(folder, objects)
    return objects


def _foreign(folder: Path, objects: tuple[PublishedObject, ...]) -> list[str]:
    """Loaders find a scene's objects by its folder's name."""
    others = {item.parsed.shape for item in objects} - {folder_shape(folder.name)}
    return [f"{name} is another shape than the folder's" for name in sorted(others)]


def _object(path: Path, k: int, entry: Any) -> PublishedObject:
    try:
        name, file = str(entry["name"]), str(entry["path"])
        matrix = np.asarray(entry["rotation_matrix"], np.float64)
        box = np.asarray(entry["bbox"], np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise SceneFailed(
            f"{path}: object {k} lacks its name, path, rotation_matrix or bbox; restore it."
        ) from error
    if matrix.shape != (4, 4) or box.shape != (2, 3) or not _finite(matrix, box):
        raise SceneFailed(
            f"{path}: object {k} needs a rotation_matrix of 4 x 4 and a bbox of 2 x 3 finite "
            "numbers; restore it."
        )
    if not (np.linalg.det(matrix[:3, :3]) > 0 and (box[1] >= 0).all()):
        raise SceneFailed(
            f"{path}: object {k} is turned inside out or has a negative size; restore it."
        )
    if name == files.FLOOR:
        raise SceneFailed(f"{path}: object {k} has the name {name!r}, which is none; restore it.")
    try:
        file_name(name)
    except ValueError as error:
        raise SceneFailed(f"{path}: object {k}: {error}; restore it.") from error
    parsed = object_name(file)
    if parsed is None:
        raise SceneFailed(
            f"{path}: {file} is named neither <shape>.blend or .obj (normal) nor "
            "<shape>-<code>-<number> (anomalous); restore the name."
        )
    kind = entry.get("oddgen", {}).get("type") if isinstance(entry.get("oddgen"), dict) else None
    return PublishedObject(name, file, parsed, matrix, box, kind)


def _check_labels(folder: Path, objects: tuple[PublishedObject, ...]) -> None:
    """The two files that tell which objects are odd must agree; 0 = anomalous in this one."""
    path = folder / files.METADATA_2D
    if not path.is_file():
        return
    told = [item.parsed.code is None for item in objects]
    labels = files.read_json(path).get("anomaly_labels")
    if labels != [int(normal) for normal in told]:
        raise SceneFailed(
            f"{path}: anomaly_labels {labels} contradict the objects' file names in "
            f"{files.METADATA_3D}; restore the wrong one, or delete this file to go by the names."
        )


def _cameras(folder: Path, metadata: dict[str, Any]) -> tuple[Floats, Floats]:
    path = folder / files.METADATA_3D
    try:
        camera = metadata["camera"]
        matrix = np.asarray(camera["K"], np.float64)
        poses = np.asarray([pose["rotation"] for pose in camera["poses"]], np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise SceneFailed(f"{path}: has no camera with K and poses; restore it.") from error
    if matrix.shape != (3, 3) or poses.shape[1:] != (4, 4) or not _finite(matrix, poses):
        raise SceneFailed(
            f"{path}: K must be 3 x 3 and each pose 4 x 4 finite numbers; restore it."
        )
    turn = poses[:, :3, :3]
    rigid = np.allclose(turn @ turn.transpose(0, 2, 1), np.eye(3), atol=1e-5)
    if not rigid or (np.linalg.det(turn) < 0).any() or (poses[:, 3] != [0, 0, 0, 1]).any():
        raise SceneFailed(f"{path}: a camera's pose is no rotation and shift; restore it.")
    if min(matrix[0, 0], matrix[1, 1]) <= 0 or matrix[2].tolist() != [0, 0, 1]:
        raise SceneFailed(f"{path}: K is no pinhole camera; restore it.")
    return matrix, poses


def _images(folder: Path, views: int) -> NDArray[np.uint8]:
    """(V, H, W, 3); as many files as there are cameras."""
    rgb = folder / "RGB"
    expected = [files.frame(view, "png") for view in range(views)]
    surplus = sorted({path.name for path in rgb.glob("*.png")} - set(expected))
    if surplus:
        raise SceneFailed(
            f"{rgb / surplus[0]}: {files.METADATA_3D} has no camera for it, only {views}; "
            "restore the one that is wrong."
        )
    images: list[NDArray[np.uint8]] = []
    for name in expected:
        size = (images[0].shape[0], images[0].shape[1]) if images else None
        pixels = files.read_png(rgb / name, size)
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
            raise SceneFailed(f"{rgb / name}: is no 8-bit colour image; restore it.")
        images.append(pixels[..., :3])
    return np.stack(images)


def _instances(
    folder: Path,
    objects: tuple[PublishedObject, ...],
    shape: tuple[int, ...],
    faults: list[str],
) -> NDArray[np.uint8]:
    """(V, H, W): 0, or k + 1 where object k is seen; the first of two masks that overlap."""
    instance = np.zeros(shape, np.uint8)
    claimed = np.zeros(shape, np.uint8)
    for k, item in enumerate(objects):
        for view in range(shape[0]):
            path = files.mask_path(folder, item.name, view)
            mask = files.read_mask(path, (shape[1], shape[2]))
            claimed[view] += mask
            instance[view][mask & (instance[view] == 0)] = k + 1
    twice, all_pixels = int((claimed > 1).sum()), int((claimed > 0).sum())
    if twice > OVERLAP * all_pixels:
        raise SceneFailed(
            f"{folder / 'segmentations'}: {twice} of {all_pixels} pixels belong to several "
            "objects; restore it from the download."
        )
    if twice:
        faults.append(f"{twice} pixels belong to several objects in segmentations/")
    return instance


def _check_repeated(
    folder: Path,
    objects: tuple[PublishedObject, ...],
    instance: NDArray[np.uint8],
    depth: NDArray[np.float32],
    faults: list[str],
) -> list[str]:
    """Compare what repeats the scene; adds to faults, returns what is missing."""
    odd = np.array([False, *(item.parsed.code is not None for item in objects)])
    repeated = {"masks": instance > 0, "binary_labels": odd[instance]}
    for name, expected in repeated.items():
        _compare_masks(folder, name, expected, faults)
    _compare_levels(folder, depth, faults)
    _compare_boxes(folder, instance, odd, faults)
    names = ("masks", "binary_labels", "depth_png", files.METADATA_2D, "scene.jpg", "scene.mp4")
    missing = [name for name in names if not (folder / name).exists()]
    floor = folder / "segmentations" / files.FLOOR
    return missing if floor.is_dir() else [*missing, f"segmentations/{files.FLOOR}"]


def _compare_masks(folder: Path, name: str, expected: NDArray[np.bool_], faults: list[str]) -> None:
    if not (folder / name).is_dir():
        return
    wrong = 0
    for view, mask in enumerate(expected):
        path = folder / name / files.frame(view, "png")
        try:
            found = files.read_mask(path, (mask.shape[0], mask.shape[1]))
        except SceneFailed as error:
            faults.append(f"{name}/{path.name}: {str(error).removeprefix(f'{path}: ')}")
            continue
        wrong += (found != mask).sum() > DISAGREE * mask.size
    if wrong:
        faults.append(f"{name}/ differs from segmentations/ in {wrong} views")


def _compare_levels(folder: Path, depth: NDArray[np.float32], faults: list[str]) -> None:
    if not (folder / "depth_png").is_dir():
        return
    wrong = 0
    for view, metres in enumerate(depth):
        path = folder / "depth_png" / files.frame(view, "png")
        try:
            found = files.read_png(path, (metres.shape[0], metres.shape[1]))
        except SceneFailed as error:
            faults.append(f"depth_png/{path.name}: {str(error).removeprefix(f'{path}: ')}")
            continue
        levels = files.depth_levels(metres)
        wrong += (
            found.shape != levels.shape
            or int(np.abs(found.astype(np.int64) - levels).max()) > LEVELS
        )
    if wrong:
        faults.append(f"depth_png/ differs from depth_exr/ in {wrong} views")


def _compare_boxes(
    folder: Path, instance: NDArray[np.uint8], odd: NDArray[np.bool_], faults: list[str]
) -> None:
    path = folder / files.METADATA_2D
    if not path.is_file():
        return
    boxes = files.read_json(path).get("bbox")
    wrong = 0
    for view, mask in enumerate(instance):
        held = boxes.get(files.frame(view, "png")) if isinstance(boxes, dict) else None
        expected = [
            [x.min(), y.min(), x.max() + 1, y.max() + 1]
            for k in np.flatnonzero(odd)
            for y, x in [np.nonzero(mask == k)]
            if len(x)
        ]
        try:
            found = np.asarray(held, np.float64).reshape(-1, 4)
        except (TypeError, ValueError):
            wrong += 1
            continue
        same = len(found) == len(expected) and (
            not expected or bool((np.abs(found - np.array(expected)) <= BOX_PIXELS).all())
        )
        wrong += not same
    if wrong:
        faults.append(f"bbox of {files.METADATA_2D} differs from segmentations/ in {wrong} views")


def _finite(*arrays: Floats) -> bool:
    return all(np.isfinite(array).all() for array in arrays)
