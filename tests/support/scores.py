"""Small datasets and predictions without rendering, for tests of scoring."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

from benchmark.detectors.predictions import (
    PROTOCOL_VERSIONS,
    Answer,
    Header,
    Prediction,
    Predictions,
)
from benchmark.scoring.ground_truth import SceneTruth, Truth
from benchmark.scoring.outcome import Outcome
from benchmark.scoring.write import to_answer, write_predictions
from datagen.geometry import cameras
from datagen.geometry.boxes import given_boxes
from tests.support.specs import some_spec, write_index

VIEWS, PIXELS = 6, 32
KINDS = ("bend", "bump", "crack")


def boxes_in_a_row(rng: np.random.Generator, count: int) -> np.ndarray:
    """(count, 2, 3) boxes on the floor that do not touch."""
    size = rng.uniform(0.04, 0.08, (count, 3))
    low = np.stack([np.arange(count) * 0.1 - 0.2, rng.uniform(-0.1, 0.1, count), np.zeros(count)])
    return np.stack([low.T, low.T + size], axis=1)


def make_dataset(out: Path, scenes: int = 12, seed: int = 0) -> Path:
    """Scenes of 3 to 5 objects with all arrays of docs/format.md; every third scene is unseen,
    every fourth holds no odd object."""
    rng = np.random.default_rng(seed)
    (out / "shards").mkdir(parents=True)
    shard = out / "shards" / "shard-00000.h5"
    names = [f"scene-{k:06d}" for k in range(scenes)]
    with h5py.File(shard, "w") as file:
        for number, name in enumerate(names):
            _write_scene(file.create_group(name), rng, number)
    write_index(out, [names])
    return out


def _write_scene(group: h5py.Group, rng: np.random.Generator, number: int) -> None:
    count = 3 + number % 3
    boxes = boxes_in_a_row(rng, count)
    odd = np.zeros(count, np.uint8)
    if number % 4:
        odd[rng.integers(count)] = 1
    shape = (VIEWS, PIXELS, PIXELS)
    defect = np.zeros(shape, np.uint8)
    instance = np.zeros(shape, np.uint8)
    instance[:, 2:12, 4:14] = instance[:, 19:24, 19:24] = 1 + odd.argmax()
    if odd.any():
        defect[:, 4:9, 6:12] = defect[::2, 20:22, 20:22] = 1
    poses = cameras.place(cameras.draw_ring(rng, VIEWS), boxes.reshape(-1, 3), PIXELS)
    anomalies = [KINDS[number % 3] if o else None for o in odd]
    spec = some_spec(number, f"shape-{number}", anomalies, seen=number % 3 != 0)
    arrays = {
        "rgb": rng.integers(0, 256, (*shape, 3), np.uint8),
        "depth": np.ones(shape, np.float32),
        "instance": instance,
        "part": np.zeros(shape, np.uint8),
        "defect": defect,
        "normal": np.zeros((*shape, 3), np.int8),
        "intrinsics": cameras.intrinsics(PIXELS),
        "world_to_camera": poses,
        "object_to_world": np.tile(np.eye(4), (count, 1, 1)),
        "anomalous": odd,
        "visible_fraction": np.ones((count, VIEWS), np.float32),
        "defect_pixels": np.zeros((count, VIEWS), np.int32),
        "box_aabb": boxes,
        "box_oriented": np.tile(np.eye(4), (count, 1, 1)),
        "box_size": boxes[:, 1] - boxes[:, 0],
        "box_2d": np.full((count, VIEWS, 4), -1, np.int32),
    }
    group.attrs["spec"] = json.dumps(spec.to_json())
    for key, array in arrays.items():
        group[key] = array


def write_answers(
    path: Path,
    truth: Truth,
    scores: Callable[[SceneTruth], np.ndarray],
    protocol: str = "true-boxes",
    views: tuple[int, ...] = (0, 2, 4),
    detector: str = "sample",
) -> Path:
    """True boxes, or the given ones, with the scores that a function gives to a scene's objects."""
    answers = {}
    for scene in truth.scenes.values():
        boxes = given_boxes(scene.boxes) if protocol == "true-boxes" else scene.boxes
        answers[scene.name] = Answer(boxes, np.asarray(scores(scene), float))
    version = PROTOCOL_VERSIONS.get(protocol)
    header = Header(detector, protocol, views, None, truth.digest, version)
    write_predictions(Predictions(path, header, answers))
    return path


def write_masked(folder: Path, truth: Truth) -> Path:
    """p.jsonl whose boxes have masks of noise in p-masks/."""
    rng, answers = np.random.default_rng(0), {}
    for scene in truth.scenes.values():
        found = [Prediction(box, 0.5, rng.random((3, PIXELS, PIXELS))) for box in scene.boxes]
        answers[scene.name] = to_answer(found, folder / "p-masks", scene.name)
    header = Header("masked", "predicted", (0, 2, 4), None, truth.digest, None)
    write_predictions(Predictions(folder / "p.jsonl", header, answers))
    return folder


def noisy(seed: int, signal: float = 1.0) -> Callable[[SceneTruth], np.ndarray]:
    """Scores that tell odd from normal the better the larger the signal."""
    rng = np.random.default_rng(seed)
    return lambda s: 1 / (1 + np.exp(-rng.normal(signal * (2 * s.anomalous - 1), 1.0)))


def random_outcome(
    rng: np.random.Generator, scenes: int = 30, missed: float = 0.2, steps: int | None = None
) -> Outcome:
    """Objects with random labels and scores, in scenes of 3 to 6; steps: scores tie on a grid."""
    counts = rng.integers(3, 7, scenes)
    scene = np.repeat(np.arange(scenes), counts)
    odd = rng.random(len(scene)) < 0.35
    score = np.clip(rng.normal(0.4 + 0.2 * odd, 0.2), 0.01, 0.99)
    if steps:
        score = np.clip(np.round(score * steps), 1, steps - 1) / steps
    found = rng.random(len(scene)) >= missed
    owners = np.flatnonzero(found)
    extra = rng.integers(0, scenes, scenes // 3)
    return Outcome(
        names=tuple(f"scene-{k:06d}" for k in range(scenes)),
        scene=scene,
        anomalous=odd,
        kinds=np.where(odd, np.array(KINDS)[rng.integers(0, 3, len(scene))], ""),
        score=np.where(found, score, np.nan),
        iou=np.where(found, rng.uniform(0.5, 1, len(scene)), 0),
        box_scene=np.concatenate([scene[owners], extra]),
        box_score=np.concatenate([score[owners], rng.random(len(extra))]),
        box_object=np.concatenate([owners, np.full(len(extra), -1)]),
    )
