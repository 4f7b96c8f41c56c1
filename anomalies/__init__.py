"""Anomalies: each takes a normal shape and returns an odd one (paper App. A.1).

All lengths in the modules are metres; shapes are normalised so that their largest |vertex| is .5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from anomalies import (
    bend,
    bump,
    crack,
    deform,
    discoloured,
    dislodged,
    fracture,
    gates,
    look_alike,
    material,
    missing,
    rotate,
    scale,
    translate,
    twist,
)
from anomalies.moved import inapplicable as unmovable
from anomalies.strength import Strength, measure
from anomalies.subject import Subject
from datagen.canonical import canonical
from datagen.shape import Bools, Shape

ATTEMPTS = 10
SUBTLE = 0.5  # of the least that must be noticed, at severity 0
FINE_GRID = 2.0**-22  # metres; unchanged vertices lie on the coarser grid of normal shapes

Draw = Callable[[np.random.Generator, Subject, float], dict[str, Any] | str]
Apply = Callable[[Subject, dict[str, Any]], tuple[Shape, Bools] | str]


@dataclass(frozen=True)
class AnomalyType:
    """code: the published data's name; draw: new JSON-able parameters; apply: use them.

    draw takes the severity, 0 to 1 (anomalies.severity). Both may answer with the name of a
    rejection instead. inapplicable: why the subject cannot have the anomaly at all, or None.
    exempt: gates that ask what only a changed parent must answer for. least_seen: share of the
    silhouette that a person must notice (anomalies.sight) from the normal severity on.
    """

    code: str
    draw: Draw
    apply: Apply
    inapplicable: Callable[[Subject], str | None] = lambda subject: None
    exempt: frozenset[str] = frozenset()
    least_seen: float = gates.LEAST_SEEN

    def least_seen_at(self, severity: float) -> float:
        """The same at any severity: subtle ones may show less."""
        return self.least_seen * float(np.interp(severity, (0, 1 / 3), (SUBTLE, 1)))


@dataclass(frozen=True)
class Anomaly:
    """shape: canonical; affected_faces: (F,) bool over its faces; outside them it is its parent.

    severity: what was asked for; strength: what was measured; rejections: what failed before.
    """

    kind: str
    severity: float
    parameters: dict[str, Any]
    strength: Strength
    shape: Shape
    affected_faces: Bools
    rejections: Counter[str]


@dataclass(frozen=True)
class Rejected:
    """No attempt passed the checks; reasons: how often each one failed.

    applicable: False where the type makes no sense on the shape.
    """

    kind: str
    reasons: Counter[str]
    applicable: bool = True


def _moved(code: str, draw: Draw, apply: Apply) -> AnomalyType:
    return AnomalyType(code, draw, apply, unmovable, least_seen=gates.LEAST_MOVED)


TYPES: dict[str, AnomalyType] = {
    "fracture": AnomalyType("frac", fracture.draw, fracture.apply),
    "crack": AnomalyType("crack", crack.draw, crack.apply, least_seen=gates.LEAST_LINE),
    "dislodged": AnomalyType(
        "crack", dislodged.draw, dislodged.apply, least_seen=gates.LEAST_LOCAL
    ),
    "discoloured": AnomalyType("disc", discoloured.draw, discoloured.apply),
    "bend": AnomalyType("bend", bend.draw, bend.apply, least_seen=gates.LEAST_WHOLE),
    "twist": AnomalyType("twist", twist.draw, twist.apply, least_seen=gates.LEAST_WHOLE),
    "bump": AnomalyType("bump", bump.draw, bump.apply, least_seen=gates.LEAST_LOCAL),
    "deform": AnomalyType("defr", deform.draw, deform.apply, least_seen=gates.LEAST_WHOLE),
    "translate": _moved("tran", translate.draw, translate.apply),
    "rotate": _moved("rota", rotate.draw, rotate.apply),
    "scale": _moved("scal", scale.draw, scale.apply),
    "missing": AnomalyType("miss", missing.draw, missing.apply, missing.inapplicable),
    "material": AnomalyType("mats", material.draw, material.apply, material.inapplicable),
    "look_alike": AnomalyType(
        "diff",
        look_alike.draw,
        look_alike.apply,
        look_alike.inapplicable,
        frozenset({"inside out", "crosses itself"}),
    ),
}


def make_anomaly(
    kind: str,
    subject: Subject,
    rng: np.random.Generator,
    severity: tuple[float, float] = (1 / 3, 2 / 3),
    attempts: int = ATTEMPTS,
) -> Anomaly | Rejected:
    """Draw parameters until the odd shape passes every check (App. A.1), or give up."""
    chosen = TYPES[kind]
    unsuited = chosen.inapplicable(subject)
    if unsuited is not None:
        return Rejected(kind, Counter({unsuited: 1}), applicable=False)
    reasons: Counter[str] = Counter()
    for _ in range(attempts):
        asked = float(rng.uniform(*severity))
        result = _attempt(chosen, subject, rng, asked)
        if isinstance(result, str):
            reasons[result] += 1
            continue
        parameters, odd, affected = result
        strength = measure(subject, odd, affected)
        facts = {
            "type": kind,
            "code": chosen.code,
            "severity": asked,
            "parameters": parameters,
            "strength": strength.to_json(),
        }
        if reasons:
            facts["rejections"] = dict(sorted(reasons.items()))
        shape = replace(odd.shape, info=subject.shape.info | {"anomaly": facts})
        return Anomaly(kind, asked, parameters, strength, shape, affected, reasons)
    return Rejected(kind, reasons)


def _attempt(
    kind: AnomalyType, subject: Subject, rng: np.random.Generator, severity: float
) -> tuple[dict[str, Any], Subject, Bools] | str:
    parameters = kind.draw(rng, subject, severity)
    if isinstance(parameters, str):
        return parameters
    applied = kind.apply(subject, parameters)
    if isinstance(applied, str):
        return applied
    shape, origin = canonical(applied[0], FINE_GRID)
    odd = Subject(shape)
    reason = gates.check(subject, odd, kind.exempt, kind.least_seen_at(severity))
    return reason if reason is not None else (parameters, odd, applied[1][origin])
