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
    """None: any shape can have the anomaly."""
    return None


@dataclass(frozen=True)
class Traits:
    """What `oddgen validate` may take for granted of a finished odd shape.

    Attributes:
        takes_pieces: Whole pieces of the parent, connected components of its surface, may be gone
            or elsewhere. Else a loss that no affected face explains is a finding.
        breaks_off: Most of the parent may be gone; then 10 to 90 % of its volume must be left.
            Else 40 % of its surface must be.
        another_shape: It is no changed parent, so nowhere equal to it to the bit. Else every face
            that is not affected must be its parent's.
    """

    takes_pieces: bool = False
    breaks_off: bool = False
    another_shape: bool = False


@dataclass(frozen=True)
class AnomalyType:
    """One kind of anomaly (App. A.1): how it is drawn, made, checked and told of.

    make_anomaly asks `inapplicable` once, then calls `draw`, `apply` and the gates
    (anomalies.checks.gates) until an odd shape passes all of them.

    Attributes:
        name: As users type it (`--type`, `--anomalies`) and as it is stored with every odd shape;
            also the name of its entry point.
        code: What `oddgen export --format published` calls it in file names: lower-case letters,
            those of the published data where it has such an anomaly.
        description: A sentence: what is done to the shape. For documentation and lists.
        draw: Called with a numpy Generator, the Subject and a severity from 0 to 1; gives JSON-able
            parameters, which are stored and all that `apply` knows, or the name of a rejection
            such as "no region". All randomness must come from the generator.
        apply: Called with the Subject and the parameters; gives the odd Shape and (F,) bool over
            its faces, which were affected, or the name of a rejection. Faces that are not affected
            must stay as they are, to 1e-6 m. The same arguments must always give the same.
        scales: The parameters that severity sets, by name and unit. For documentation and lists;
            `draw` reads its own.
        inapplicable: Called with the Subject; tells why it cannot have the anomaly at all, so that
            no attempt is made, or None.
        exempt: Names of gates that are not asked, since only a changed parent must answer them.
        least_seen: Share of the silhouette, 0 to 1, that a person must notice in the best view
            (anomalies.checks.visibility) from the normal severity on; less is rejected as
            "not visible".
        needs_look_alikes: Whether it is of use only where look-alikes can be had: with a library
            of them, or for built-in shapes. Where not, it is none of the default types.
        traits: What `oddgen validate` may take for granted of a finished shape.
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
        """The same at any severity: subtle ones may show less.

        Args:
            severity: From 0 to 1.

        Returns:
            The share: half of least_seen at 0, all of it from 1/3 on, linear in between.
        """
        return self.least_seen * float(np.interp(severity, (0, 1 / 3), (SUBTLE, 1)))
