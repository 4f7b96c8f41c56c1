"""What an anomaly type is: all that is to be known of it, beside the functions that make one.

Each lies in a file of its own in anomalies.types; docs/your-anomaly.md shows one of another
package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from anomalies.parameters import Parameters
from anomalies.severity import Scale
from anomalies.subject import Subject
from datagen.geometry.shape import Bools, Shape

SUBTLE = 0.5  # of the least that must be noticed, at severity 0
LEAST_SEEN = 0.018  # of the silhouette is noticed, in the view that shows the change best

Draw = Callable[[np.random.Generator, Subject, float], Parameters | str]
Apply = Callable[[Subject, Parameters], tuple[Shape, Bools] | str]


def always(subject: Subject) -> str | None:
    """Any shape can have the anomaly."""
    return None


@dataclass(frozen=True)
class Traits:
    """What a check of the finished shape may take for granted.

    takes_pieces: whole pieces of the parent may be gone or elsewhere. breaks_off: most of the
    parent may be gone. another_shape: it is no changed parent, so nowhere equal to it to the bit.
    """

    takes_pieces: bool = False
    breaks_off: bool = False
    another_shape: bool = False


@dataclass(frozen=True)
class AnomalyType:
    """One kind of anomaly.

    name: as users type it. code: the published data's. description: a sentence: what is done.
    draw(rng, subject, severity) gives new JSON-able parameters, severity from 0 to 1;
    apply(subject, parameters) the odd shape and (F,) bool over its faces, which were affected.
    Both may answer with the name of a rejection instead.
    scales: the parameters that severity sets, by name and unit.
    inapplicable: why the subject cannot have the anomaly at all, or None.
    exempt: gates (anomalies.checks.gates) that ask what only a changed parent must answer for.
    least_seen: share of the silhouette that a person must notice (anomalies.checks.visibility)
    from the normal severity on.
    needs_look_alikes: whether it is of use only where look-alikes can be had.
    """

    name: str
    code: str
    description: str
    draw: Draw
    apply: Apply
    scales: Mapping[str, Scale] = field(default_factory=dict)
    inapplicable: Callable[[Subject], str | None] = always
    exempt: frozenset[str] = frozenset()
    least_seen: float = LEAST_SEEN
    needs_look_alikes: bool = False
    traits: Traits = Traits()

    def least_seen_at(self, severity: float) -> float:
        """The same at any severity: subtle ones may show less."""
        return self.least_seen * float(np.interp(severity, (0, 1 / 3), (SUBTLE, 1)))
