"""What a label might be guessed from without looking at the object: numbers of every object."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from datagen.dataset.reader import Scene
from datagen.geometry.boxes import given_boxes
from datagen.geometry.shape import Floats, Shape


@dataclass(frozen=True)
class Cue:
    """what: the numbers. nature: whether a detector that reads the files could use the cue, and
    whether anomalies themselves bring it about.

    artefact: nothing about a defect explains it; inherent: partly what the task is about; hidden:
    in the meshes, which no detector sees; base rate: the same for all objects of a scene.
    """

    what: str
    nature: Literal["artefact", "inherent", "hidden", "base rate"]


CUES: dict[str, Cue] = {
    "order": Cue("whether first, last, and which third of the files in order", "artefact"),
    "position": Cue("x, y, distance and direction from the scene's middle", "artefact"),
    "spacing": Cue("distance to the nearest neighbour, and the mean distance", "artefact"),
    "visibility": Cue("visible fraction: mean, least and most over the views", "artefact"),
    "camera": Cue("number of views that see it, mean distance from the cameras", "artefact"),
    "resting pose": Cue("the up direction in the object's frame, the centre's height", "inherent"),
    "world box": Cue("box sizes and volume, also relative to the scene's median", "inherent"),
    "equal height": Cue("smallest difference of its true box's height to a sibling's", "hidden"),
    "equal height, given": Cue("the same of the boxes that true-boxes hands out", "inherent"),
    "2D box": Cue("width, height and area in pixels, also relative to the median", "inherent"),
    "image bytes": Cue("PNG bytes of its crops, all and a pixel, and against the median",
                       "inherent"),
    "mesh size": Cue("vertices and faces, also relative to the median", "hidden"),
    "objects a scene": Cue("how many objects the scene has", "base rate"),
}  # fmt: skip

NATURES = {
    "artefact": "should tell nothing: a detector could exploit it",
    "inherent": "partly inherent: a defect may change it, and comparing siblings is the task",
    "hidden": "not visible to a detector: neither the images nor the boxes that it gets show it",
    "base rate": "the same for all objects of a scene: cannot tell them apart",
}


def object_cues(scene: Scene, meshes: Sequence[Shape] | None) -> dict[str, list[list[float]]]:
    """For every cue that the scene tells, by its name in CUES, a row of numbers an object.

    meshes: the objects' shapes in order, None where the cache lacks them.
    """
    count = len(scene.anomalous)
    index = np.arange(count)
    centre = scene.box_oriented[:, :3, 3]
    flat = centre[:, :2] - centre[:, :2].mean(axis=0)
    angle = np.arctan2(flat[:, 1], flat[:, 0])
    cues: dict[str, Sequence[NDArray[Any]]] = {
        "order": [index == 0, index == count - 1, np.floor(3 * index / count)],
        "position": [*flat.T, np.linalg.norm(flat, axis=1), np.sin(angle), np.cos(angle)],
        "spacing": _spacing(centre),
        "camera": _camera(scene, centre),
        "resting pose": [*_up(scene), centre[:, 2], _relative(centre[:, 2])],
        "world box": _sizes(scene),
        "equal height": [_to_nearest_height(scene.box_aabb)],
        "equal height, given": [_to_nearest_height(given_boxes(scene.box_aabb))],
        "2D box": _boxes_2d(scene),
        "objects a scene": [np.full(count, count)],
    }
    if "visible_fraction" not in scene.unknown:
        fraction = scene.visible_fraction.astype(np.float64)
        cues["visibility"] = [fraction.mean(axis=1), fraction.min(axis=1), fraction.max(axis=1)]
    if scene.rgb.any():
        cues["image bytes"] = _image_bytes(scene)
    if meshes is not None:
        cues["mesh size"] = _mesh_sizes(meshes)
    return {
        name: np.stack(columns, axis=1).astype(np.float64).tolist()
        for name, columns in cues.items()
    }


def _relative(values: Floats) -> Floats:
    """Log ratio to the median of the scene's objects."""
    return np.log(np.maximum(values, 1e-9) / max(float(np.median(values)), 1e-9))


def _with_relative(columns: Sequence[Floats]) -> list[Floats]:
    return [*columns, *(_relative(column) for column in columns)]


def _spacing(centre: Floats) -> list[Floats]:
    distance = np.linalg.norm(centre[:, None] - centre[None], axis=2)
    others = len(centre) - 1
    mean = distance.sum(axis=1) / max(others, 1)
    nearest = np.where(np.eye(len(centre), dtype=bool), np.inf, distance).min(axis=1)
    return [np.where(others, nearest, 0), mean]


def _camera(scene: Scene, centre: Floats) -> list[Floats]:
    seen = (scene.box_2d[:, :, 0] >= 0).mean(axis=1)
    rotation, shift = scene.world_to_camera[:, :3, :3], scene.world_to_camera[:, :3, 3]
    eyes = -np.einsum("vji,vj->vi", rotation, shift)
    distance = np.linalg.norm(eyes[None] - centre[:, None], axis=2)
    return [seen, distance.mean(axis=1)]


def _up(scene: Scene) -> list[Floats]:
    turn = scene.object_to_world[:, :3, :3]
    scale = np.cbrt(np.linalg.det(turn))[:, None, None]
    return list((turn / scale)[:, 2].T)


def _sizes(scene: Scene) -> list[Floats]:
    sides = np.sort(scene.box_size, axis=1)
    extent = scene.box_aabb[:, 1] - scene.box_aabb[:, 0]
    return _with_relative([*sides.T, sides.prod(axis=1), extent[:, 2], extent[:, :2].max(axis=1)])


def _to_nearest_height(boxes: Floats) -> Floats:
    """(N,) metres; copies of one rigid shape in one pose are equally high."""
    height = boxes[:, 1, 2] - boxes[:, 0, 2]
    apart = np.abs(height[:, None] - height)
    np.fill_diagonal(apart, np.inf)
    nearest = apart.min(axis=1)
    return np.where(np.isfinite(nearest), nearest, 0.0)


def _boxes_2d(scene: Scene) -> list[Floats]:
    seen = scene.box_2d[:, :, 0] >= 0
    count = np.maximum(seen.sum(axis=1), 1)
    width = (scene.box_2d[:, :, 2] - scene.box_2d[:, :, 0]) * seen
    height = (scene.box_2d[:, :, 3] - scene.box_2d[:, :, 1]) * seen
    return _with_relative(
        [values.sum(axis=1) / count for values in (width, height, width * height)]
    )


def _image_bytes(scene: Scene) -> list[Floats]:
    total = np.zeros(scene.box_2d.shape[:2])
    pixels = np.ones(total.shape)
    for k, view in np.argwhere(scene.box_2d[:, :, 0] >= 0):
        x0, y0, x1, y1 = scene.box_2d[k, view]
        crop = scene.rgb[view, y0:y1, x0:x1]
        total[k, view], pixels[k, view] = _png_bytes(crop), crop.size / 3
    seen = np.maximum((total > 0).sum(axis=1), 1)
    return _with_relative([total.sum(axis=1) / seen, (total / pixels).sum(axis=1) / seen])


def _png_bytes(crop: NDArray[np.uint8]) -> int:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(crop).save(buffer, format="PNG", compress_level=6)
    return buffer.tell()


def _mesh_sizes(meshes: Sequence[Shape]) -> list[Floats]:
    vertices = np.array([len(mesh.vertices) for mesh in meshes], np.float64)
    faces = np.array([len(mesh.faces) for mesh in meshes], np.float64)
    return _with_relative([vertices, faces])
