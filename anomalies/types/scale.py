"""Scaled part: smaller or larger about its contact, so that it stays attached (App. A.1)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from anomalies.anomaly_type import AnomalyType, Traits
from anomalies.parameters import Parameters
from anomalies.parts.joint import Joint, Motion
from anomalies.severity import Scale
from anomalies.subject import Subject
from anomalies.types.part_motion import apply_motion, draw_motion, inapplicable
from datagen.geometry.shape import Bools, Shape

CENTRES = 5
FACTOR = Scale(0.92, 0.8, 0.7, 0.5)


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> Parameters | str:
    """part, name; centre: (3,) metres; factor: below 1 shrinks the part."""
    asked = FACTOR.at(severity)

    def propose(rng: np.random.Generator, joint: Joint, eased: float) -> Iterator[Parameters]:
        factor = asked**eased
        points = joint.touching
        centres = [joint.centre, *points[rng.integers(len(points), size=CENTRES - 1)]]
        for larger in rng.permutation([False, True]):
            for centre in centres:
                yield {"centre": centre.tolist(), "factor": float(1 / factor if larger else factor)}

    return draw_motion(rng, subject, propose, to_motion)


def to_motion(parameters: Parameters) -> Motion:
    """The scaling by the parameters' factor about their centre."""
    return Motion.about(parameters["factor"] * np.eye(3), np.array(parameters["centre"]))


def apply(subject: Subject, parameters: Parameters) -> tuple[Shape, Bools] | str:
    """Scale the part, unless it would come off, sink into the rest, or hardly change."""
    return apply_motion(subject, parameters, to_motion(parameters))


TYPE = AnomalyType(
    name="scale",
    code="scal",
    description="A part is smaller or larger, about its joint.",
    draw=draw,
    apply=apply,
    scales={
        "factor, or one over it": FACTOR,
    },
    inapplicable=inapplicable,
    least_seen=0.036,  # a part is elsewhere or of another size
    traits=Traits(takes_pieces=True),
)
