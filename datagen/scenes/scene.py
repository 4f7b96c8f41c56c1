"""Scene i from the settings and the catalogue alone: plan, build, drop, label, render.

No other scene, worker, clock or earlier run has a part in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from datagen.assets.rights import floor_rights, hdri_rights
from datagen.dataset.names import scene_name
from datagen.dataset.schema import (
    AnomalyFacts,
    FloorFacts,
    HdriFacts,
    ObjectFacts,
    SceneSpec,
    ShapeFacts,
)
from datagen.dataset.settings import Settings
from datagen.errors import SceneFailed
from datagen.geometry import cameras
from datagen.geometry.shape import Floats
from datagen.scenes.build import BuiltShapes, build_shapes
from datagen.scenes.catalog import Catalog
from datagen.scenes.drop import DropRejected, drop
from datagen.scenes.journal import Journal
from datagen.scenes.label import Labels, label_scene
from datagen.scenes.objects import PlacedShape, Surroundings
from datagen.scenes.plan import EXPECTED, ScenePlan, plan_scene, planned_refs
from datagen.scenes.render import render_scene
from datagen.scenes.surround import surrounded
from datagen.sources.open import expect

MOVED_BACK = (
    "cameras stand farther away than --distance and --camera-height say, so that every object is "
    "in every image; use fewer --objects, a smaller --object-size or a shorter --lens."
)
SHAPE_ATTEMPTS = 6
DRAWS = 60
DROP_ATTEMPTS = 10
MINIMUM_DEFECT_SHARE = 0.0002  # of an image's pixels, in the view that shows it best


@dataclass(frozen=True)
class SceneData:
    """One finished scene of V views and N objects.

    rgb: (V, H, W, 3) uint8 sRGB, None where only labels are wanted; world_to_camera: (V, 4, 4),
    metres, OpenCV axes; intrinsics: (3, 3).
    """

    name: str
    rgb: NDArray[np.uint8] | None
    labels: Labels
    objects: tuple[PlacedShape, ...]
    world_to_camera: Floats
    intrinsics: Floats
    spec: SceneSpec


@dataclass(frozen=True)
class PreparedScene:
    """All but the images: objects at rest, and labels.

    world_to_camera: (V, 4, 4), metres, OpenCV axes.
    """

    plan: ScenePlan
    built: BuiltShapes
    objects: tuple[PlacedShape, ...]
    world_to_camera: Floats
    labels: Labels


def make_scene(
    settings: Settings,
    catalog: Catalog,
    index: int,
    journal: Journal,
    threads: int = 0,
    device: str = "auto",
    blend_folder: Path | None = None,
) -> SceneData:
    """Scene number `index`, rendered unless only its labels are wanted.

    The journal grows by what happened. threads: for rendering, 0 for all; device: auto or cpu;
    blend_folder: where to keep the scene as a .blend. Raises SceneFailed as prepare_scene and
    rendering do.
    """
    scene, name = prepare_scene(settings, catalog, index, journal), scene_name(index)
    plan = scene.plan
    rgb = None
    if not settings.labels_only:
        blend = None if blend_folder is None else blend_folder / f"{name}.blend"

        def render(around: Surroundings) -> tuple[NDArray[np.uint8], str]:
            return render_scene(
                scene.objects,
                scene.world_to_camera,
                around,
                settings.render,
                seed=index,
                threads=threads,
                device=device,
                save_blend=blend,
            )

        with journal.stage("render"):
            images, used = surrounded(render, plan.surroundings, catalog, journal)
        rgb, journal.device = images
        scene = replace(scene, plan=replace(plan, surroundings=used))
    return SceneData(
        name=name,
        rgb=rgb,
        labels=scene.labels,
        objects=scene.objects,
        world_to_camera=scene.world_to_camera,
        intrinsics=cameras.intrinsics(settings.render.resolution, settings.render.rig),
        spec=specification(settings, scene, catalog, journal.device.partition(":")[0]),
    )


def prepare_scene(
    settings: Settings, catalog: Catalog, index: int, journal: Journal
) -> PreparedScene:
    """Scene number `index` planned, built, dropped and labelled.

    The journal grows by what happened. Raises SceneFailed where none of SHAPE_ATTEMPTS shapes will
    do; files that cannot be used do not count, as long as fewer than DRAWS in a row are drawn.
    """
    tried = 0
    for attempt in range(DRAWS):
        if attempt == EXPECTED:
            further = planned_refs(settings, catalog, [index], SHAPE_ATTEMPTS)
            expect(catalog.source, further, catalog.cache)
        plan = plan_scene(settings, catalog, index, attempt)
        known_bad = len(journal.bad_shapes)
        built = build_shapes(plan, catalog, settings, journal)
        tried += len(journal.bad_shapes) == known_bad
        placed = None if built is None else _place(settings, plan, built, journal)
        if built is not None and placed is not None:
            return PreparedScene(plan, built, *placed)
        if tried == SHAPE_ATTEMPTS:
            break
    if tried == 0:
        raise SceneFailed(
            f"scene {index}: {DRAWS} files drawn and none can be used (the first: "
            f"{journal.bad_shapes[0]}); remove the bad files from --assets."
        )
    reasons = ", ".join(f"{reason} ({n}x)" for reason, n in journal.rejections.most_common(4))
    raise SceneFailed(
        f"scene {index}: no valid scene in {tried} shapes ({reasons}); "
        "use fewer --objects, more --anomalies or other --assets."
    )


def _place(
    settings: Settings, plan: ScenePlan, built: BuiltShapes, journal: Journal
) -> tuple[tuple[PlacedShape, ...], Floats, Labels] | None:
    """Drop until at rest, apart and every defect is seen in some view."""
    resolution, rig = settings.render.resolution, settings.render.rig
    pinhole = cameras.intrinsics(resolution, rig)
    for rng in plan.drop_rng.spawn(DROP_ATTEMPTS):
        with journal.stage("drop"):
            dropped = drop(built.shapes, plan.scale, settings.pose, rng)
        if isinstance(dropped, DropRejected):
            journal.rejections[f"drop: {dropped.reason}"] += 1
            continue
        objects = tuple(
            PlacedShape(shape, pose, None if anomaly is None else built.normal)
            for shape, pose, anomaly in zip(
                built.shapes, dropped.object_to_world, built.anomalies, strict=True
            )
        )
        poses = cameras.place(plan.ring, dropped.outline, resolution, rig)
        if cameras.moved_back(plan.ring, poses, rig):
            journal.warnings.append(MOVED_BACK)
        with journal.stage("label"):
            labels = label_scene(objects, poses, pinhole, resolution)
        if rig is not None and rig.cameras is not None and not _all_seen(labels):
            journal.rejections["an object outside the images"] += 1
            continue
        if _defects_seen(objects, labels):
            return objects, poses, labels
        journal.rejections["defect seen in no view"] += 1
    return None


def _all_seen(labels: Labels) -> bool:
    """Whether every object is in some image, which fixed cameras do not see to."""
    return bool((labels.visible_fraction.max(axis=1) > 0).all())


def _defects_seen(objects: Sequence[PlacedShape], labels: Labels) -> bool:
    enough = MINIMUM_DEFECT_SHARE * labels.depth[0].size
    return all(
        item.normal_shape is None or labels.defect_pixels[k].max() >= enough
        for k, item in enumerate(objects)
    )


def specification(
    settings: Settings, scene: PreparedScene, catalog: Catalog, device: str
) -> SceneSpec:
    """All that the scene was made from; its shapes go into the cache. device: in one word."""
    plan, built, cache = scene.plan, scene.built, catalog.cache
    parent = cache.put(built.normal)
    objects = []
    for shape, anomaly in zip(built.shapes, built.anomalies, strict=True):
        key, facts = parent, None
        if anomaly is not None:
            key = cache.put(shape, parent, anomaly.affected_faces)
            facts = AnomalyFacts(
                anomaly.kind,
                anomaly.parameters,
                anomaly.severity,
                anomaly.strength.to_json(),
            )
        objects.append(ObjectFacts(key, shape.part_names, facts))
    ref, around = plan.ref, plan.surroundings
    rights = catalog.source.rights(ref)
    floor = floor_rights(around.floor, _folder(settings.floors))
    hdri = hdri_rights(around.hdri, _folder(settings.hdri))
    return SceneSpec(
        scene=plan.index,
        settings=settings,
        shape=ShapeFacts(
            ref.id,
            ref.category,
            ref.kind,
            ref.seen,
            rights.licence or ref.licence,
            ref.provenance,
            settings.source,
            plan.split,
            rights.author,
            rights.origin,
        ),
        objects=tuple(objects),
        floor=FloorFacts(
            around.floor.name, floor.licence or around.floor.licence, floor.author, floor.origin
        ),
        hdri=HdriFacts(
            around.hdri.name,
            hdri.licence or around.hdri.licence,
            around.hdri_rotation,
            around.hdri_strength,
            hdri.author,
            hdri.origin,
        ),
        render=settings.render,
        device=device,
        attempt=plan.attempt,
        scale=plan.scale,
        unknown=("rgb",) if settings.labels_only else None,
    )


def _folder(path: str | None) -> Path | None:
    return None if path is None else Path(path)
