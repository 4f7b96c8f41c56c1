"""A dataset of coloured boxes, ray cast in a moment: what the loader reads, and no more."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from datagen.scenes.write import write_arrays
from tests.support.detectors import cameras
from tests.support.specs import some_spec, write_index

ROOM = np.array([[-0.28, -0.28], [0.06, -0.26], [-0.20, 0.08]])  # metres: where boxes stand
USUAL, ODD = np.array([200, 60, 40], np.uint8), np.array([60, 200, 40], np.uint8)
FLOOR = np.array([120, 120, 120], np.uint8)


def make_box_scenes(out: Path, scenes: int, views: int, size: int, seed: int = 0) -> Path:
    """Three boxes a scene, one of another colour; a shard and a shape for each scene."""
    rng = np.random.default_rng(seed)
    (out / "shards").mkdir(parents=True)
    names = []
    for number in range(scenes):
        name, path = f"scene-{number:06d}", out / f"shards/shard-{number:05d}.h5"
        low = np.concatenate([ROOM + rng.uniform(-0.03, 0.03, (3, 2)), np.zeros((3, 1))], axis=1)
        boxes = np.stack([low, low + rng.uniform(0.15, 0.22, (3, 3))], axis=1)
        odd = int(rng.integers(3))
        matrix, poses = cameras(views, size, seed=int(rng.integers(1000)))
        instance = np.stack([cast(boxes, matrix, pose, size)[0] for pose in poses])
        palette = np.stack([FLOOR, *(ODD if k == odd else USUAL for k in range(3))])
        spec = some_spec(
            number, f"box-{number}", ["material" if k == odd else None for k in range(3)]
        )
        arrays = {
            "intrinsics": matrix,
            "world_to_camera": poses,
            "box_aabb": boxes,
            "anomalous": (np.arange(3) == odd).astype(np.uint8),
        }
        write_arrays(name, spec, {"rgb": palette[instance], "instance": instance}, arrays, path)
        names.append([name])
    write_index(out, names, catalog="boxes")
    return out


def cast(
    boxes: np.ndarray, matrix: np.ndarray, pose: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """1 + the box seen at each pixel, 0 where there is none, uint8; and its depth, infinite there.

    Both (size, size).
    """
    y, x = np.mgrid[:size, :size] + 0.5
    local = np.stack([x, y, np.ones_like(x)], axis=-1) @ np.linalg.inv(matrix).T
    direction = local @ pose[:3, :3]
    origin = -pose[:3, :3].T @ pose[:3, 3]
    first = (boxes[:, 0] - origin) / direction[..., None, :]
    second = (boxes[:, 1] - origin) / direction[..., None, :]
    near, far = np.minimum(first, second).max(-1), np.maximum(first, second).min(-1)
    entry = np.where((near < far) & (far > 0), near, np.inf)
    instance = np.where(np.isfinite(entry.min(-1)), 1 + entry.argmin(-1), 0).astype(np.uint8)
    return instance, entry.min(-1)
