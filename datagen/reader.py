"""Read a dataset: one function for a scene, one for the list of scenes. Needs h5py and numpy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.errors import OddgenError
from datagen.write import FORMAT, FORMAT_VERSION


@dataclass(frozen=True)
class Scene:
    """V views of H x W pixels and N objects; docs/format.md tells every array.

    rgb (V, H, W, 3) uint8 sRGB. depth (V, H, W) float32 metres along the camera's z axis, 0 where
    nothing is hit. instance, part (V, H, W) uint8, 0 = floor. defect (V, H, W) uint8, 1 = odd.
    normal (V, H, W, 3) int8, world, times 127. intrinsics (3, 3). world_to_camera (V, 4, 4),
    OpenCV axes. object_to_world (N, 4, 4). anomalous (N,) uint8. visible_fraction, defect_pixels
    (N, V). box_aabb (N, 2, 3), box_oriented (N, 4, 4), box_size (N, 3). box_2d (N, V, 4) pixels
    x0 y0 x1 y1, -1 where unseen. spec: how the scene was made.
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
    spec: dict[str, Any]


ARRAYS = tuple(name for name in Scene.__dataclass_fields__ if name not in ("name", "spec"))


def read_index(out: Path) -> dict[str, Any]:
    """index.json of a dataset. Raises OddgenError where there is none of ours."""
    path = out / "index.json"
    if not out.is_dir():
        raise OddgenError(f"{out}: no such folder; give the --out folder of oddgen generate.")
    if not path.is_file():
        raise OddgenError(f"{out}: holds no index.json; give the --out folder of oddgen generate.")
    try:
        index = json.loads(path.read_text())
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise OddgenError(f"{path}: damaged ({error}); make the dataset again.") from error
    if not isinstance(index, dict) or index.get("format") != FORMAT:
        raise OddgenError(f"{path}: not an oddgen dataset; give the --out folder of a run.")
    if index["format_version"] > FORMAT_VERSION:
        raise OddgenError(f"{path}: written by a newer oddgen; update odd-one-out.")
    return index


def scene_names(out: Path) -> list[str]:
    """The names of all finished scenes, in order."""
    return [name for shard in read_index(out)["shards"] for name in shard["scenes"]]


def read_scene(out: Path, name: str) -> Scene:
    """Everything that is stored of one scene. Raises OddgenError naming what is wrong."""
    import h5py

    for shard in read_index(out)["shards"]:
        if name not in shard["scenes"]:
            continue
        path = out / shard["file"]
        try:
            with h5py.File(path, "r") as file:
                group = file[name]
                arrays = {key: group[key][()] for key in ARRAYS}
                return Scene(name, **arrays, spec=json.loads(group.attrs["spec"]))
        except (OSError, KeyError) as error:
            raise OddgenError(
                f"{path}: {name} cannot be read ({error}); delete the shard and run oddgen "
                "generate again."
            ) from error
    raise OddgenError(f"{out}: has no {name}; oddgen info lists what is there.")
