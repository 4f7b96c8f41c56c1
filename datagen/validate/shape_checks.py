"""An anomalous shape against its parent: every gate of App. A.1, from the two meshes alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from anomalies import load_types
from anomalies.anomaly_type import LEAST_SEEN, Traits
from anomalies.checks.gates import MAX_RADIUS
from anomalies.checks.intersections import new_crossing_length
from anomalies.checks.strength import measure
from anomalies.make import StoredAnomaly
from anomalies.subject import Subject
from anomalies.types.look_alike import DIFFERS
from datagen.base.typed import WrongData, parsed
from datagen.geometry.shape import Bools, Shape
from datagen.look_alikes.chamfer import Form, align, chamfer
from datagen.validate.checks import Finding
from datagen.validate.connectivity import CELL, kept_volume, largest_component_share
from datagen.validate.looks import difference
from datagen.validate.mesh_diff import MeshDiff, compare, justified, unexplained_loss
from datagen.validate.stored import StoredShape, affected_faces, read_stored

LEAST_CONNECTED = 0.97  # of the parent's largest component
LEAST_DIFFERENT = 0.002  # of the silhouette, in views that the generator does not use
LEAST_JUSTIFIED = 0.2  # of the affected area
MOST_LOST = 1e-4  # of the parent's area, far from any affected face
MOST_TURNED = 0.2  # of the changed pixels
VOLUME_KEPT = (0.08, 0.92)  # 10 to 90 % measured on a grid
LEAST_LEFT = 0.4  # of the parent's area; a fracture may leave a tenth
MOST_CROSSING = 0.01  # of the diagonal, as for the generator
STRENGTH_TOLERANCE = 1e-3
MOST_APART = 2 * DIFFERS  # metres between a look-alike's unaffected faces and its parent
NEARLY = 0.98  # Chamfer distances are found by search


@dataclass(frozen=True)
class CheckedShape:
    """What is known of one anomalous shape.

    measured: JSON-able numbers by name. eye: (3,) the direction that shows the change best, None
    where nothing could be looked at. rejections: how often what failed before it was made.
    """

    key: str
    parent: str | None
    kind: str
    findings: tuple[Finding, ...]
    severity: float | None = None
    measured: dict[str, float] = field(default_factory=dict)
    eye: tuple[float, ...] | None = None
    rejections: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Between:
    """Of a look-alike's parameters: the Chamfer distances that it lies between, metres."""

    between: tuple[float, float]


def check_shape(cache: Path, key: str) -> CheckedShape | None:
    """All checks of one shape of a cache folder; None for a normal shape in order.

    key: of the shape, its content's sha256.
    """
    stored = read_stored(cache, key)
    if isinstance(stored, Finding):
        return CheckedShape(key, None, "unreadable", (stored,))
    broken = [Finding("shape.finite", key, told) for told in _broken(stored.shape)]
    if stored.anomaly is None and stored.parent is None:
        return CheckedShape(key, None, "normal", tuple(broken)) if broken else None
    kind = stored.kind or "unknown"
    findings = [*broken, *(Finding("shape.facts", key, told) for told in _facts(stored))]
    parent = _parent(cache, stored)
    if isinstance(parent, Finding):
        findings.append(parent)
    affected = affected_faces(stored)
    result = CheckedShape(key, stored.parent, kind, tuple(findings))
    if broken or isinstance(parent, Finding) or affected is None:
        return result
    anomaly = stored.anomaly if isinstance(stored.anomaly, StoredAnomaly) else None
    return _compared(result, anomaly, parent, stored.shape, affected)


def _traits(kind: str) -> Traits:
    """Of a type that nobody knows, those of most types."""
    types = load_types()
    return types[kind].traits if kind in types else Traits()


def _broken(shape: Shape) -> Iterator[str]:
    if len(shape.faces) == 0:
        yield "holds no triangles"
        return
    if not np.isfinite(shape.vertices).all():
        yield "a vertex is not finite"
    if shape.uv is not None and not np.isfinite(shape.uv).all():
        yield "a UV is not finite"
    limits = {"faces": len(shape.vertices), "face_part": len(shape.part_names),
              "face_material": len(shape.materials)}  # fmt: skip
    for name, limit in limits.items():
        index = getattr(shape, name)
        if index.min() < 0 or index.max() >= limit:
            yield f"{name} points at something that is not there"


