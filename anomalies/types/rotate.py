"""Rotated part: it turns about the middle of its contact with the rest (App. A.1)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from anomalies.anomaly_type import AnomalyType, Traits
from anomalies.parameters import Parameters
from anomalies.parts.joint import Joint, Motion
from anomalies.severity import Scale
from anomalies.subject import Subject
from anomalies.types.part_motion import apply_motion, draw_motion, inapplicable, rotation
from datagen.geometry.shape import Bools, Floats, Shape
from datagen.geometry.surface import random_direction

ANGLE = Scale(0.12, 0.3, 0.4, 0.8)  # radians


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> Parameters | str:
    """part, name; centre: (3,) metres; axis: (3,) unit; angle: radians."""
    angle = ANGLE.at(severity)

    def propose(rng: np.random.Generator, joint: Joint, eased: float) -> Iterator[Parameters]:
        for axis in rng.permutation(_axes(rng, joint.normal)):
            centre = joint.centre.tolist()
            yield {"centre": centre, "axis": axis.tolist(), "angle": eased * angle}

    return draw_motion(rng, subject, propose, to_motion)


def to_motion(parameters: Parameters) -> Motion:
    """The turn by the parameters' angle about their axis through their centre."""
    turn = rotation(np.array(parameters["axis"]), parameters["angle"])
    return Motion.about(turn, np.array(parameters["centre"]))


def apply(subject: Subject, parameters: Parameters) -> tuple[Shape, Bools] | str:
    """Turn the part, unless it would come off, sink into the rest, or hardly move."""
    return apply_motion(subject, parameters, to_motion(parameters))


def _axes(rng: np.random.Generator, normal: Floats) -> Floats:
    """(N, 3) unit: both ways about the contact's normal, four tilts and four others."""
    tilt = np.cross(normal, random_direction(rng))
    tilt /= np.linalg.norm(tilt)
    across = np.cross(normal, tilt)
    axes = [normal, tilt, across, *(random_direction(rng) for _ in range(2))]
    return np.concatenate([axes, np.negative(axes)])


TYPE = AnomalyType(
    name="rotate",
    code="rota",
    description="A part turns about its joint.",
    draw=draw,
    apply=apply,
    scales={
        "radians": ANGLE,
    },
    inapplicable=inapplicable,
    least_seen=0.036,  # a part is elsewhere or of another size
    traits=Traits(takes_pieces=True),
)
