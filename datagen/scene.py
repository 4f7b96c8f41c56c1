"""Scene i from the settings and the catalogue alone: plan, build, drop, label, render.

No other scene, worker, clock or earlier run has a part in it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomalies import Anomaly, make_anomaly
from datagen import cameras
from datagen.catalog import Catalog
from datagen.drop import DropRejected, drop
from datagen.errors import BadShape, SceneFailed
from datagen.label import Labels, PlacedShape, label_scene
from datagen.normalise import canonical
from datagen.render import render_scene
from datagen.shape import Floats, Shape
from datagen.sources import ShapeRef, load_shape
from datagen.spec import Settings, scene_name

SHAPE_ATTEMPTS = 6
DROP_ATTEMPTS = 10
SCALE = (0.40, 0.41)
STRENGTH = (0.7, 0.9)
OBJECTS = {"toy": (3, 6), "part": (3, 12)}
MINIMUM_DEFECT_SHARE = 0.0002


@dataclass(frozen=True)
class SceneData:
    """One finished scene: rgb (V, H, W, 3) uint8, labels, poses and the specification."""

    name: str
    rgb: NDArray[np.uint8]
    labels: Labels
    objects: tuple[PlacedShape, ...]
    world_to_camera: Floats
    intrinsics: Floats
    spec: dict[str, Any]


@dataclass
class Journal:
    """What happened: rejections by reason, bad shapes, flaws, seconds by stage, the device."""

    rejections: Counter[str] = field(default_factory=Counter)
    bad_shapes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    device: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str):
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - start
            self.seconds[name] = self.seconds.get(name, 0.0) + spent


@dataclass(frozen=True)
class _Built:
    ref: ShapeRef
    shapes: tuple[Shape, ...]
    normal: Shape
    anomalies: tuple[Anomaly | None, ...]


def make_scene(
    settings: Settings,
    catalog: Catalog,
    index: int,
    journal: Journal,
    threads: int = 0,
    device: str = "auto",
    blend_folder: Path | None = None,
) -> SceneData:
    """Raises SceneFailed where no shape of several draws gives a valid scene."""
    for attempt in range(SHAPE_ATTEMPTS):
        rng = np.random.default_rng([settings.seed, index, attempt])
        choice, build, fall, ring_rng, light, floor_rng = rng.spawn(6)
        built = _build(settings, catalog, choice, build, journal)
        if built is None:
            continue
        scale = float(choice.uniform(*SCALE))
        placed = _place(settings, built, scale, fall, ring_rng, journal)
        if placed is None:
            continue
        objects, poses, labels = placed
        floor = catalog.floors[light.integers(len(catalog.floors))]
        hdri = catalog.hdris[light.integers(len(catalog.hdris))]
        rotation, strength = light.uniform(0, 2 * np.pi), light.uniform(*STRENGTH)
        name = scene_name(index)
        with journal.stage("render"):
            rgb, journal.device = render_scene(
                objects,
                poses,
                floor,
                floor_rng,
                hdri.path,
                rotation,
                strength,
                settings.render,
                seed=index,
                threads=threads,
                device=device,
                save_blend=None if blend_folder is None else blend_folder / f"{name}.blend",
            )
        parent = catalog.cache.put(built.normal)
        spec = {
            "scene": index,
            "attempt": attempt,
            "settings": settings.to_json(),
            "shape": {**_describe(built.ref), "source": settings.source},
            "scale": scale,
            "objects": [
                {
                    "shape_key": parent
                    if anomaly is None
                    else catalog.cache.put(shape, parent, anomaly.affected_faces),
                    "anomaly": None
                    if anomaly is None
                    else {"type": anomaly.kind, "parameters": anomaly.parameters},
                    "part_names": list(shape.part_names),
                }
                for anomaly, shape in zip(built.anomalies, built.shapes, strict=True)
            ],
            "floor": {"name": floor.name, "licence": floor.licence},
            "hdri": {
                "name": hdri.name,
                "licence": hdri.licence,
                "rotation": rotation,
                "strength": strength,
            },
            "render": settings.to_json()["render"],
        }
        matrix = cameras.intrinsics(settings.render.resolution)
        return SceneData(name, rgb, labels, objects, poses, matrix, spec)
    reasons = ", ".join(f"{reason} ({n}x)" for reason, n in journal.rejections.most_common(4))
    raise SceneFailed(
        f"scene {index}: no valid scene in {SHAPE_ATTEMPTS} shapes ({reasons or 'bad shapes'}); "
        "use fewer --objects, more --anomalies or other --assets."
    )


def _describe(ref: ShapeRef) -> dict[str, Any]:
    return {
        "id": ref.id,
        "category": ref.category,
        "kind": ref.kind,
        "seen": ref.seen,
        "licence": ref.licence,
        "provenance": ref.provenance,
    }


def _build(
    settings: Settings,
    catalog: Catalog,
    choice: np.random.Generator,
    rng: np.random.Generator,
    journal: Journal,
) -> _Built | None:
    """A shape, how many objects, and an own anomaly for each odd one, in shuffled order."""
    categories = sorted({ref.category for ref in catalog.refs})
    category = categories[choice.integers(len(categories))]
    refs = [ref for ref in catalog.refs if ref.category == category]
    ref = refs[choice.integers(len(refs))]
    low, high = settings.objects or OBJECTS[ref.kind]
    count = int(choice.integers(low, high + 1))
    odd = 0
    if count >= 3 and choice.uniform() >= settings.normal_share:
        odd = int(choice.integers(1, (count - 1) // 2 + 1))
    order = choice.permutation(count)
    with journal.stage("shape"):
        try:
            normal = load_shape(catalog.source, ref, catalog.cache)
        except BadShape as error:
            journal.bad_shapes.append(str(error))
            journal.rejections["bad shape"] += 1
            return None
    flaws = normal.info.get("warnings", ())
    journal.warnings += [f"{ref.path or ref.id}: {flaw}" for flaw in flaws]
    with journal.stage("anomalies"):
        made = _anomalies(settings, normal, odd, rng, journal)
    if len(made) < odd:
        journal.rejections["no anomaly possible on this shape"] += 1
        return None
    anomalies: list[Anomaly | None] = [*made, *[None] * (count - odd)]
    anomalies = [anomalies[k] for k in order]
    shapes = tuple(normal if item is None else item.shape for item in anomalies)
    return _Built(ref, shapes, normal, tuple(anomalies))


def _anomalies(
    settings: Settings, normal: Shape, odd: int, rng: np.random.Generator, journal: Journal
) -> list[Anomaly]:
    """Up to `odd` anomalies, of distinct types as long as the shape allows it."""
    kinds = [str(kind) for kind in rng.permutation(settings.anomalies)]
    made: list[Anomaly] = []
    impossible: set[str] = set()
    while len(made) < odd and len(impossible) < len(kinds):
        for kind in kinds:
            if len(made) == odd or kind in impossible:
                continue
            result = make_anomaly(kind, normal, rng)
            if isinstance(result, Anomaly):
                shape, origin = canonical(result.shape)
                affected = result.affected_faces[origin]
                made.append(replace(result, shape=shape, affected_faces=affected))
                reasons = result.rejections
            else:
                impossible.add(kind)
                reasons = result.reasons
            for reason, times in reasons.items():
                journal.rejections[f"{kind}: {reason}"] += times
    return made


def _place(
    settings: Settings,
    built: _Built,
    scale: float,
    fall: np.random.Generator,
    ring_rng: np.random.Generator,
    journal: Journal,
) -> tuple[tuple[PlacedShape, ...], Floats, Labels] | None:
    """Drop until at rest, apart and every defect is seen in some view."""
    ring = cameras.draw_ring(ring_rng, settings.render.views)
    resolution = settings.render.resolution
    for draw in fall.spawn(DROP_ATTEMPTS):
        with journal.stage("drop"):
            dropped = drop(built.shapes, scale, settings.pose, draw)
        if isinstance(dropped, DropRejected):
            journal.rejections[f"drop: {dropped.reason}"] += 1
            continue
        objects = tuple(
            PlacedShape(shape, pose, None if anomaly is None else built.normal)
            for shape, pose, anomaly in zip(
                built.shapes, dropped.object_to_world, built.anomalies, strict=True
            )
        )
        points = np.concatenate(
            [
                o.shape.vertices @ o.object_to_world[:3, :3].T + o.object_to_world[:3, 3]
                for o in objects
            ]
        )
        poses = cameras.place(ring, points, resolution)
        with journal.stage("label"):
            labels = label_scene(objects, poses, cameras.intrinsics(resolution), resolution)
        if _defects_seen(objects, labels):
            return objects, poses, labels
        journal.rejections["defect seen in no view"] += 1
    return None


def _defects_seen(objects: Sequence[PlacedShape], labels: Labels) -> bool:
    enough = MINIMUM_DEFECT_SHARE * labels.depth[0].size
    return all(
        item.normal_shape is None or labels.defect_pixels[k].max() >= enough
        for k, item in enumerate(objects)
    )
