"""Makes one anomaly of a shape: draws until every check is passed (paper App. A.1).

All lengths are metres; shapes are normalised so that their largest |vertex| is .5.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np

from anomalies import load_type
from anomalies.anomaly_type import AnomalyType
from anomalies.checks import gates
from anomalies.checks.strength import Strength, measure
from anomalies.parameters import Parameters
from anomalies.subject import Subject
from datagen.base.typed import LEFT_OUT, plain
from datagen.geometry.canonical import canonical
from datagen.geometry.shape import Bools, Shape

ATTEMPTS = 10
FINE_GRID = 2.0**-22  # metres; unchanged vertices lie on the coarser grid of normal shapes


@dataclass(frozen=True)
class Anomaly:
    """An odd shape that has passed every check, and how it came to be.

    Attributes:
        kind: Name of its type.
        severity: What was asked for, from 0 to 1.
        parameters: What was drawn; JSON-able, the type's own.
        strength: What was measured (anomalies.checks.strength).
        shape: The odd shape, canonical; its `info["anomaly"]` holds all of this too.
        affected_faces: (F,) bool over the shape's faces; outside them it is its parent.
        rejections: What failed before, and how often.
    """

    kind: str
    severity: float
    parameters: Parameters
    strength: Strength
    shape: Shape
    affected_faces: Bools
    rejections: Counter[str]


@dataclass(frozen=True)
class StoredAnomaly:
    """What is stored with an odd shape: `anomaly` in its info.

    code: the published data's. strength: by the fields of Strength, rounded. rejections: how often
    what failed before it was made.
    """

    type: str
    code: str
    severity: float
    parameters: Parameters
    strength: dict[str, float]
    rejections: Annotated[dict[str, int] | None, LEFT_OUT] = None


@dataclass(frozen=True)
class Rejected:
    """No odd shape: the type does not suit the subject, or no attempt passed the checks.

    Attributes:
        kind: Name of the type.
        reasons: Names of the rejections, and how often each occurred.
        applicable: False where the type makes no sense on the shape; nothing was tried then.
    """

    kind: str
    reasons: Counter[str]
    applicable: bool = True


def make_anomaly(
    kind: str,
    subject: Subject,
    rng: np.random.Generator,
    severity: tuple[float, float] = (1 / 3, 2 / 3),
    attempts: int = ATTEMPTS,
) -> Anomaly | Rejected:
    """Draw parameters until the odd shape passes every check (App. A.1), or give up.

    Args:
        kind: Name of an anomaly type, one of type_names.
        subject: The normal shape.
        rng: All randomness comes from it: the same state gives the same anomaly.
        severity: The range, within 0 to 1, that a severity is drawn from in every attempt.
        attempts: How many.

    Returns:
        The anomaly, or why there is none.

    Raises:
        OddgenError: Where there is no such type, or it cannot be loaded.
    """
    chosen = load_type(kind)
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
        failed = dict(sorted(reasons.items())) or None
        facts = StoredAnomaly(kind, chosen.code, asked, parameters, strength.to_json(), failed)
        shape = replace(odd.shape, info=subject.shape.info | {"anomaly": plain(facts)})
        return Anomaly(kind, asked, parameters, strength, shape, affected, reasons)
    return Rejected(kind, reasons)


def _attempt(
    kind: AnomalyType, subject: Subject, rng: np.random.Generator, severity: float
) -> tuple[Parameters, Subject, Bools] | str:
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
