"""A shape's solid and fracture modes, worked out once and stored beside the shape.

What is handed out is always what the file holds, so that nothing depends on the cache.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from anomalies import fracture_modes, solid
from anomalies.fracture_modes import FractureModes
from anomalies.grid import Grid
from datagen.shape import Shape

if TYPE_CHECKING:
    from datagen.cache import ShapeCache

VERSION = 4  # of solids and modes


def solid_of(shape: Shape, cache: ShapeCache | None = None) -> Grid:
    """Signed distance, metres, negative inside (anomalies.solid)."""
    return solid.from_bytes(
        _stored(shape, cache, "solid", lambda: solid.to_bytes(solid.solid_of(shape)))
    )


def modes_of(shape: Shape, body: Grid, cache: ShapeCache | None = None) -> FractureModes:
    """The fracture modes (anomalies.fracture_modes) of the shape's solid."""

    def work_out() -> bytes:
        rng = np.random.default_rng(zlib.crc32(body.values.tobytes()))
        return fracture_modes.to_bytes(fracture_modes.fracture_modes(body, rng))

    return fracture_modes.from_bytes(_stored(shape, cache, "modes", work_out))


def _stored(
    shape: Shape, cache: ShapeCache | None, name: str, work_out: Callable[[], bytes]
) -> bytes:
    return work_out() if cache is None else cache.beside(shape, f"{name}{VERSION}", work_out)