def _facts(stored: StoredShape) -> Iterator[str]:
    anomaly = stored.anomaly
    if anomaly is None:
        yield "has a parent and no anomaly"
        return
    if stored.facts.anomaly != stored.shape.info.get("anomaly"):
        yield "the .json beside it tells of another anomaly"
    if isinstance(anomaly, WrongData):
        yield str(anomaly)
    else:
        chosen = load_types().get(anomaly.type)
        if chosen is None:
            yield f"type {anomaly.type!r} is not known"
        elif anomaly.code != chosen.code:
            yield f"code {anomaly.code!r} is not that of {anomaly.type}"
        if not 0 <= anomaly.severity <= 1:
            yield f"severity {anomaly.severity} is no number within 0 to 1"
        if not all(np.isfinite(value) for value in anomaly.strength.values()):
            yield "has no measured strength"
    if affected_faces(stored) is None:
        yield "its affected faces are missing or out of range"


@lru_cache(maxsize=4)
def _subject(cache: Path, key: str) -> tuple[StoredShape, Subject] | Finding:
    """A parent, kept for its other anomalies."""
    found = read_stored(cache, key)
    return found if isinstance(found, Finding) else (found, Subject(found.shape))


def _parent(cache: Path, stored: StoredShape) -> Subject | Finding:
    if stored.parent is None:
        return Finding("shape.parent", stored.key, "names no parent")
    found = _subject(cache, stored.parent)
    if isinstance(found, Finding):
        return Finding("shape.parent", stored.key, f"parent {stored.parent}: {found.told}")
    parent, subject = found
    if parent.anomaly is not None or parent.parent is not None:
        return Finding("shape.parent", stored.key, f"parent {stored.parent} is anomalous itself")
    for told in _broken(parent.shape):
        return Finding("shape.parent", stored.key, f"parent {stored.parent}: {told}")
    return subject


def _compared(
    result: CheckedShape,
    anomaly: StoredAnomaly | None,
    subject: Subject,
    odd: Shape,
    affected: Bools,
) -> CheckedShape:
    """anomaly: None where what the shape tells of it is wrong."""
    parent = subject.shape
    diff = compare(parent, odd, affected)
    seen = difference(parent, odd, affected & ~diff.dressed)
    after = Subject(odd)
    strength = measure(subject, after, affected).to_json()
    connected = {name: largest_component_share(shape, CELL * parent.diagonal)
            for name, shape in (("before", parent), ("after", odd))}  # fmt: skip
    area = float(odd.face_areas.sum() / parent.face_areas.sum())
    measured = strength | {
        "affected_share": float(odd.face_areas[affected].sum() / odd.face_areas.sum()),
        "held": connected["after"] / connected["before"],
        "area": area,
        "seen": seen.share,
    }
    severity = None if anomaly is None else anomaly.severity
    traits = _traits(result.kind)
    if traits.breaks_off:
        measured["volume"] = kept_volume(parent, odd)
    told: list[tuple[str, str]] = [
        *(
            _another(subject, odd, diff, affected, anomaly)
            if traits.another_shape
            else _changed(subject, after, diff, affected, result.kind, seen.turned)
        ),
        *_gates(result.kind, severity, odd, measured),
        *_strength(anomaly, strength),
    ]
    findings = (*result.findings, *(Finding(check, result.key, text) for check, text in told))
    return CheckedShape(
        result.key,
        result.parent,
        result.kind,
        findings,
        severity,
        {name: round(value, 6) for name, value in measured.items()},
        tuple(seen.eye.tolist()),
        (None if anomaly is None else anomaly.rejections) or {},
    )


def _changed(
    subject: Subject, odd: Subject, diff: MeshDiff, affected: Bools, kind: str, turned: float
) -> Iterator[tuple[str, str]]:
    """Of an anomaly that is its parent but for the affected faces."""
    yield from _placed(subject.shape, odd.shape, diff, affected, kind)
    yield from _orientation(diff, affected, turned)
    yield from _crossings(subject, odd)


def _another(
    subject: Subject, odd: Shape, diff: MeshDiff, affected: Bools, anomaly: StoredAnomaly | None
) -> Iterator[tuple[str, str]]:
    """Of a look-alike, a shape of its own: nowhere does it have to be its parent to the bit."""
    if not affected.any():
        yield "shape.changed", "equals its parent"
    strayed = ~affected & (diff.excess > MOST_APART)
    if strayed.any():
        worst = diff.excess[strayed].max()
        yield (
            "shape.unchanged",
            f"{strayed.sum()} unaffected faces leave the parent's surface, by up to {worst:.2g} m",
        )
    try:
        low, high = parsed(Between, None if anomaly is None else anomaly.parameters).between
    except WrongData:
        yield "shape.facts", "its parameters do not tell between which distances it must lie"
        return
    pair = align(Form(subject.shape), Form(odd))
    if pair.distance < low * NEARLY:
        yield "shape.look-alike", f"a copy of its parent (Chamfer {pair.distance:.2g} m)"
    elif pair.mirror_distance < low * NEARLY:
        apart = pair.mirror_distance
        yield "shape.look-alike", f"its parent's mirror image (Chamfer {apart:.2g} m)"
    placed = chamfer(Form(subject.shape), Form(odd), np.eye(4))
    if placed * NEARLY > high:
        yield "shape.look-alike", f"another thing than its parent (Chamfer {placed:.2g} m)"


