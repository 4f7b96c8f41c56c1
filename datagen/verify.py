"""Is a dataset whole? Every checksum, every shard, every scene."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from datagen.errors import OddgenError
from datagen.reader import Scene, read_index, read_scene
from datagen.write import sha256


def verify(out: Path) -> list[str]:
    """A sentence for each thing that is wrong, none for a dataset in order."""
    index = read_index(out)
    again = "delete it and run the same oddgen generate again"
    problems = [
        f"{out}: {entry['scene']} was not made ({entry['reason']})" for entry in index["failures"]
    ]
    listed = {entry["file"] for entry in index["shards"]}
    for path in sorted((out / "shards").glob("*.h5")):
        if f"shards/{path.name}" not in listed:
            problems.append(f"{path}: not listed in index.json; {again}.")
    if (out / "work").is_dir():
        problems.append(f"{out}: the run has not ended; run the same oddgen generate again.")
    console = Console(stderr=True)
    for entry in track(index["shards"], "shards", console=console, disable=not console.is_terminal):
        path = out / entry["file"]
        if not path.is_file():
            problems.append(f"{path}: missing; run the same oddgen generate again.")
        elif path.stat().st_size != entry["bytes"] or sha256(path) != entry["sha256"]:
            problems.append(f"{path}: its checksum differs from index.json; {again}.")
        else:
            problems += _scenes(out, path, entry["scenes"])
    return problems


def _scenes(out: Path, path: Path, names: list[str]) -> list[str]:
    import h5py

    problems = []
    with h5py.File(path, "r") as file:
        held = set(file)
    for name in sorted(held ^ set(names)):
        problems.append(
            f"{path}: {name} is not where index.json says; delete the shard, run again."
        )
    for name in names:
        if name not in held:
            continue
        try:
            fault = scene_fault(read_scene(out, name))
        except (OddgenError, json.JSONDecodeError) as error:
            problems.append(str(error))
            continue
        if fault is not None:
            problems.append(f"{path}: {name}: {fault}; delete the shard and run again.")
    return problems


def scene_fault(scene: Scene) -> str | None:
    """The first way in which the arrays of a scene contradict each other, or None."""
    views, height, width, _ = scene.rgb.shape
    count = len(scene.object_to_world)
    expected = {
        "depth": (views, height, width),
        "instance": (views, height, width),
        "part": (views, height, width),
        "defect": (views, height, width),
        "normal": (views, height, width, 3),
        "intrinsics": (3, 3),
        "world_to_camera": (views, 4, 4),
        "object_to_world": (count, 4, 4),
        "anomalous": (count,),
        "visible_fraction": (count, views),
        "defect_pixels": (count, views),
        "box_aabb": (count, 2, 3),
        "box_oriented": (count, 4, 4),
        "box_size": (count, 3),
        "box_2d": (count, views, 4),
    }
    for name, shape in expected.items():
        array = getattr(scene, name)
        if array.shape != shape:
            return f"{name} has the shape {array.shape} and should have {shape}"
        if not np.isfinite(array).all():
            return f"{name} holds numbers that are not finite"
    if scene.instance.max() > count:
        return "the instance mask names an object that is not there"
    if ((scene.instance > 0) & (scene.depth <= 0)).any():
        return "an object's pixel has no depth"
    if not np.array_equal(scene.instance > 0, scene.part > 0):
        return "the part mask does not cover the objects"
    declared = [entry["anomaly"] is not None for entry in scene.spec["objects"]]
    if not np.array_equal(scene.anomalous.astype(bool), declared):
        return "the anomaly labels differ from the specification"
    for k, odd in enumerate(declared):
        if odd and scene.defect_pixels[k].max() == 0:
            return f"the anomaly of object {k} is seen in no view"
    if scene.rgb.std(axis=(1, 2, 3)).min() < 1:
        return "an image is blank"
    return None
