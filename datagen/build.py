"""The shapes of a scene: one normal shape, and its odd ones, each with an anomaly of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anomalies import Anomaly, make_anomaly
from anomalies.subject import Subject
from datagen.catalog import Catalog
from datagen.errors import BadShape
from datagen.journal import Journal
from datagen.plan import ScenePlan
from datagen.shape import Shape
from datagen.sources import load_shape
from datagen.spec import Settings


@dataclass(frozen=True)
class BuiltShapes:
    """shapes: one an object; anomalies: None where the object is the normal shape itself."""

    normal: Shape
    shapes: tuple[Shape, ...]
    anomalies: tuple[Anomaly | None, ...]


def build_shapes(
    plan: ScenePlan, catalog: Catalog, settings: Settings, journal: Journal
) -> BuiltShapes | None:
    """None, with the reason in the journal, where the shape cannot be used."""
    with journal.stage("shape"):
        try:
            normal = load_shape(catalog.source, plan.ref, catalog.cache)
        except BadShape as error:
            journal.bad_shapes.append(str(error))
            journal.rejections["bad shape"] += 1
            return None
    flaws = normal.info.get("warnings", ())
    journal.warnings += [f"{plan.ref.path or plan.ref.id}: {flaw}" for flaw in flaws]
    with journal.stage("anomalies"):
        subject = Subject(normal, catalog.cache, catalog.look_alikes)
        made = _anomalies_of(plan, subject, settings, journal)
    if len(made) < plan.odd:
        journal.rejections["no anomaly possible on this shape"] += 1
        return None
    unordered = [*made, *[None] * (len(plan.order) - plan.odd)]
    anomalies = tuple(unordered[place] for place in plan.order)
    shapes = tuple(normal if item is None else item.shape for item in anomalies)
    return BuiltShapes(normal, shapes, anomalies)


def _anomalies_of(
    plan: ScenePlan, subject: Subject, settings: Settings, journal: Journal
) -> list[Anomaly]:
    """New ones for the scene, or some of the versions that the shape has in all its scenes."""
    if plan.versions is None or not plan.odd:
        return _anomalies(subject, plan.odd, settings, plan.build_rng, journal)
    versions = _anomalies(subject, plan.versions, settings, plan.version_rng, journal)
    chosen = plan.build_rng.permutation(len(versions))[: plan.odd]
    return [versions[place] for place in chosen]


def _anomalies(
    subject: Subject, odd: int, settings: Settings, rng: np.random.Generator, journal: Journal
) -> list[Anomaly]:
    """Up to `odd` anomalies, of distinct types as long as the shape allows it."""
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
                journal.rejections[f"{kind}: {reason}"] += times
    return made
