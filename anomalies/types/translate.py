"""Translated part: it slides along the rest or along its own axes (App. A.1)."""

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

SLIDES = 8
MAX_SLIDE = 0.6  # of the part's extent along the direction
SLIDE = Scale(0.03, 0.1, 0.4, 0.6)  # metres


def draw(rng: np.random.Generator, subject: Subject, severity: float) -> Parameters | str:
    """part, name; offset: (3,) metres, no longer than the part's own size allows."""
    asked = SLIDE.at(severity)

    def propose(rng: np.random.Generator, joint: Joint, eased: float) -> Iterator[Parameters]:
        points = joint.part.points
        for direction in rng.permutation(_directions(rng, joint)):
            extent = float(np.ptp(points @ direction))
            length = eased * min(asked, MAX_SLIDE * extent)
            yield {"offset": (length * direction).tolist()}

    return draw_motion(rng, subject, propose, to_motion)


def to_motion(parameters: Parameters) -> Motion:
    """The shift by the parameters' offset."""
    return Motion(np.eye(3), np.array(parameters["offset"]))


def apply(subject: Subject, parameters: Parameters) -> tuple[Shape, Bools] | str:
    """Move the part, unless it would come off, sink into the rest, or hardly move."""
    return apply_motion(subject, parameters, to_motion(parameters))


def _directions(rng: np.random.Generator, joint: Joint) -> Floats:
    """(N, 3) unit: along the contact, and both ways along the part's principal axes."""
    normal = joint.normal
    first = np.cross(normal, np.eye(3)[np.argmin(np.abs(normal))])
    first /= np.linalg.norm(first)
    turns = (np.arange(SLIDES) + rng.random()) * 2 * np.pi / SLIDES
    slides = [rotation(normal, turn) @ first for turn in turns]
    points = joint.part.points - joint.part.points.mean(axis=0)
    axes = np.linalg.svd(points, full_matrices=False)[2]
    return np.concatenate([slides, axes, -axes])


TYPE = AnomalyType(
    name="translate",
    code="tran",
    description="A part slides along its joint.",
    draw=draw,
    apply=apply,
    scales={
        "metres, as far as the joint bears it": SLIDE,
    },
    inapplicable=inapplicable,
    least_seen=0.036,  # a part is elsewhere or of another size
    traits=Traits(takes_pieces=True),
)
