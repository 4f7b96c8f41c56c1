"""Does a scene agree with itself? What its arrays say about each other (docs/format.md)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from datagen.dataset.reader import Scene
from datagen.dataset.settings import RenderSettings
from datagen.geometry.cameras import intrinsics, unproject

TOLERANCE = 0.002  # metres; depth is stored in steps of 0.06 mm
IMPORTED_STRAY = 0.001  # share of floor pixels that another renderer's masks may have wrong


def inconsistency(scene: Scene) -> str | None:
    """The first way in which the arrays of a scene contradict each other or its specification.

    A few words such as `an object's pixel has no depth`; None for a consistent scene. Shapes and
    single values are right in whatever the reader gives.
    """
    for check in (_specification, _masks, _objects, _geometry):
        fault = check(scene)
        if fault is not None:
            return fault
    return None


def _specification(scene: Scene) -> str | None:
    settings = scene.spec.render
    views, height, width, _ = scene.rgb.shape
    if (views, height, width) != (settings.views, settings.resolution, settings.resolution):
        return "the images are not of the number and size that the specification says"
    declared = [entry.anomaly is not None for entry in scene.spec.objects]
    if not np.array_equal(scene.anomalous.astype(bool), declared):
        return "the anomaly labels differ from the specification"
    return None


def _masks(scene: Scene) -> str | None:
    if ((scene.instance > 0) & (scene.depth <= 0)).any():
        return "an object's pixel has no depth"
    if "part" not in scene.unknown and not np.array_equal(scene.instance > 0, scene.part > 0):
        return "the part mask does not cover the objects"
    length = np.linalg.norm(scene.normal.astype(np.float32), axis=-1)
    if "normal" not in scene.unknown and (np.abs(length - 127)[scene.depth > 0] > 2).any():
        return "a normal is not of unit length"
    if "rgb" not in scene.unknown and scene.rgb.std(axis=(1, 2, 3)).min() < 1:
        return "an image is blank"
    return None if "defect" in scene.unknown else _defects(scene)


def _defects(scene: Scene) -> str | None:
    if scene.defect.max() > 1:
        return "the defect mask holds more than 0 and 1"
    total = scene.defect.sum(axis=(1, 2), dtype=np.int64)
    if not (
        (scene.defect_pixels.max(axis=0) <= total) & (total <= scene.defect_pixels.sum(0))
    ).all():
        return "the defect mask and the counts of defect pixels differ"
    for k, odd in enumerate(scene.anomalous):
        most = scene.defect_pixels[k].max()
        if odd and most == 0:
            return f"the anomaly of object {k} is seen in no view"
        if not odd and most > 0:
            return f"object {k} has defect pixels and no anomaly"
    return None


def _objects(scene: Scene) -> str | None:
    told = "visible_fraction" not in scene.unknown
    for k in range(len(scene.anomalous)):
        for view, mask in enumerate(scene.instance == k + 1):
            if told and (scene.visible_fraction[k, view] > 0) != mask.any():
                return f"object {k} has the wrong visible fraction in view {view}"
            rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
            box = [-1] * 4
            if len(rows):
                box = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
            if scene.box_2d[k, view].tolist() != box:
                return f"object {k} has the wrong 2D box in view {view}"
    return None


def _geometry(scene: Scene) -> str | None:
    """Pixels with their depth, put back into the world, lie on the floor or in their boxes."""
    imported = scene.spec.published is not None
    rig = scene.spec.render.rig if isinstance(scene.spec.render, RenderSettings) else None
    if not imported and not np.allclose(scene.intrinsics, intrinsics(scene.rgb.shape[2], rig)):
        return "the intrinsics are not those of the image size"
    rotation = scene.world_to_camera[:, :3, :3]
    exact = 1e-5 if imported else 1e-9
    if not np.allclose(rotation @ rotation.transpose(0, 2, 1), np.eye(3), atol=exact):
        return "a camera's matrix is no rotation and shift"
    to_box = np.linalg.inv(scene.box_oriented)
    for view in range(len(scene.rgb)):
        points, index = _hits(scene, view)
        raised = np.abs(points[index < 0, 2]) > TOLERANCE
        if raised.sum() > (IMPORTED_STRAY * raised.size if imported else 0):
            return f"the floor is not flat in view {view}"
        points, index = points[index >= 0], index[index >= 0]
        low, high = scene.box_aabb[index, 0], scene.box_aabb[index, 1]
        inside = np.einsum("pij,pj->pi", to_box[index, :3, :3], points) + to_box[index, :3, 3]
        excess = [low - points, points - high, np.abs(inside) - scene.box_size[index] / 2]
        beyond = np.concatenate(excess, axis=1).max(axis=1)
        if len(beyond) and beyond.max() > TOLERANCE:
            return f"object {index[beyond.argmax()]} leaves its boxes in view {view}"
    return None


def _hits(scene: Scene, view: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """World points (P, 3) of all pixels that hit something, and the object's index, -1 = floor."""
    rows, columns = np.nonzero(scene.depth[view])
    pixels = np.column_stack([columns, rows]) + 0.5
    depth = scene.depth[view][rows, columns].astype(np.float64)
    index = scene.instance[view][rows, columns].astype(np.int64) - 1
    return unproject(pixels, depth, scene.world_to_camera[view], scene.intrinsics), index
