"""The parts of a subject, necks included."""

from __future__ import annotations

from anomalies.fracturing.breakage import modes_of, solid_of
from anomalies.parts.necks import find_necks
from anomalies.parts.parts import Parts, find_parts
from anomalies.subject import Subject, once


@once
def parts_of(subject: Subject) -> Parts:
    """The subject's parts; where it is one piece, what thin necks hold, as fracture modes tell."""
    return find_parts(
        subject.shape,
        lambda: find_necks(subject.shape, solid_of(subject), modes_of(subject)),
    )
