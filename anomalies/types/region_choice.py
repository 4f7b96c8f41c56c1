"""Which region a fracture, crack, dislodged fragment or stain takes, and how it ends there.

Its parameters name the region's fragments `pieces` (anomalies.fracturing.fragments).
"""

from __future__ import annotations

import numpy as np

from anomalies.fracturing.breakage import modes_of, solid_of
from anomalies.fracturing.fragments import fragments_of, region
from anomalies.fracturing.region import region_field
from anomalies.parameters import Parameters
from anomalies.subject import Subject, once
from anomalies.surgery.scalar_grid import Grid


def draw_region(
    rng: np.random.Generator,
    subject: Subject,
    low: float,
    high: float,
    roughness: tuple[float, float],
) -> Parameters | str:
    """pieces: those of a region with low to high of the volume; seed, roughness: its boundary's.

    roughness is drawn between the two values given, fractions of the diagonal. A rejection where
    no region has that volume.
    """
    pieces = region(rng, fragments_of(subject), low, high)
    if pieces is None:
        return "no region of that size"
    return {
        "pieces": pieces,
        "seed": int(rng.integers(2**31)),
        "roughness": float(rng.uniform(*roughness)),
    }


def region_field_of(subject: Subject, parameters: Parameters) -> Grid:
    """Negative in the region of draw_region's parameters, zero on its rough boundary.

    On the grid of the subject's solid; near zero about a distance in metres.
    """
    wanted = repr([parameters[name] for name in ("pieces", "seed", "roughness")])
    kept = _last_field(subject)
    if wanted not in kept:
        kept.clear()
        chosen = fragments_of(subject).chosen(parameters["pieces"])
        kept[wanted] = region_field(
            solid_of(subject), modes_of(subject), chosen, parameters["seed"],
            parameters["roughness"],
        )  # fmt: skip
    return kept[wanted]


@once
def _last_field(subject: Subject) -> dict[str, Grid]:
    """What region_field_of gave last, by its parameters."""
    return {}
