"""Fracture: a piece has broken off along the fracture modes, leaving a rough face (App. A.1)."""

from __future__ import annotations

import numpy as np

from anomalies.anomaly_type import AnomalyType, Traits
from anomalies.fracturing.breakage import solid_of
from anomalies.fracturing.crumbs import share, without_crumbs
from anomalies.parameters import Parameters
from anomalies.severity import Scale
from anomalies.subject import Subject
from anomalies.surgery.cut import cut
from anomalies.types.region_choice import draw_region, region_field_of
from datagen.geometry.shape import Bools, Shape

LEAST, MOST = 0.1, 0.9  # of the volume remains (App. A.1)
SPREAD = 1.3  # the share that breaks off is within this factor of what is asked for
ROUGHNESS = (0.006, 0.012)  # of the diagonal
GONE = Scale(0.11, 0.15, 0.4, 0.65)  # of the volume


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> Parameters | str:
    """pieces: the fragments that break off; seed, roughness: of the face that is left."""
    gone = GONE.at(severity)
    return draw_region(rng, subject, gone / SPREAD, gone * SPREAD, ROUGHNESS)


def apply(subject: Subject, parameters: Parameters) -> tuple[Shape, Bools] | str:
    """Keep the side without the fragments; what remains is one component and 10-90 %."""
    phi = without_crumbs(solid_of(subject), region_field_of(subject, parameters), inner=False)
    if phi is None:
        return "falls apart"
    kept = 1 - share(solid_of(subject), phi)
    if kept < LEAST:
        return "takes too much"
    if kept > MOST:
        return "takes too little"
    return cut(subject.shape, solid_of(subject), phi).closed_half(inner=False)


TYPE = AnomalyType(
    name="fracture",
    code="frac",
    description="A piece breaks off along fracture modes; the broken face is rough and looks like "
    "the inside. 10-90 % of the volume stays.",
    draw=draw,
    apply=apply,
    scales={
        "share of the volume that breaks off": GONE,
    },
    traits=Traits(takes_pieces=True, breaks_off=True),
)
