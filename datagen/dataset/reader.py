"""Read a dataset: whole scenes, or single views at the cost of single reads.

    dataset = Dataset("out")
    for name in dataset.names:
        scene = dataset.read(name, views=[0, 3])

docs/format.md says how to read a shard without this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.base.reading import reading
from datagen.base.typed import WrongData, parse, read
from datagen.dataset.hdf5 import open_file
from datagen.dataset.layout import VIEW_AXIS, layout_fault, value_fault
from datagen.dataset.schema import (
    FORMAT,
    FORMAT_VERSION,
    DatasetIndex,
    FormatMark,
    SceneSpec,
)
from datagen.dataset.settings import SealSettings, Settings
from datagen.errors import OddgenError

DAMAGED = "restore it from a copy or choose another folder"
IMPORTED_LACK = ("part", "defect", "normal", "visible_fraction", "defect_pixels")
UNKNOWABLE = ("rgb", *IMPORTED_LACK)


@dataclass(frozen=True)
class Scene:
    """V views of H x W pixels and N objects; docs/format.md tells more of every array.

    Attributes:
        name: Such as `scene-000003`.
        rgb: (V, H, W, 3) uint8 sRGB.
        depth: (V, H, W) float32, metres along the camera's z axis, 0 where nothing is hit.
        instance: (V, H, W) uint8, k + 1 where object k is seen, 0 for the floor.
        part: (V, H, W) uint8, k + 1 where part k of an object is seen, 0 for the floor.
        defect: (V, H, W) uint8, 1 where the view would look different with normal objects only.
        normal: (V, H, W, 3) int8, unit normals in the world, towards the camera, times 127.
        intrinsics: (3, 3) float64, pinhole matrix of all views, pixels.
        world_to_camera: (V, 4, 4) float64, metres, OpenCV axes: x right, y down, z forward.
        object_to_world: (N, 4, 4) float64 similarities, from a shape's frame to metres, z up.
        anomalous: (N,) uint8, 1 for an anomalous object.
        visible_fraction: (N, V) float32, pixels seen of an object over those of it alone.
        defect_pixels: (N, V) int32, pixels of `defect` that an object causes.
        box_aabb: (N, 2, 3) float64, lowest and highest corner in the world, metres.
        box_oriented: (N, 4, 4) float64, a rigid motion from a box's own frame to the world.
        box_size: (N, 3) float64, edge lengths of the oriented boxes, metres.
        box_2d: (N, V, 4) int32, x0, y0, x1, y1 in pixels, upper ends exclusive, -1 where unseen.
        spec: How the scene was made.
        unknown: Arrays that an imported scene, or one made without images, lacks; they hold 0,
            visible_fraction NaN.
    """

    name: str
    rgb: NDArray[np.uint8]
    depth: NDArray[np.float32]
    instance: NDArray[np.uint8]
    part: NDArray[np.uint8]
    defect: NDArray[np.uint8]
    normal: NDArray[np.int8]
    intrinsics: NDArray[np.float64]
    world_to_camera: NDArray[np.float64]
    object_to_world: NDArray[np.float64]
    anomalous: NDArray[np.uint8]
    visible_fraction: NDArray[np.float32]
    defect_pixels: NDArray[np.int32]
    box_aabb: NDArray[np.float64]
    box_oriented: NDArray[np.float64]
    box_size: NDArray[np.float64]
    box_2d: NDArray[np.int32]
    spec: SceneSpec
    unknown: frozenset[str] = frozenset()


ARRAYS = tuple(
    name for name in Scene.__dataclass_fields__ if name not in ("name", "spec", "unknown")
)
AGAIN = "run the command that made it again"


class Dataset:
    """A dataset's scenes, in order; holds no open file: cheap to make, copy and send to workers.

    `len(data)`, `data[0]`, `data["scene-000003"]` and iteration give scenes with all their views.

    Attributes:
        out: The dataset's folder.
        index: What index.json holds: the settings, the shards, the failures.
    """

    def __init__(self, out: str | Path) -> None:
        """Open the --out folder of a run.

        Args:
            out: The folder that holds index.json.

        Raises:
            OddgenError: Where there is no dataset of ours.
        """
        self.out = Path(out)
        self.index = read_index(self.out)
        self._shards = {
            name: self.out / shard.file for shard in self.index.shards for name in shard.scenes
        }

    def __len__(self) -> int:
        return len(self._shards)

    def __getitem__(self, scene: int | str) -> Scene:
        return self.read(self.names[scene] if isinstance(scene, int) else scene)

    def __iter__(self) -> Iterator[Scene]:
        return map(self.read, self.names)

    def __repr__(self) -> str:
        render = self.index.config.render
        images = (
            f"{render.views} views of {render.resolution} x {render.resolution}" if render else ""
        )
        told = ", ".join(part for part in (f"{len(self)} scenes", images) if part)
        return f"Dataset({str(self.out)!r}: {told})"

    @property
    def names(self) -> list[str]:
        """Names of all finished scenes, in order."""
        return list(self._shards)

    def shard(self, name: str) -> Path:
        """The file that holds a scene.

        Args:
            name: Of the scene, such as `scene-000003`.

        Returns:
            The path of an HDF5 file.

        Raises:
            OddgenError: Where the dataset has no such scene.
        """
        if name not in self._shards:
            raise OddgenError(f"{self.out}: has no {name}; oddgen info tells what is there.")
        return self._shards[name]

    def spec(self, name: str) -> SceneSpec:
        """How a scene was made, without its arrays.

        Args:
            name: Of the scene.

        Returns:
            Its specification.

        Raises:
            OddgenError: Where the dataset has no such scene, or its shard cannot be read.
        """

        path = self.shard(name)
        with reading(f"{path}: {name}", AGAIN), open_file(path) as file:
            return read_spec(file[name])

    def read(self, name: str, views: Sequence[int] | None = None) -> Scene:
        """A scene, with all views or some.

        Args:
            name: Of the scene.
            views: Numbers of the views to read, in the order wanted; all if None.

        Returns:
            The scene.

        Raises:
            OddgenError: Where the dataset has no such scene or view, or its shard cannot be read.
        """
        return read_scene_file(self.shard(name), name, views)


def with_images(dataset: Dataset) -> Dataset:
    """The dataset again. Raises OddgenError where its scenes were made without images."""
    config = dataset.index.config
    if isinstance(config, Settings) and config.labels_only:
        raise OddgenError(
            f"{dataset.out}: made with --labels-only, and its scenes have no images; make one "
            "without this option."
        )
    return dataset


def is_sealed(dataset: Dataset) -> bool:
    """Whether oddgen seal has taken its labels away."""
    return isinstance(dataset.index.config, SealSettings)


def with_labels(dataset: Dataset) -> Dataset:
    """The dataset again. Raises OddgenError where it is sealed."""
    if is_sealed(dataset):
        raise OddgenError(
            f"{dataset.out}: is sealed, its labels are kept elsewhere; give a dataset that has "
            "them, or let a detector predict for it."
        )
    return dataset


def read_scene(out: Path, name: str, views: Sequence[int] | None = None) -> Scene:
    """As Dataset(out).read(name, views), for when one scene is all that is wanted."""
    return Dataset(out).read(name, views)


def read_scene_file(path: Path, name: str, views: Sequence[int] | None = None) -> Scene:
    """A scene of one HDF5 file: a shard, or what oddgen remake writes.

    name, views: as of Dataset.read. Raises OddgenError naming what is wrong.
    """

    with reading(f"{path}: {name}", AGAIN), open_file(path) as file:
        group = file[name]
        spec = read_spec(group)
        unknown = frozenset(spec.unknown or ()) & frozenset(UNKNOWABLE)
        if fault := layout_fault(group, unknown):
            raise WrongData(fault)
        if len(spec.objects) != len(group["object_to_world"]):
            raise WrongData("the specification tells of another number of objects")
        count = len(group["instance"])
        chosen = range(count) if views is None else views
        if any(not 0 <= view < count for view in chosen):
            raise OddgenError(f"{path}: {name} has the views 0 to {count - 1} only.")
        arrays = {
            key: _read(group[key], VIEW_AXIS.get(key), views)
            for key in ARRAYS
            if key not in unknown
        }
        if fault := value_fault(arrays):
            raise WrongData(fault)
        return Scene(name, **arrays, **_unknown(arrays, unknown), spec=spec, unknown=unknown)


def read_spec(group: Any) -> SceneSpec:
    """The specification in a scene's HDF5 group.

    Raises KeyError where it has none, WrongData where it is wrong.
    """
    text = group.attrs["spec"]
    if not isinstance(text, str | bytes):
        raise WrongData("its specification is no text")
    return parse(SceneSpec, text)


def _read(array: Any, axis: int | None, views: Sequence[int] | None) -> NDArray[Any]:
    """All of an HDF5 dataset, or its views: a read each where views are stored apart."""
    if axis == 0 and views is not None:
        return np.stack([array[view] for view in views])
    whole: NDArray[Any] = array[()]
    return whole if views is None or axis is None else whole[:, list(views)]


def _unknown(arrays: dict[str, NDArray[Any]], names: frozenset[str]) -> dict[str, NDArray[Any]]:
    """Placeholders of the right shape for what a scene does not tell."""
    images, objects = arrays["instance"].shape, arrays["box_2d"].shape[:2]
    made: dict[str, NDArray[Any]] = {
        "rgb": np.zeros((*images, 3), np.uint8),
        "part": np.zeros(images, np.uint8),
        "defect": np.zeros(images, np.uint8),
        "normal": np.zeros((*images, 3), np.int8),
        "visible_fraction": np.full(objects, np.nan, np.float32),
        "defect_pixels": np.zeros(objects, np.int32),
    }
    return {name: made[name] for name in names}


def read_index(out: Path) -> DatasetIndex:
    """What index.json of a dataset holds. Raises OddgenError where there is none of ours."""
    path = out / "index.json"
    if not out.is_dir():
        raise OddgenError(f"{out}: no such folder; give the --out folder of oddgen generate.")
    if not path.is_file():
        raise OddgenError(f"{out}: holds no index.json; give the --out folder of oddgen generate.")
    mark = read(FormatMark, path, DAMAGED)
    if mark.format != FORMAT:
        raise OddgenError(f"{path}: not an oddgen dataset; give the --out folder of a run.")
    if mark.format_version > FORMAT_VERSION:
        raise OddgenError(f"{path}: written by a newer oddgen; update odd-one-out.")
    return read(DatasetIndex, path, DAMAGED)
