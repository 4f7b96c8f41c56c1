"""A shape's solid and fracture modes, worked out once and stored beside the shape.

What is handed out is always what the file holds, so that nothing depends on the cache.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np

from anomalies.fracturing import fracture_modes, solid
from anomalies.fracturing.fracture_modes import FractureModes
from anomalies.subject import Subject, once
from anomalies.surgery.scalar_grid import Grid

VERSION = 4  # of solids and modes


@once
def solid_of(subject: Subject) -> Grid:
    """Signed distance of the solid that the shape stands for, metres, negative inside.

    Worked out by anomalies.fracturing.solid.
    """
    shape = subject.shape
    return solid.from_bytes(
        _stored(subject, "solid", lambda: solid.to_bytes(solid.signed_distance(shape)))
    )


@once
def modes_of(subject: Subject) -> FractureModes:
    """The fracture modes (anomalies.fracturing.fracture_modes) of the subject's solid."""
    body = solid_of(subject)

    def work_out() -> bytes:
        rng = np.random.default_rng(zlib.crc32(body.values.tobytes()))
        return fracture_modes.to_bytes(fracture_modes.fracture_modes(body, rng))

    return fracture_modes.from_bytes(_stored(subject, "modes", work_out))


def _stored(subject: Subject, name: str, work_out: Callable[[], bytes]) -> bytes:
    """What is stored beside the subject's shape under that name, worked out where nothing is."""
    if subject.cache is None:
        return work_out()
    return subject.cache.beside(subject.shape, f"{name}{VERSION}", work_out)
