"""Anomalies: each takes a normal shape and returns an odd one (paper App. A.1).

All lengths in the modules are metres; shapes are normalised so that their largest |vertex| is .5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from anomalies import bend, bump, gates, material, missing, twist
from datagen.shape import Bools, Shape

Draw = Callable[[np.random.Generator, Shape], dict[str, Any] | str]
Apply = Callable[[Shape, dict[str, Any]], tuple[Shape, Bools] | str]


@dataclass(frozen=True)
class AnomalyType:
    """code: the published data's name; draw: new JSON-able parameters; apply: use them.

    Both may answer with the name of a rejection instead.
    """

    code: str
    draw: Draw
    apply: Apply


@dataclass(frozen=True)
class Anomaly:
    """affected_faces: (F,) bool over the odd shape's faces; rejections: what failed before."""

    kind: str
    parameters: dict[str, Any]
    shape: Shape
    affected_faces: Bools
    rejections: Counter[str]


@dataclass(frozen=True)
class Rejected:
    """No attempt passed the checks; reasons: how often each one failed."""

    kind: str
    reasons: Counter[str]


TYPES: dict[str, AnomalyType] = {
    "bend": AnomalyType("bend", bend.draw, bend.apply),
    "twist": AnomalyType("twist", twist.draw, twist.apply),
    "bump": AnomalyType("bump", bump.draw, bump.apply),
    "missing": AnomalyType("miss", missing.draw, missing.apply),
    "material": AnomalyType("mats", material.draw, material.apply),
}


def _attempt(
    kind: AnomalyType, shape: Shape, rng: np.random.Generator
) -> tuple[dict[str, Any], Shape, Bools] | str:
    parameters = kind.draw(rng, shape)
    if isinstance(parameters, str):
        return parameters
    applied = kind.apply(shape, parameters)
    if isinstance(applied, str):
        return applied
    odd, affected = applied
    reason = gates.check(shape, odd)
    return reason if reason is not None else (parameters, odd, affected)


def make_anomaly(
    kind: str, shape: Shape, rng: np.random.Generator, attempts: int = 12
) -> Anomaly | Rejected:
    """Draw parameters until the odd shape passes every check (App. A.1), or give up."""
    chosen = TYPES[kind]
    reasons: Counter[str] = Counter()
    for _ in range(attempts):
        result = _attempt(chosen, shape, rng)
        if isinstance(result, str):
            reasons[result] += 1
            if result == "no usable part":
                break
            continue
        parameters, odd, affected = result
        facts = {"type": kind, "parameters": parameters, "code": chosen.code}
        odd = replace(odd, info=shape.info | {"anomaly": facts})
        return Anomaly(kind, parameters, odd, affected, reasons)
    return Rejected(kind, reasons)
