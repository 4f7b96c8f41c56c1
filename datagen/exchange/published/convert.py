"""A published scene as a scene of ours, in our order and with the boxes that are right."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.dataset.reader import IMPORTED_LACK
from datagen.dataset.schema import (
    AnomalyFacts,
    FloorFacts,
    HdriFacts,
    ObjectFacts,
    PublishedFacts,
    PublishedObjectFacts,
    SceneSpec,
    ShapeFacts,
)
from datagen.dataset.settings import ImportedImages, ImportSettings
from datagen.exchange.published.boxes import box_iou, object_boxes, seen_points
from datagen.exchange.published.names import ObjectName, category_of, folder_shape, kind_of
from datagen.exchange.published.scene_folder import PublishedObject, PublishedScene
from datagen.exchange.published.splits import is_seen
from datagen.geometry.shape import Floats

NOT_STATED = "not stated"


@dataclass(frozen=True)
class Converted:
    """What datagen.scenes.write.write_arrays takes, all names as in docs/format.md."""

    spec: SceneSpec
    view_arrays: dict[str, NDArray[Any]]
    object_arrays: dict[str, NDArray[Any]]


def convert(
    scene: PublishedScene, number: int, settings: ImportSettings, split: str | None
) -> Converted:
    """A published scene as one of ours.

    number: of the scene in our dataset; settings: of the import, for the specification; split: None
    where it is not known.
    """
    order = shuffled(scene.folder, len(scene.objects))
    objects = [scene.objects[k] for k in order]
    instance = _renumbered(scene.instance, order)
    boxes = [
        object_boxes(
            seen_points(scene.depth, instance == k + 1, scene.intrinsics, scene.world_to_camera),
            item.rotation_matrix,
            item.bbox,
        )
        for k, item in enumerate(objects)
    ]
    views, height, width = instance.shape
    published = tuple(
        _published(item, box.origin, box.aabb) for item, box in zip(objects, boxes, strict=True)
    )
    shape = folder_shape(scene.folder) or scene.folder
    kind = objects[0].parsed.kind
    images = ImportedImages(views, width)
    spec = SceneSpec(
        scene=number,
        settings=replace(settings, render=images),
        shape=ShapeFacts(
            id=shape,
            category=category_of(ObjectName(shape, kind)),
            kind=kind,
            seen=is_seen(split),
            licence=settings.licence,
            provenance=scene.folder,
            source="published",
        ),
        objects=tuple(ObjectFacts(None, (), _anomaly(item)) for item in objects),
        floor=FloorFacts(scene.floor, NOT_STATED),
        hdri=HdriFacts(scene.hdri, NOT_STATED),
        render=images,
        device=NOT_STATED,
        unknown=IMPORTED_LACK,
        published=PublishedFacts(
            folder=scene.folder,
            split=split,
            order=tuple(order.tolist()),
            objects=published,
            missing=tuple(scene.missing),
            faults=tuple(scene.faults),
        ),
    )
    return Converted(
        spec,
        {"rgb": scene.rgb, "depth": scene.depth, "instance": instance},
        {
            "intrinsics": scene.intrinsics,
            "world_to_camera": scene.world_to_camera,
            "object_to_world": np.stack([item.rotation_matrix for item in objects]),
            "anomalous": np.array([item.parsed.code is not None for item in objects], np.uint8),
            "box_aabb": np.stack([box.aabb for box in boxes]),
            "box_oriented": np.stack([box.box_to_world for box in boxes]),
            "box_size": np.stack([box.size for box in boxes]),
            "box_2d": _boxes_2d(instance, len(objects)),
        },
    )


def shuffled(folder: str, count: int) -> NDArray[np.int64]:
    """(count,) a fixed random order for each scene.

    The published one has the anomalous objects first.
    """
    return np.random.default_rng(zlib.crc32(folder.encode())).permutation(count)


def _renumbered(instance: NDArray[np.uint8], order: NDArray[np.int64]) -> NDArray[np.uint8]:
    new = np.zeros(len(order) + 1, np.uint8)
    new[order + 1] = np.arange(1, len(order) + 1)
    return new[instance]


def _published(item: PublishedObject, origin: str, aabb: Floats) -> PublishedObjectFacts:
    middle, size = item.bbox
    given = np.stack([middle - size / 2, middle + size / 2])
    return PublishedObjectFacts(
        name=item.name,
        path=item.path,
        bbox=(tuple(middle.tolist()), tuple(size.tolist())),
        box_aabb=origin,
        iou=round(box_iou(given, aabb), 4),
    )


def _anomaly(item: PublishedObject) -> AnomalyFacts | None:
    """A code that the paper does not list stays as it is."""
    code = item.parsed.code
    if code is None:
        return None
    return AnomalyFacts(item.kind or kind_of(code) or code, {}, code=code)


def _boxes_2d(instance: NDArray[np.uint8], count: int) -> NDArray[np.int32]:
    """(N, V, 4) half-open pixels of what is seen, -1 where nothing is."""
    result = np.full((count, len(instance), 4), -1, np.int32)
    for view, mask in enumerate(instance):
        for k in range(count):
            rows, columns = np.nonzero(mask == k + 1)
            if len(rows):
                ends = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
                result[k, view] = ends
    return result
