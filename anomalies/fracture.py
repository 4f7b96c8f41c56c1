"""Fracture: a piece has broken off along the fracture modes, leaving a rough face (App. A.1)."""

from __future__ import annotations

from typing import Any

import numpy as np

from anomalies.crumbs import share, without_crumbs
from anomalies.cut import cut
from anomalies.fragments import draw_region, region_field_of
from anomalies.severity import scaled
from anomalies.subject import Subject
from datagen.shape import Bools, Shape

LEAST, MOST = 0.1, 0.9  # of the volume remains (App. A.1)
SPREAD = 1.3  # the share that breaks off is within this factor of what is asked for
ROUGHNESS = (0.006, 0.012)  # of the diagonal


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> dict[str, Any] | str:
    """pieces: atomic pieces that break off; seed, roughness: of the face that is left."""
    gone = scaled(severity, 0.11, 0.15, 0.4, 0.65)
    return draw_region(rng, subject, gone / SPREAD, gone * SPREAD, ROUGHNESS)


def apply(subject: Subject, parameters: dict[str, Any]) -> tuple[Shape, Bools] | str:
    """Keep the side without the pieces; what remains hangs together and is 10-90 %."""
    phi = without_crumbs(subject.solid, region_field_of(subject, parameters), inner=False)
    if phi is None:
        return "falls apart"
    kept = 1 - share(subject.solid, phi)
    if kept < LEAST:
        return "takes too much"
    if kept > MOST:
        return "takes too little"
    return cut(subject.shape, subject.solid, phi).piece(inner=False)