def _placed(
    parent: Shape, odd: Shape, diff: MeshDiff, affected: Bools, kind: str
) -> Iterator[tuple[str, str]]:
    share = justified(parent, odd, diff, affected, LEAST_JUSTIFIED)
    if not affected.any() or (diff.dressed & ~diff.turned).all() and not diff.gone.any():
        yield "shape.changed", "equals its parent"
    elif share < LEAST_JUSTIFIED:
        yield "shape.changed", f"only {share:.0%} of the affected area has changed"
    strayed = ~affected & ~diff.on_parent
    if strayed.any():
        worst = diff.excess[strayed].max()
        yield (
            "shape.unchanged",
            f"{strayed.sum()} unaffected faces leave the parent's surface, by up to {worst:.2g} m",
        )
    undressed = ~affected & diff.on_parent & ~diff.dressed
    if undressed.any():
        yield (
            "shape.unchanged",
            f"{undressed.sum()} unaffected faces have other UVs or another material",
        )
    lost = unexplained_loss(parent, odd, diff, affected, _traits(kind).takes_pieces)
    if lost > MOST_LOST:
        yield "shape.kept", f"{lost:.2%} of the parent's surface is gone far from affected faces"


def _orientation(diff: MeshDiff, affected: Bools, turned: float) -> Iterator[tuple[str, str]]:
    flipped = diff.turned & ~affected
    if flipped.any():
        yield "shape.inside-out", f"{flipped.sum()} unaffected faces look the other way"
    elif (diff.turned & affected).any() and diff.turned[affected].mean() > MOST_TURNED:
        yield "shape.inside-out", f"{diff.turned[affected].sum()} affected faces look the other way"
    elif turned > MOST_TURNED:
        yield "shape.inside-out", f"{turned:.0%} of the changed surface is seen from behind"


def _crossings(subject: Subject, odd: Subject) -> Iterator[tuple[str, str]]:
    length = new_crossing_length(subject, odd) / subject.shape.diagonal
    if length > MOST_CROSSING:
        yield "shape.intersections", f"crosses itself anew along {length:.1%} of its diagonal"


def _gates(
    kind: str, severity: float | None, odd: Shape, measured: dict[str, float]
) -> Iterator[tuple[str, str]]:
    radius = float(np.linalg.norm(odd.vertices, axis=1).max())
    if radius > MAX_RADIUS:
        yield "shape.size", f"reaches {radius:.2f} m from its origin"
    if measured["held"] < LEAST_CONNECTED:
        yield "shape.attached", f"only {measured['held']:.0%} hold together as before"
    volume = measured.get("volume")
    if volume is not None and not VOLUME_KEPT[0] <= volume <= VOLUME_KEPT[1]:
        yield "shape.volume", f"{volume:.0%} of the volume is left"
    traits = _traits(kind)
    if not (traits.breaks_off or traits.another_shape) and measured["area"] < LEAST_LEFT:
        yield "shape.rest", f"only {measured['area']:.0%} of the surface is left"
    asked = 1.0 if severity is None else severity
    types = load_types()
    least = types[kind].least_seen_at(asked) if kind in types else LEAST_SEEN
    if measured["seen"] < LEAST_DIFFERENT:
        yield "shape.visible", f"at most {measured['seen']:.2%} of its silhouette looks different"
    elif measured["visible_share"] < least:
        yield (
            "shape.visible",
            f"a person would notice {measured['visible_share']:.2%} of its silhouette",
        )


def _strength(
    anomaly: StoredAnomaly | None, measured: dict[str, float]
) -> Iterator[tuple[str, str]]:
    if anomaly is None:
        return
    for name, value in measured.items():
        claimed = anomaly.strength.get(name)
        if claimed is None or (abs(claimed - value) > STRENGTH_TOLERANCE * max(1.0, abs(value))):
            yield "shape.strength", f"{name} is {value:.4g}, and stored as {claimed}"
