"""What a detector observes of a scene or a capture, and a picture of what it answers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.capture.capture import is_capture, place_capture, read_capture
from benchmark.capture.heat import heated, moved
from benchmark.capture.images import read_photo
from benchmark.capture.photos import Photo
from benchmark.capture.placement import Placement, Plane
from benchmark.capture.rig import FLOOR, capture_of_rig
from benchmark.detectors.interface import Observation
from benchmark.detectors.predictions import ProtocolName
from benchmark.detectors.views import fixed_views
from benchmark.scoring.pictures import DrawnBox, draw_boxes
from benchmark.scoring.predict import observe
from datagen.base.reading import reading
from datagen.dataset.hdf5 import open_file
from datagen.dataset.reader import read_scene_file
from datagen.errors import OddgenError
from datagen.geometry.rig import Rig

PICTURE_WIDTH = 720


@dataclass(frozen=True)
class Item:
    """One answer to give: a scene in a shard, or a capture (scene is None)."""

    name: str
    path: Path
    scene: str | None


@dataclass(frozen=True)
class ObservationRequest:
    """views: at most so many. protocol: of a scene. rig: of fixed cameras, for photographs whose
    poses nobody tells. floor and scale: of a capture, None to find them.
    """

    views: int
    protocol: ProtocolName
    floor: Sequence[float] | None = None
    scale: float | None = None
    rig: Rig | None = None


@dataclass(frozen=True)
class ItemObservation:
    """names: one of each view. photos, floor and placement: of a capture, else None.

    missing: photographs that a capture names and that are not there.
    """

    observation: Observation
    names: tuple[str, ...]
    photos: tuple[Photo, ...] | None = None
    floor: Plane | None = None
    placement: Placement | None = None
    missing: tuple[Path, ...] = ()


def observe_item(item: Item, request: ObservationRequest, size: int) -> ItemObservation:
    """size: pixels of a capture's views. Raises OddgenError for any fault of the files."""
    if item.scene is None:
        return _observe_capture(item.path, request, size)
    return _observe_scene(item.path, item.scene, request)


def digest(observation: Observation) -> str:
    """Hex; equal where a detector sees the same."""
    arrays = (observation.rgb, observation.intrinsics, observation.world_to_camera)
    seen = b"".join(array.tobytes() for array in arrays)
    if observation.silhouettes is not None:
        seen += observation.silhouettes.tobytes()
    return hashlib.sha256(seen).hexdigest()[:16]


def picture(
    observed: ItemObservation,
    view: int,
    boxes: Sequence[DrawnBox],
    heat: NDArray[np.floating] | None = None,
) -> NDArray[np.uint8]:
    """A view with boxes drawn in; of a capture the whole photograph, undistorted.

    heat: (H, W) of the view as the detector sees it, 0..1.
    """
    seen = observed.observation
    if observed.photos is None:
        pixels, matrix = seen.rgb[view], seen.intrinsics
    else:
        photo = observed.photos[view]
        pixels, matrix = read_photo(photo), photo.lens.matrix
    if heat is not None:
        own = seen.intrinsics[view] if seen.intrinsics.ndim == 3 else seen.intrinsics
        height, width = pixels.shape[:2]
        pixels = heated(pixels, moved(heat, own, matrix, (width, height)))
    return draw_boxes(pixels, matrix, seen.world_to_camera[view], boxes, PICTURE_WIDTH)


def _observe_scene(path: Path, name: str, request: ObservationRequest) -> ItemObservation:
    available = _view_count(path, name)
    views = fixed_views(min(request.views, available), available)
    scene = read_scene_file(path, name, views)
    return ItemObservation(
        observe(scene, request.protocol), tuple(f"view-{view:03d}" for view in views)
    )


def _observe_capture(path: Path, request: ObservationRequest, size: int) -> ItemObservation:
    if request.protocol != "predicted":
        raise OddgenError(f"{path}: nobody knows its true boxes; use --protocol predicted.")
    if request.views < 2:
        raise OddgenError(f"{path}: one view of a capture is too few; give --views 2 or more.")
    if request.rig is not None and not is_capture(path):
        capture = capture_of_rig(path, request.rig)
        placed = place_capture(capture, size, request.views, FLOOR, 1.0)
    else:
        capture = read_capture(path)
        placed = place_capture(capture, size, request.views, request.floor, request.scale)
    observation = Observation(
        placed.rgb,
        placed.intrinsics,
        placed.world_to_camera,
        silhouettes=placed.silhouettes,
    )
    names = tuple(f"{k:03d}-{photo.path.stem}" for k, photo in enumerate(placed.photos))
    return ItemObservation(
        observation, names, placed.photos, placed.floor, placed.placement, capture.missing
    )


def _view_count(path: Path, name: str) -> int:

    remedy = "run oddgen verify on its dataset"
    with reading(f"{path}: {name}", remedy), open_file(path) as file:
        return len(file[name]["rgb"])
