"""Scenes of boxes with a pattern all over, ray cast with their depth: what stereo can see."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmark.training.clouds.cloud import PosedViews, posed_views
from datagen.geometry.cameras import unproject
from datagen.scenes.write import write_arrays
from tests.support.box_scenes import cast
from tests.support.detectors import cameras
from tests.support.specs import some_spec, write_index

PLACES = np.array([[-0.25, -0.25], [0.2, -0.22], [-0.22, 0.2], [0.22, 0.2]])  # metres: middles
USUAL, ODD = np.array([0.16, 0.16, 0.2]), np.array([0.24, 0.12, 0.08])  # metres: edges


def textured_views(
    boxes: np.ndarray, views: int, size: int, seed: int = 0
) -> tuple[PosedViews, np.ndarray]:
    """Views with their true depth, and instance (V, H, W); boxes (N, 2, 3) on a floor."""
    rng = np.random.default_rng(seed)
    waves = rng.normal(0, 80, (24, 3, 3))
    phases = rng.uniform(0, 2 * np.pi, (24, 3))
    matrix, poses = cameras(views, size, seed)
    shown, depths, instances = [], [], []
    for pose in poses:
        instance, depth = cast(boxes, matrix, pose, size)
        pixels = np.stack(np.meshgrid(*[np.arange(size) + 0.5] * 2), axis=-1).reshape(-1, 2)
        ray = unproject(pixels, np.ones(len(pixels)), pose, matrix)
        eye = -pose[:3, :3].T @ pose[:3, 3]
        floor = eye[2] / np.maximum(eye[2] - ray[:, 2], 1e-6)
        depth = np.minimum(depth, floor.reshape(size, size))
        points = unproject(pixels, depth.ravel(), pose, matrix)
        pattern = np.sin(np.einsum("pj,kcj->pkc", points, waves) + phases).mean(axis=1)
        shown.append(np.clip(128 + 320 * pattern, 0, 255).reshape(size, size, 3))
        depths.append(depth)
        instances.append(instance)
    rgb = np.stack(shown).astype(np.uint8)
    depth = np.stack(depths).astype(np.float32)
    return posed_views(rgb, matrix, poses, depth), np.stack(instances)


def some_boxes(odd: int | None, rng: np.random.Generator) -> np.ndarray:
    """(4, 2, 3) metres, one of which has other edges, or none."""
    middle = PLACES + rng.uniform(-0.02, 0.02, PLACES.shape)
    edges = np.stack([ODD if number == odd else USUAL for number in range(len(PLACES))])
    low = np.column_stack([middle - edges[:, :2] / 2, np.zeros(len(edges))])
    return np.stack([low, low + edges], axis=1)


def make_textured_scenes(out: Path, scenes: int, views: int, size: int) -> Path:
    """A dataset of them, with every array of a shard; two kinds of things, a shape a scene."""
    rng = np.random.default_rng(0)
    (out / "shards").mkdir(parents=True)
    names = []
    for number in range(scenes):
        name, path = f"scene-{number:06d}", out / f"shards/shard-{number:05d}.h5"
        odd = int(rng.integers(4))
        boxes = some_boxes(odd, rng)
        seen, instance = textured_views(boxes, views, size, seed=number)
        kinds = ["fracture" if k == odd else None for k in range(4)]
        spec = some_spec(number, f"box-{number}", kinds, category=("box", "crate")[number % 2])
        assert seen.depth is not None
        view_arrays = {
            "rgb": seen.rgb,
            "depth": seen.depth,
            "instance": instance,
            "part": instance * 0,
            "defect": instance * 0,
            "normal": np.zeros((*instance.shape, 3), np.int8),
        }
        arrays = {
            "intrinsics": seen.intrinsics[0],
            "world_to_camera": seen.world_to_camera,
            "object_to_world": np.tile(np.eye(4), (4, 1, 1)),
            "anomalous": (np.arange(4) == odd).astype(np.uint8),
            "visible_fraction": np.ones((4, views), np.float32),
            "defect_pixels": np.zeros((4, views), np.int32),
            "box_aabb": boxes,
            "box_oriented": np.tile(np.eye(4), (4, 1, 1)),
            "box_size": boxes[:, 1] - boxes[:, 0],
            "box_2d": np.full((4, views, 4), -1, np.int32),
        }
        write_arrays(name, spec, view_arrays, arrays, path)
        names.append([name])
    write_index(out, names, catalog="textured boxes")
    return out
