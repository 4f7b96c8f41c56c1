"""The shapes of a scene: one normal shape, and its odd ones, each with an anomaly of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np

from anomalies.make import Anomaly, make_anomaly
from anomalies.subject import Subject
from datagen.dataset.settings import Settings
from datagen.errors import BadShape
from datagen.geometry.looks import made_of
from datagen.geometry.shape import Shape
from datagen.look_alikes.sources import LibraryOrBuiltin
from datagen.scenes.catalog import Catalog
from datagen.scenes.journal import Journal
from datagen.scenes.odd_versions import Versions, stored_versions
from datagen.scenes.plan import ScenePlan
from datagen.sources.open import load_shape


@dataclass(frozen=True)
class BuiltShapes:
    """The shapes of a scene's N objects.

    normal: what they all are but for their anomalies. shapes: one an object; anomalies: None where
    the object is the normal shape itself.
    """

    normal: Shape
    shapes: tuple[Shape, ...]
    anomalies: tuple[Anomaly | None, ...]


def build_shapes(
    plan: ScenePlan, catalog: Catalog, settings: Settings, journal: Journal
) -> BuiltShapes | None:
    """The shapes that a plan asks for.

    The journal grows by what was rejected. None, with the reason in the journal, where the shape
    cannot be used.
    """
    with journal.stage("shape"):
        try:
            normal = load_shape(catalog.source, plan.ref, catalog.cache)
        except BadShape as error:
            journal.bad_shapes.append(str(error))
            journal.rejections["bad shape"] += 1
            return None
    if settings.material is not None:
        normal = made_of(normal, settings.material)
    flaws = normal.info.get("warnings", ())
    journal.warnings += [f"{plan.ref.path or plan.ref.id}: {flaw}" for flaw in flaws]
    with journal.stage("anomalies"):
        subject = Subject(normal, catalog.cache, LibraryOrBuiltin(catalog.look_alikes))
        made = _anomalies_of(plan, subject, catalog, settings, journal)
    if len(made) < plan.odd:
        journal.rejections["no anomaly possible on this shape"] += 1
        return None
    unordered = [*made, *[None] * (len(plan.order) - plan.odd)]
    anomalies = tuple(unordered[index] for index in plan.order)
    shapes = tuple(normal if item is None else item.shape for item in anomalies)
    return BuiltShapes(normal, shapes, anomalies)


def _anomalies_of(
    plan: ScenePlan, subject: Subject, catalog: Catalog, settings: Settings, journal: Journal
) -> Sequence[Anomaly]:
    """New ones for the scene, or some of the versions that the shape has in all its scenes."""
    if not plan.odd:
        return []
    different = 1 if plan.shared_defect else plan.odd
    copies = plan.odd // different
    if plan.versions is None:
        made = _anomalies(subject, different, settings, plan.build_rng, journal.rejections)
        return made * copies
    versions = _versions(plan, subject, catalog, settings)
    journal.rejections.update(versions.rejections)
    chosen = plan.build_rng.permutation(len(versions.made))[:different]
    return [versions.made[index] for index in chosen] * copies


def _versions(plan: ScenePlan, subject: Subject, catalog: Catalog, settings: Settings) -> Versions:
    count = plan.versions
    assert count is not None

    def make() -> Versions:
        rejections: Counter[str] = Counter()
        made = _anomalies(subject, count, settings, deepcopy(plan.version_rng), rejections)
        return Versions(tuple(made), rejections)

    told = [settings.anomalies, settings.severity, count, plan.version_rng.bit_generator.state]
    if catalog.look_alikes is not None:
        chosen = settings.to_json()
        told += [catalog.digest, *(chosen[key] for key in ("source", "assets", "up", "benchmark"))]
        told += [] if settings.max_faces is None else [settings.max_faces]
    return stored_versions(catalog.cache, subject.shape, told, make)


def _anomalies(
    subject: Subject,
    odd: int,
    settings: Settings,
    rng: np.random.Generator,
    rejections: Counter[str],
) -> list[Anomaly]:
    """Up to `odd` anomalies, of distinct types as long as the shape allows it.

    rejections: grows by what failed.
    """
    order = [str(kind) for kind in rng.permutation(settings.anomalies)]
    made: list[Anomaly] = []
    impossible: set[str] = set()
    while len(made) < odd and len(impossible) < len(order):
        for kind in order:
            if len(made) == odd or kind in impossible:
                continue
            result = make_anomaly(kind, subject, rng, settings.severity)
            if isinstance(result, Anomaly):
                made.append(result)
                reasons = result.rejections
            else:
                impossible.add(kind)
                reasons = result.reasons
            for reason, times in reasons.items():
                rejections[f"{kind}: {reason}"] += times
    return made
