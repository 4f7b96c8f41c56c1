"""`oddgen seal`: a copy of a dataset without its labels, and a file of the labels."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from rich.console import Console

from datagen.base.files import in_words
from datagen.base.interrupts import Interrupts, Stopped
from datagen.base.parallel import fan_out
from datagen.base.reading import reading
from datagen.base.typed import read, write
from datagen.dataset.hdf5 import open_file
from datagen.dataset.names import scene_name
from datagen.dataset.reader import (
    AGAIN,
    IMPORTED_LACK,
    Dataset,
    Scene,
    is_sealed,
    read_spec,
    with_images,
    with_labels,
)
from datagen.dataset.schema import ObjectFacts, SceneSpec
from datagen.dataset.seal import (
    HASHES,
    HashesFile,
    LabelsFile,
    SceneLabels,
    hash_of,
    seal_of,
)
from datagen.dataset.settings import SealSettings
from datagen.errors import OddgenError
from datagen.geometry.boxes import given_boxes
from datagen.run.collect import open_output
from datagen.run.packing import pack
from datagen.scenes.write import write_arrays

SALT = 16  # bytes
HIDDEN = "sealed"


@dataclass(frozen=True)
class SealJob:
    """A scene of a dataset; the copy is written to `file` under the name of its number."""

    data: Path
    name: str
    number: int
    file: Path
    settings: SealSettings


@dataclass(frozen=True)
class SealResult:
    """reason is None where the scene was sealed."""

    index: int
    reason: str | None = None


@dataclass
class SealSummary:
    """made now, kept from an earlier run; failed: why."""

    made: int = 0
    kept: int = 0
    failed: list[str] = field(default_factory=list)

    def add(self, result: SealResult) -> None:
        """Count one more scene."""
        if result.reason is None:
            self.made += 1
        else:
            self.failed.append(result.reason)


def seal(
    data: Path, to: Path, labels: Path, workers: int = 1, console: Console | None = None
) -> SealSummary:
    """Copy a dataset to `to` without labels, and write these to the file `labels`.

    What is left: images, cameras, and boxes rounded as the protocol true-boxes gives them. Scenes
    are numbered anew. Raises OddgenError where it cannot start or must stop; the same call goes on.
    """
    console = console or Console(stderr=True, markup=False)
    dataset = with_images(with_labels(Dataset(data)))
    _refuse(to, labels)
    kept = _labels(dataset, labels)
    settings = SealSettings("sealed", seal_of(kept), dataset.index.config.scenes_per_shard)
    interrupts, summary = Interrupts(), SealSummary()
    count = len(dataset)
    try:
        with interrupts.installed(), open_output(to, settings, count, settings.seal) as collector:
            missing = collector.missing(count)
            summary.kept = count - len(missing)
            jobs = (
                SealJob(data, dataset.names[k], k, collector.loose(k).resolve(), settings)
                for k in missing
            )
            results = fan_out(_seal_scene, jobs, workers)
            pack(results, collector, summary, count, interrupts, console)
            hashes = {name: hash_of(one) for name, one in kept.scenes.items()}
            write(to / HASHES, HashesFile("odd-one-out seal", 1, hashes))
    except Stopped as error:
        raise OddgenError(
            f"{to}: stopped with {summary.kept + summary.made} of {count} scenes sealed; run the "
            "same command to go on."
        ) from error
    return summary


def _refuse(to: Path, labels: Path) -> None:
    """Before anything is written."""
    if to.exists() and not to.is_dir():
        raise OddgenError(f"{to}: is a file; choose a folder as --to.")
    if (to / "index.json").exists() and not is_sealed(Dataset(to)):
        raise OddgenError(f"{to}: holds a dataset that is not sealed; choose another --to.")
    if labels.is_dir():
        raise OddgenError(f"{labels}: is a folder; give --labels the name of a file.")
    if labels.resolve().is_relative_to(to.resolve()):
        raise OddgenError(
            f"{labels}: lies within the sealed dataset; keep the labels elsewhere, such as "
            f"{to.with_name(to.name + '-labels.json')}."
        )


def _labels(dataset: Dataset, path: Path) -> LabelsFile:
    """Of the whole dataset, with fresh salts; those of an earlier run where they are the same."""
    remedy = "it holds no labels of oddgen seal, give another --labels"
    earlier = read(LabelsFile, path, remedy).scenes if path.exists() else {}
    scenes = {}
    for number, name in enumerate(dataset.names):
        own = scene_name(number)
        salt = earlier[own].salt if own in earlier else secrets.token_hex(SALT)
        scenes[own] = _labels_of(dataset, name, salt)
    if earlier and earlier != scenes:
        raise OddgenError(f"{path}: holds the labels of another dataset; give another --labels.")
    made = LabelsFile("odd-one-out labels", 1, scenes)
    try:
        if not earlier:
            write(path, made)
    except OSError as error:
        raise OddgenError(f"{path}: {in_words(error)}; give another --labels.") from error
    return made


def _labels_of(dataset: Dataset, name: str, salt: str) -> SceneLabels:
    path = dataset.shard(name)
    with reading(f"{path}: {name}", AGAIN), open_file(path) as file:
        group = file[name]
        spec = read_spec(group)
        odd = group["anomalous"][()].astype(bool)
        boxes = group["box_aabb"][()].tolist()
        pixels = group["defect_pixels"][()].tolist() if spec.knows_defects else None
    return SceneLabels(
        salt,
        tuple((tuple(low), tuple(high)) for low, high in boxes),
        tuple(odd.tolist()),
        spec.kinds(odd),
        spec.alike(odd),
        None if pixels is None else tuple(map(tuple, pixels)),
    )


def _seal_scene(job: SealJob) -> SealResult:
    """Written, or why not."""
    try:
        scene = Dataset(job.data).read(job.name)
        spec = _spec(scene.spec, job)
        write_arrays(scene_name(job.number), spec, _images(scene), _objects(scene), job.file)
    except OddgenError as error:
        return SealResult(job.number, str(error))
    return SealResult(job.number)


def _spec(spec: SceneSpec, job: SealJob) -> SceneSpec:
    """What tells nothing of the objects but whose they are."""
    shape = replace(spec.shape, id=HIDDEN, category=HIDDEN, provenance=HIDDEN, source=HIDDEN)
    return SceneSpec(
        scene=job.number,
        settings=job.settings,
        shape=shape,
        objects=tuple(ObjectFacts(None, (), None) for _ in spec.objects),
        floor=spec.floor,
        hdri=replace(spec.hdri, rotation=None, strength=None),
        render=spec.render,
        device=spec.device,
        unknown=IMPORTED_LACK,
    )


def _images(scene: Scene) -> dict[str, np.ndarray]:
    return {
        "rgb": scene.rgb,
        "depth": np.zeros_like(scene.depth),
        "instance": np.zeros_like(scene.instance),
    }


def _objects(scene: Scene) -> dict[str, np.ndarray]:
    boxes = given_boxes(scene.box_aabb)
    count = len(boxes)
    middle = np.tile(np.eye(4), (count, 1, 1))
    middle[:, :3, 3] = boxes.mean(axis=1)
    return {
        "intrinsics": scene.intrinsics,
        "world_to_camera": scene.world_to_camera,
        "object_to_world": middle,
        "anomalous": np.zeros(count, np.uint8),
        "box_aabb": boxes,
        "box_oriented": middle,
        "box_size": boxes[:, 1] - boxes[:, 0],
        "box_2d": np.full((count, len(scene.rgb), 4), -1, np.int32),
    }


def lines(summary: SealSummary) -> Iterator[str]:
    """Counts, and why scenes failed."""
    yield f"sealed {summary.made}, kept {summary.kept}, failed {len(summary.failed)}"
    yield from (f"failed: {reason}" for reason in sorted(summary.failed))
